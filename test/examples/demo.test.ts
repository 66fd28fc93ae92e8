import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isolated } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const ROOT = join(import.meta.dirname, '../..');

it('the demo runs from the declarations to the audit log and leaves no files behind', () => {
  const temporary = temporaryFolder();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'examples/demo.ts')],
    { cwd: ROOT, encoding: 'utf8', env: isolated({ TMPDIR: temporary }) },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const commands = stdout.split('\n').filter((line) => line.startsWith('$ flagops '));
  expect(commands).toEqual([
    '$ flagops simulate --port 0',
    '$ flagops validate',
    '$ flagops plan --detailed-exitcode',
    '$ flagops apply --yes',
    '$ flagops plan --detailed-exitcode',
    '$ flagops apply --yes',
    '$ flagops plan --detailed-exitcode',
  ]);
  expect(stdout).toContain('Plan: 1 to add, 1 to update, 1 to remove.');
  expect(stdout).toContain('No difference: live matches the declarations.');
  expect(stdout).toMatch(
    /\nBeta: Dana joins.* \(#21\) \([0-9a-f]{12} by Dana\)\n {2}production checkout-v2: Removed/,
  );
  expect(stdout).not.toContain('\u001B');
  expect(readdirSync(temporary).filter((name) => name.startsWith('flagops-'))).toEqual([]);
});
