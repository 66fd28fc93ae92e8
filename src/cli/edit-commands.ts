import type { Command } from 'commander';
import {
  type EditArguments,
  type SetArguments,
  setOptions,
  type TidyArguments,
  tidyOptions,
  unsetOptions,
} from './arguments.js';
import { connecting } from './connecting.js';
import { RELEASE_EXAMPLE, SET_EXAMPLE, TIDY_EXAMPLE, UNSET_EXAMPLE } from './help.js';
import { addEditOptions } from './options.js';
import type { ProgramContext } from './program-context.js';

/** Adds the commands that edit declarations. */
export function addEditCommands(program: Command, { io, env, finish }: ProgramContext): void {
  addEditOptions(
    program
      .command('set')
      .description('declare an override in the file in which it belongs, or change its declaration')
      .argument('<context>', 'a context as kind:key, or just the key of a user')
      .argument('<flag>', "the flag's key")
      .argument('[value]', 'JSON, or else text; null for no override')
      .option('--variation <name>', 'the name or index of a variation, instead of a value')
      .option('--expires <date>', 'when it expires: 7d, 2w, 12h, a date, a date-time, or never')
      .option('--reason <text>', 'part of the audit comment')
      .option('--file <path>', 'the file for a new override, if several are suitable'),
  )
    .addHelpText('after', SET_EXAMPLE)
    .action(async (context: string, flag: string, value: string | undefined, parsed: SetArguments) => {
      const { set } = await connecting(import('../commands/set.js'));
      finish(await set(setOptions([context, flag, value], parsed, env), io));
    });

  addEditOptions(
    program
      .command('unset')
      .description('remove the declaration of an override, or all of a context')
      .argument('<context>', 'a context as kind:key, or just the key of a user')
      .argument('[flag]', "the flag's key; without it, all flags"),
  )
    .addHelpText('after', UNSET_EXAMPLE)
    .action(async (context: string, flag: string | undefined, parsed: EditArguments) => {
      const { unset } = await connecting(import('../commands/unset.js'));
      finish(await unset(unsetOptions([context, flag], parsed, env), io));
    });

  addEditOptions(
    program
      .command('release')
      .description('let overrides stay live once their declaration is deleted')
      .argument('<context>', 'a context as kind:key, or just the key of a user')
      .argument('[flag]', "the flag's key; without it, all flags"),
  )
    .addHelpText('after', RELEASE_EXAMPLE)
    .action(async (context: string, flag: string | undefined, parsed: EditArguments) => {
      const { release } = await connecting(import('../commands/release.js'));
      finish(await release(unsetOptions([context, flag], parsed, env), io));
    });

  addEditOptions(
    program
      .command('tidy')
      .description('remove declarations that are no longer needed from the files')
      .optionsGroup('What to remove:')
      .option('--expired', 'overrides whose date has passed', false)
      .option('--no-effect', 'overrides that change nothing: without them, every context is served the same')
      .option('--archived', 'overrides of archived flags', false)
      .optionsGroup('Options:'),
  )
    .addHelpText('after', TIDY_EXAMPLE)
    .action(async (parsed: TidyArguments) => {
      const { tidy } = await connecting(import('../commands/tidy.js'));
      finish(await tidy(tidyOptions(parsed, env), io));
    });
}
