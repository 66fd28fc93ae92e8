import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { terminalIo, type TerminalIo, withOutFile } from '../../src/terminal/terminal.js';
import { startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

type Environment = Readonly<Record<string, string>>;

function ioOf(env: Environment, isTTY: boolean, cwd = '/'): TerminalIo {
  const stream = (real: NodeJS.WriteStream & { fd: 1 | 2 }): typeof real =>
    Object.create(real, { isTTY: { value: isTTY } }) as typeof real;
  const { stdin } = process;
  const standIn = { stdin, stdout: stream(process.stdout), stderr: stream(process.stderr), env };
  const streams = { stdout: () => undefined, stderr: () => undefined, settle: async () => undefined };
  return terminalIo({ ...standIn, cwd: () => cwd } as never, streams, new AbortController().signal);
}

describe('colours', () => {
  const ON_TERMINAL: readonly (readonly [Environment, boolean])[] = [
    [{}, true],
    [{ TERM: 'xterm', NO_COLOR: '', FORCE_COLOR: '' }, true],
    [{ CI: 'true' }, true],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
  ];

  it.each(ON_TERMINAL)('on a terminal with %j: %s', (env, expected) => {
    expect(ioOf(env, true).color).toEqual({ stdout: expected, stderr: expected });
  });

  it.each(ON_TERMINAL)('are never in a pipe, as with %j', (env) => {
    expect(ioOf(env, false).color).toEqual({ stdout: false, stderr: false });
  });

  it('are not in a file of --out, whatever standard output is', () => {
    const cwd = temporaryFolder();
    const { color } = withOutFile(ioOf({ FORCE_COLOR: '1' }, true, cwd), 'out.txt');
    expect(color).toEqual({ stdout: false, stderr: true });
  });

  it('are not in what a process writes to pipes and files, even if CI and FORCE_COLOR are set', async () => {
    const cwd = temporaryFolder();
    const env = { CI: 'true', FORCE_COLOR: '1', GITHUB_ACTIONS: 'true' };
    const runs = [['validate', '--allow-empty', '--out', 'out.txt'], ['validate'], ['--help']];
    const ended = await Promise.all(runs.map((args) => startCli(args, { cwd, env }).done));
    expect(ended.map(({ code }) => code)).toEqual([0, 1, 0]);
    expect(existsSync(join(cwd, 'out.txt'))).toBe(true);
    const output = ended.map(({ stdout, stderr }) => `${stdout}${stderr}`).join('');
    expect(`${output}${readFileSync(join(cwd, 'out.txt'), 'utf8')}`).not.toContain('\u001b');
  });
});
