import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exampleComment } from '../../docs/picture/comment.js';
import { ACTION, CLI } from '../support/built.js';

const ROOT = join(import.meta.dirname, '../..');
const IMAGES = join(ROOT, 'docs/images');

it('the picture in the README is of the comment that the Action writes (npm run picture)', async () => {
  const pictured = readFileSync(join(IMAGES, 'comment.md'), 'utf8');
  const comment = await exampleComment(CLI, [join(ACTION, 'index.js')]);
  expect(withoutIds(pictured)).toBe(withoutIds(comment));
});

it('the README shows the picture for light and for dark pages, with its first line as text', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [status = ''] = /merging will .*/.exec(readFileSync(join(IMAGES, 'comment.md'), 'utf8')) ?? [];
  expect(readme).toContain(
    '<source media="(prefers-color-scheme: dark)" srcset="docs/images/comment-dark.png">',
  );
  expect(readme).toMatch(/<img src="docs\/images\/comment-light\.png" .*alt="[^"]*"/);
  expect(status).not.toBe('');
  expect(readme).toContain(status);
  for (const scheme of ['light', 'dark']) {
    const picture = readFileSync(join(IMAGES, `comment-${scheme}.png`));
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
  }
});

/** Replaces ids of commits, the fingerprint, the marker and dates, which differ in every run. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{12,64}\b/g, 'ID')
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b/g, 'DATE');
}
