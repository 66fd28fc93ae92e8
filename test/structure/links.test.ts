import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { describedProgram } from '../../docs/generate/commands.js';
import { completionTree } from '../../src/cli/completion/tree.js';
import { read, ROOT } from './source.js';

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

it.each(PAGES)('every link of %s leads to a file and a heading', (path) => {
  const text = read(path).replaceAll(/^```[^]*?^```$/gm, '');
  const links = [...text.matchAll(/\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
  const broken = links.flatMap(([link, file = '', anchor]) => {
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(ROOT, target))) return [link];
    return anchor === undefined || anchorsOf(read(target)).has(anchor) ? [] : [link];
  });
  expect(broken).toEqual([]);
});

it('every guide and every page of the reference is linked from docs/README.md', () => {
  const index = read('docs/README.md');
  const pages = PAGES.filter((path) => /^docs\/(?:reference\/)?(?!README)[^/]+\.md$/.test(path));
  expect(pages.length).toBeGreaterThan(15);
  for (const page of pages) expect(index).toContain(`](${page.slice('docs/'.length)})`);
});

it('every command has one line in the table of the README', () => {
  const rows = [...read('README.md').matchAll(/^\| `flagops ([a-z]+)` +\|/gm)].map(([, name = '']) => name);
  const commands = completionTree(describedProgram()).commands.map(({ name }) => name);
  // `completion` and `help` are about the command line itself; the text below the table has them.
  const expected = commands.filter((name) => name !== 'completion' && name !== 'help');
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

it('the README has at most 200 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
});
