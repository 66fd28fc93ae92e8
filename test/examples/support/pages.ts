import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The pages whose code is tested: the README, and everything in `docs`. Paths relative to the project. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .toSorted(),
];

/** A fenced block of code. */
export interface Block {
  readonly page: string;
  /** The word after the fence; empty without one. */
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly text: string;
}

/** All blocks of code of a page, in order. Those in lists are indented. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```([^\s`]*)[^\n]*\n([^]*?)^\1```$/gm)].map(
    ([, indentation = '', language = '', body = '']) => ({
      page,
      language,
      text: body.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
    }),
  );
}

/** The only block of a language on a page that contains some text; throws if there is none or another one. */
export function blockOf(page: string, language: string, containing = ''): string {
  const found = blocksOf(page).filter(
    (block) => block.language === language && block.text.includes(containing),
  );
  const [block] = found;
  if (block === undefined || found.length > 1)
    throw new Error(`${page} has ${found.length} ${language} blocks that contain ${containing}`);
  return block.text;
}
