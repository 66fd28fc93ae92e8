import { parsers } from 'prettier/plugins/markdown';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** Nodes that may contain text. Emphasis, links, code, mathematics and others may not. */
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
 * Parses GitHub-flavoured Markdown as a renderer does.
 * @returns for every paragraph, heading and cell, its stretches of text between tags
 * @throws if there is any formatting
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

/** The text that a user copies from HTML with numeric entities only. */
export function copied(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
