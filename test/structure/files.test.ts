import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportsOf, read, ROOT, sourceFiles } from './source.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const GENERATED = 'src/config/flagops-schema.ts';

describe('the files of the project', () => {
  it('no file in src has more than 300 lines', () => {
    const long = sourceFiles().filter((path) => path !== GENERATED && read(path).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('each exported name is defined in one source file', () => {
    const files = new Map<string, string[]>();
    for (const path of sourceFiles()) {
      if (path === GENERATED) continue;
      for (const name of exportsOf(path)) files.set(name, [...(files.get(name) ?? []), path]);
    }
    expect(files.size).toBeGreaterThan(500);
    expect([...files].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});

it('modules that tests share register no hooks when they are loaded', () => {
  const shared = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  // A hook would be registered only for the first test file that loads the module. atEndOfFile works in all.
  const hook = /^(?:before|after)(?:All|Each)\(/m;
  expect(shared.filter((path) => hook.test(read(join('test', path))))).toEqual([]);
});

describe('the dependencies', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;

  it('dependencies are pinned exactly', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('the lock file does not name the registry that dependencies came from', () => {
    const lock = read('package-lock.json');
    expect(/"resolved": "[^"]*:/.test(lock)).toBe(false);
    expect(lock.includes('"integrity"')).toBe(true);
  });
});
