import { describe, expect, it } from 'vitest';
import { describedProgram } from '../../docs/generate/commands.js';
import { type Run, runCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const cwd = temporaryFolder();
const run = (...args: string[]): Promise<Run> => runCli(args, { cwd });
const program = describedProgram();
const names = program.commands.map((command) => command.name());

/** The examples in the help of a command: words after `flagops`, without redirections. */
function examplesIn(help: string): string[][] {
  const [, examples = ''] = help.split('\nExample:\n');
  return [...examples.matchAll(/\bflagops ([^)>\n]+)/g)].map(([, words = '']) => words.trim().split(' '));
}

describe('the help', () => {
  it.each(names)('of %s has an example with options that exist', async (name) => {
    const { stdout } = await run(name, '--help');
    const examples = examplesIn(stdout);
    expect(examples.map(([command]) => command)).toContain(name);
    for (const [command, ...args] of examples) {
      const found = program.commands.find((candidate) => candidate.name() === command);
      expect(found?.parseOptions(args).unknown).toEqual([]);
    }
  });

  it.each(['', ...names])('of flagops %s fits 80 columns', async (name) => {
    const { stdout } = await run(...(name === '' ? [] : [name]), '--help');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain('Usage: flagops');
  });

  it('of a command is also what help prints for its name, and without a name the list of commands', async () => {
    expect(await run('help', 'plan')).toEqual(await run('plan', '--help'));
    expect(await run('help')).toEqual(await run('--help'));
    const { code, stderr } = await run('help', 'plna');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*'plna' is invalid.* validate, plan, .*\n$/);
  });

  it('does not list the earlier name of an option, which still works', async () => {
    const { stdout } = await run('plan', '--help');
    expect(stdout).toContain('--local-refs');
    expect(stdout).not.toContain('--offline');
    for (const command of ['plan', 'apply', 'drift', 'list']) {
      for (const option of ['--offline', '--local-refs']) {
        expect((await run(command, option)).stderr).toContain('error: no file matches');
      }
    }
  });
});

it.each([['-v'], ['--version']])('%s prints the version', async (option) => {
  expect(await run(option)).toEqual({ code: 0, stdout: `${program.version()}\n`, stderr: '' });
});

it.each([[['--']], [['--debug']], [['--debug', '--']]])(
  'without a command, %j are answered with one line',
  async (args) => {
    expect(await run(...args)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: no command given (flagops --help lists the commands)\n',
    });
  },
);
