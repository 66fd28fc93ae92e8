import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_NAME } from '../../src/config/find.js';
import { runCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';
import { read } from './source.js';

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

const hooks = parse(read('.pre-commit-hooks.yaml')) as readonly Hook[];

it('the hook starts the command of the package, without the names of files', () => {
  expect(hooks.map(({ id }) => id)).toEqual(['flagops-validate']);
  const { bin } = JSON.parse(read('package.json')) as { bin: Readonly<Record<string, string>> };
  for (const { entry, language, pass_filenames: passes } of hooks) {
    expect(Object.keys(bin)).toContain(entry.split(' ')[0]);
    expect([language, passes]).toEqual(['node', false]);
  }
});

it.each([
  [CONFIG_NAME, true],
  ['teams/web/flagops.yaml', true],
  ['overrides/a.yaml', true],
  ['overrides/production/deep/a.yml', true],
  ['teams/web/overrides/a.yaml', true],
  ['.gitattributes', true],
  ['overrides/.gitattributes', true],
  ['README.md', false],
  ['src/overrides.yaml', false],
  ['overrides/notes.md', false],
])('the hook runs if %s changes: %s', (path, expected) => {
  expect(hooks.map(({ files }) => new RegExp(files).test(path))).toEqual([expected]);
});

it('the command of the hook succeeds for a valid declaration and fails for another', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'overrides'));
  const [, ...args] = hooks[0]?.entry.split(' ') ?? [];
  const scope = 'project: storefront\nenvironment: production\n';
  writeFileSync(join(cwd, 'overrides/a.yaml'), `${scope}users: { alice: { theme: dark } }\n`);
  expect((await runCli(args, { cwd })).code).toBe(0);
  writeFileSync(join(cwd, 'overrides/b.yaml'), `${scope}users: { alice: { theme: light } }\n`);
  expect((await runCli(args, { cwd })).code).toBe(1);
});
