import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.js';
import type { ProgramContext } from '../../src/cli/program-context.js';
import { generated } from './markdown.js';

const WIDTH = 100;

/** The context of a program that only prints its help. */
const NO_CONTEXT: ProgramContext = {
  io: {
    cwd: '/',
    stdout: () => undefined,
    stderr: () => undefined,
    color: { stdout: false, stderr: false },
    columns: { stdout: WIDTH, stderr: WIDTH },
    interactive: false,
    progress: undefined,
    now: () => 0,
    signal: new AbortController().signal,
    ask: () => Promise.resolve(''),
    mask: (text) => text,
    publicStderr: () => undefined,
  },
  env: {},
  finish: () => undefined,
};

/** The command line, to look at and not to run. */
export function describedProgram(): Command {
  return buildProgram(NO_CONTEXT);
}

/** A page with the help of every command, as a terminal of 100 columns shows it. */
export function commandReference(): string {
  const program = describedProgram();
  const sections = [program, ...program.commands].map(
    (command) => `## ${nameOf(command, program)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  return `${generated('the help of the commands')}# Commands\n\n${sections.join('\n')}`;
}

function nameOf(command: Command, program: Command): string {
  return command === program ? 'flagops' : `flagops ${command.name()}`;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureHelp({ ...command.configureHelp(), helpWidth: WIDTH });
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
