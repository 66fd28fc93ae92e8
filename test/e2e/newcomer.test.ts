import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI, runCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';
import { overrides, startWorld } from '../support/world.js';

it.concurrent('in an empty folder every command says how to start', async () => {
  const cwd = temporaryFolder();
  for (const command of ['validate', 'plan', 'apply']) {
    const run = await runCli([command], { cwd });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /^error: no file matches overrides\/.* in \/.* \(write overrides\/example\.yaml/m,
    );
  }
});

it.concurrent(
  'flagops without arguments prints its help, and a typo in a command or option suggests the nearest name',
  async () => {
    const cwd = temporaryFolder();
    const run = (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
      runCli(args, { cwd });
    const alone = await run();
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('Usage: flagops');
    const help = await run('--help');
    expect(help.stdout).toBe(alone.stderr);
    expect(help.stdout).toMatch(/LAUNCHDARKLY_ACCESS_TOKEN.*Exit codes:/s);
    expect((await run('apply', '--help')).stdout).not.toMatch(/default: (?:false|\[\])/);

    const command = await run('aply');
    expect(command).toMatchObject({ code: 1, stdout: '' });
    expect(command.stderr).toMatch(/^error: unknown command 'aply'/);
    expect(command.stderr).toBe("error: unknown command 'aply' (did you mean apply?)\n");
    expect((await run('plan', '--enviroment', 'x')).stderr).toBe(
      "error: unknown option '--enviroment' (did you mean --environment?)\n",
    );
    const format = await run('plan', '--format', 'yaml');
    expect(format.code).toBe(1);
    expect(format.stderr).toMatch(/^error: .*'yaml' is invalid.*text, json, markdown/);
  },
);

it.concurrent('a command gives the same result in any folder of a repository', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) } });
  const below = join(world.repo.path, 'deep', 'down');
  mkdirSync(below, { recursive: true });
  const plan = await world.run(['plan', '--detailed-exitcode'], { cwd: below });
  expect(plan.code).toBe(2);
  expect(plan.stdout).toContain('overrides/a.yaml:5\n');
});

it.concurrent('a reader that closes the pipe early is not an error', async () => {
  const users = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`user-${index}`, { theme: 'dark' }]),
  );
  const world = await startWorld({ files: { 'overrides/a.yaml': overrides(users) } });
  const command = `"${process.execPath}" "${CLI}" plan --format json | head -1; echo "code \${PIPESTATUS[0]}"`;
  const run = await world.run(['-c', command], { command: 'bash' });
  expect(run.stdout).toBe('{\ncode 0\n');
  expect(run.stderr).not.toContain('error');
});
