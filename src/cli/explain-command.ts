import type { Command } from 'commander';
import { withOutFile } from '../terminal/terminal.js';
import { type ExplainArguments, explainOptions } from './arguments.js';
import { connecting } from './connecting.js';
import { EXPLAIN_EXAMPLE } from './help.js';
import { addSelectionOptions, allowEmpty, baseUrl, config, format, localRefs, out } from './options.js';
import type { ProgramContext } from './program-context.js';

/** Adds the command that shows what a context is served, and why. */
export function addExplainCommand(program: Command, { io, env, finish }: ProgramContext): void {
  addSelectionOptions(
    program
      .command('explain')
      .description('show what a context is served and why, what is live and what is declared; only reads')
      .argument('<context>', 'a context as kind:key, or just the key of a user')
      .argument('[flag]', "the flag's key; without it, all flags with an override for the context")
      .addOption(config)
      .addOption(format(['text', 'json']))
      .addOption(out)
      .addOption(allowEmpty)
      .addOption(baseUrl)
      .addOption(localRefs('do not fetch refs from the git remote')),
  )
    .addHelpText('after', EXPLAIN_EXAMPLE)
    .action(async (context: string, flag: string | undefined, parsed: ExplainArguments) => {
      const { explainContext } = await connecting(import('../commands/explain.js'));
      finish(await explainContext(explainOptions(context, flag, parsed, env), withOutFile(io, parsed.out)));
    });
}
