import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceLines } from '../../src/planning/source-lines.js';
import { type Run, runCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const BROKEN = `project: storefront
environment: production
users:
  alice: {checkout-v2:true}
`;
const EXCERPT = '  4 |   alice: {checkout-v2:true}\n    |           ^\n';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'overrides'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  return folder;
}

describe('the line of the file below an error', () => {
  const cwd = folderWith({ 'overrides/a.yaml': BROKEN });
  const run = (...args: string[]): Promise<Run> => runCli(args, { cwd, env: { CI: 'true' } });

  it('is in the text of validate', async () => {
    const { code, stdout } = await run('validate');
    expect(code).toBe(1);
    expect(stdout).toBe(
      `overrides/a.yaml:4:11 bad-value "checkout-v2:true" is read as a key without a value (write a space after the colon: checkout-v2: true)\n${EXCERPT}invalid: 1 error in 1 file\n`,
    );
  });

  it.each([['plan'], ['apply'], ['drift'], ['list'], ['matrix'], ['import']])(
    'is in the error of %s',
    async (command) => {
      const { code, stderr } = await run(command);
      expect(code).toBe(1);
      expect(stderr).toContain(`\n${EXCERPT}error: the declarations are not valid`);
    },
  );

  it('is not in JSON or in a file', async () => {
    const json = await run('validate', '--format', 'json');
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual([
      'errors',
      'warnings',
      'files',
      'overrides',
      'soon',
      'diagnostics',
    ]);
    expect(json.stdout).not.toContain('^');
    expect((await run('validate', '--out', 'result.txt')).stdout).toBe('');
    expect(readFileSync(join(cwd, 'result.txt'), 'utf8')).toMatch(
      /^overrides\/a\.yaml:4:11 .*\ninvalid: 1 error in 1 file\n$/,
    );
  });
});

it('the error of a configuration names the configuration and shows its line', async () => {
  const cwd = folderWith({ 'flagops.yaml': 'version: 1\nrate: { reserve: 10 }\n' });
  const { stderr } = await runCli(['plan'], { cwd });
  expect(stderr).toBe(
    'flagops.yaml:2:18 wrong-type 10 is read as a number, but must be text (write 10%)\n' +
      '  2 | rate: { reserve: 10 }\n    |                  ^\n' +
      'error: the configuration is not valid (fix the errors above, then run this again)\n',
  );
});

it('the error of a seed shows its line', async () => {
  const cwd = folderWith({ 'seed.yaml': '# A seed.\nprojcts: {}\n' });
  const { stderr } = await runCli(['simulate', '--port', '0', '--seed', join(cwd, 'seed.yaml')], { cwd });
  expect(stderr).toContain('\n  2 | projcts: {}\n    | ^\n');
});

describe('the lines of a file', () => {
  it('are counted from 1 and end before their line feed', () => {
    const lines = sourceLines(folderWith({ 'a.yaml': 'one\n\nthree' }));
    const shown = [0, 1, 2, 3, 4].map((line) => lines({ file: 'a.yaml', line, col: 1 }));
    expect(shown).toEqual([undefined, 'one', '', 'three', undefined]);
  });

  it.each([
    ['a file outside the repository', 'link.yaml'],
    ['a folder', 'overrides'],
    ['no file', 'none.yaml'],
    ['a file that is not text', 'binary.yaml'],
  ])('are not read from %s', (_, file) => {
    const root = folderWith({ 'binary.yaml': 'a\0b' });
    symlinkSync(join(folderWith({ 'secret.txt': 'secret' }), 'secret.txt'), join(root, 'link.yaml'));
    expect(sourceLines(root)({ file, line: 1, col: 1 })).toBeUndefined();
  });
});
