import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { read, ROOT } from './source.js';

const [model = '', promises = ''] = read('SECURITY.md').split('\n## What flagops promises\n');

/** The promises, each from its bullet to the next one or the next heading. */
const claims = promises
  .split(/\n(?=- |#)/)
  .filter((part) => part.startsWith('- '))
  .map((part) => part.trim());

it('SECURITY.md says how to report, which versions are supported, and what is trusted', () => {
  const headings = [...model.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(['Report a vulnerability', 'Supported versions', 'Threat model']);
});

it('SECURITY.md names a test for each promise', () => {
  expect(claims.length).toBeGreaterThan(20);
  const unproven = claims.filter((claim) => !/\n {2}Tests: `test\/[\w/-]+\.test\.ts`/.test(claim));
  expect(unproven).toEqual([]);
});

it('SECURITY.md names only tests that exist', () => {
  const named = [...promises.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(claims.length);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
