import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { read, ROOT } from './source.js';

it('ARCHITECTURE.md describes every directory of src, and no other', () => {
  const [, table = ''] = read('ARCHITECTURE.md').split(/<!-- \/?directories -->/);
  const described = [...table.matchAll(/^\| `([a-z]+)\/`/gm)].map(([, name]) => name);
  const directories = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(new Set(described)).toEqual(new Set(directories));
});

it('ARCHITECTURE.md names only files and directories that exist', () => {
  const [, start = ''] = read('ARCHITECTURE.md').split('## Where to start');
  const named = [...start.matchAll(/`((?:[a-z-]+\/)+[a-z-]*(?:\.[a-z.]+)?)`/g)].map(([, path = '']) => path);
  const inSrc = new Set(readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }));
  const inRoot = (path: string): boolean => {
    try {
      read(path);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EISDIR';
    }
  };
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !inSrc.has(path.replace(/\/$/, '')) && !inRoot(path))).toEqual([]);
});
