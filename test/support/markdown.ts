import { parsers } from 'prettier/plugins/markdown';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** What may be on the way to a text, or beside it. Emphasis, links, code, mathematics and the like may not. */
const PLAIN = new Set([
  'root',
  'paragraph',
  'blockquote',
  'list',
  'listItem',
  'heading',
  'table',
  'tableRow',
]);
const HARMLESS = /^<\/?(?:code|span)>$/;

/**
 * Reads GitHub-flavoured Markdown as a renderer does.
 * @returns the stretches of text, between two tags each, of every paragraph, heading and cell
 * @throws where anything but text is formatted
 */
export async function textsOf(markdown: string): Promise<string[][]> {
  const root = (await parsers.markdown.parse(markdown, {} as never)) as Node;
  const found: string[][] = [];
  const visit = (node: Node): void => {
    const children = node.children ?? [];
    if (children.every(({ type }) => type === 'text' || type === 'html')) {
      for (const { type, value = '' } of children)
        if (type === 'html' && !HARMLESS.test(value)) throw new Error(`HTML: ${value}`);
      found.push(children.flatMap(({ type, value = '' }) => (type === 'text' ? [value] : [])));
    } else if (PLAIN.has(node.type)) for (const child of children) visit(child);
    else throw new Error(`formatted as ${node.type}`);
  };
  visit(root);
  return found;
}

/** What is copied from HTML that holds no entities but numbers. */
export function copied(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
