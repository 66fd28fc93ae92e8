import { Argument, Command } from 'commander';
import type { SimulateOptions } from '../commands/simulate.js';
import { LIST_FORMATS } from '../report/list/list.js';
import { withOutFile } from '../terminal/terminal.js';
import { version } from '../version.js';
import type { Shell } from './completion/completion.js';
import {
  type ApplyArguments,
  applyOptions,
  baseUrlOf,
  type ImportArguments,
  importOptions,
  type InitArguments,
  initOptions,
  type ListArguments,
  listOptions,
  type MatrixArguments,
  type PlanArguments,
  type PlanningArguments,
  planningOptions,
} from './arguments.js';
import { connecting } from './connecting.js';
import { addEditCommands } from './edit-commands.js';
import { addExplainCommand } from './explain-command.js';
import {
  ABOUT,
  APPLY_EXAMPLE,
  commandTerm,
  COMPLETION_EXAMPLE,
  describeOption,
  DRIFT_EXAMPLE,
  FOOTER,
  HELP_EXAMPLE,
  IMPORT_EXAMPLE,
  INIT_EXAMPLE,
  LIST_EXAMPLE,
  MATRIX_EXAMPLE,
  PLAN_EXAMPLE,
  SIMULATE_EXAMPLE,
  VALIDATE_EXAMPLE,
} from './help.js';
import {
  addPlanningOptions,
  addReadOptions,
  addScopeOptions,
  allowEmpty,
  baseUrl,
  collect,
  config,
  format,
  integer,
  localRefs,
  offline,
  out,
  timeSpan,
} from './options.js';
import type { ProgramContext } from './program-context.js';

/** Defines the command line. A command's code is loaded only when it runs, so that `--help` is quick. */
export function buildProgram({ io, env, finish }: ProgramContext): Command {
  const program = new Command('flagops')
    .description(ABOUT)
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--debug', 'print the stack traces of errors')
    .configureHelp({ optionDescription: describeOption, subcommandTerm: commandTerm })
    .addHelpText('after', FOOTER)
    .configureOutput({
      writeErr: io.stderr,
      writeOut: io.stdout,
      // Commander puts its suggestion on a second line.
      outputError: (text, write) => write(text.replace(/\n\(Did you mean (.+)\)\n$/, ' (did you mean $1)\n')),
    })
    .exitOverride();

  program
    .command('validate')
    .description('check the configuration and the declarations, without network access')
    .addOption(config)
    .addOption(format(['text', 'json']))
    .addOption(out)
    .addOption(allowEmpty)
    .addHelpText('after', VALIDATE_EXAMPLE)
    .action(
      async (parsed: { config?: string; format: 'text' | 'json'; out?: string; allowEmpty: boolean }) => {
        const { validate } = await import('../commands/validate.js');
        const excerpts = parsed.out === undefined;
        finish(await validate({ ...parsed, excerpts }, withOutFile(io, parsed.out)));
      },
    );

  addPlanningOptions(
    program
      .command('plan')
      .description('show what apply would change; only reads from LaunchDarkly')
      .option('--detailed-exitcode', 'exit with 2 if there are differences', false)
      .option('--unmanaged', 'name the unmanaged overrides, instead of only counting them', false),
  )
    .addHelpText('after', PLAN_EXAMPLE)
    .action(async (parsed: PlanArguments) => {
      const { plan } = await connecting(import('../commands/plan.js'));
      const { detailedExitcode, unmanaged } = parsed;
      const options = { ...planningOptions(parsed, env), detailedExitcode, unmanaged };
      finish(await plan(options, withOutFile(io, parsed.out)));
    });

  addPlanningOptions(
    program
      .command('apply')
      .description('make LaunchDarkly match the declarations')
      .option('-y, --yes', 'apply without asking for confirmation', false)
      .option(
        '--check',
        'ask LaunchDarkly whether it would accept each patch, without writing anything',
        false,
      )
      .option('--no-verify', 'do not read the changes back after writing them')
      .option('--no-record', 'do not move the last-applied ref'),
  )
    .option('--expect <sha256>', 'apply only if the plan has this fingerprint')
    .option('--plan <file>', 'apply only changes that are in this file (written by plan --format json)')
    .option('--allow-dirty', 'apply uncommitted edits too; overrides set by them are not owned', false)
    .addHelpText('after', APPLY_EXAMPLE)
    .action(async (parsed: ApplyArguments) => {
      const { apply } = await connecting(import('../commands/apply.js'));
      finish(await apply(applyOptions(parsed, env), withOutFile(io, parsed.out)));
    });

  addReadOptions(program.command('drift'))
    .description(
      'show what was changed in LaunchDarkly since the last apply, and by whom; exit with 2 if anything was',
    )
    .addHelpText('after', DRIFT_EXAMPLE)
    .action(async (parsed: PlanningArguments) => {
      const { drift } = await connecting(import('../commands/drift.js'));
      const options = planningOptions(
        { ...parsed, removals: true, force: false, allowLoosened: false, allowRewind: false },
        env,
      );
      finish(await drift(options, withOutFile(io, parsed.out)));
    });

  addScopeOptions(
    program
      .command('list')
      .description('list the overrides that are live or declared; only reads from LaunchDarkly')
      .addOption(config)
      .addOption(format(Object.keys(LIST_FORMATS)))
      .addOption(out)
      .addOption(allowEmpty)
      .addOption(baseUrl)
      .addOption(localRefs('do not fetch refs from the git remote'))
      .addOption(offline)
      .optionsGroup('What to list (any match of the first four is listed):')
      .option('--unmanaged', 'live, but neither declared nor ours', false)
      .option('--expired', 'declared, and past the expiry date', false)
      .option('--expiring <time>', 'expires within this time, for example 14d or 12h', timeSpan)
      .option('--no-effect', 'changes nothing: without it, every context is served the same')
      .option('--owner <glob>', 'only overrides of this owner (can be repeated)', collect, []),
  )
    .addHelpText('after', LIST_EXAMPLE)
    .action(async (parsed: ListArguments) => {
      const { list } = await connecting(import('../commands/list.js'));
      finish(await list(listOptions(parsed, env), withOutFile(io, parsed.out)));
    });

  addExplainCommand(program, { io, env, finish });

  addScopeOptions(
    program
      .command('import')
      .description('write declarations for what is live and not declared')
      .addOption(config)
      .addOption(format(['text', 'json']))
      .addOption(baseUrl)
      .option(
        '--split <by>',
        'flag for a file for each flag, or a glob of contexts that get a file (can be repeated)',
        collect,
        [],
      )
      .option('--force', 'replace existing files of the same name', false),
  )
    .addHelpText('after', IMPORT_EXAMPLE)
    .action(async (parsed: ImportArguments) => {
      const { importLive } = await connecting(import('../commands/import.js'));
      finish(await importLive(importOptions(parsed, env), io));
    });

  addEditCommands(program, { io, env, finish });

  program
    .command('init')
    .description('create a configuration, a first declaration and a GitHub workflow; overwrites nothing')
    .option('--project <key>', 'key of a LaunchDarkly project (default: those declared, or default)')
    .option('--environment <key>', 'key of one of its environments (default: those declared, or production)')
    .addOption(baseUrl)
    .addHelpText('after', INIT_EXAMPLE)
    .action(async (parsed: InitArguments) => {
      const { init } = await import('../commands/init.js');
      finish(await init(initOptions(parsed, env), io));
    });

  program
    .command('matrix')
    .description('print all scopes as a job matrix for GitHub Actions')
    .addOption(config)
    .addOption(allowEmpty)
    .addOption(baseUrl)
    .option('--shards <n>', 'split each scope into this many shards', integer, 1)
    .addOption(out)
    .addHelpText('after', MATRIX_EXAMPLE)
    .action(async (parsed: MatrixArguments) => {
      const { matrix } = await import('../commands/matrix.js');
      finish(await matrix({ ...parsed, baseUrl: baseUrlOf(parsed, env) }, withOutFile(io, parsed.out)));
    });

  program
    .command('simulate')
    .description('run a LaunchDarkly simulator on this machine, for trials and tests')
    .option('-p, --port <port>', 'port on 127.0.0.1, or 0 for any free one (default: 4010)', integer)
    .option('--host <name...>', 'accept requests for these host names too, for example behind a proxy')
    .option('--tls', 'serve https with a certificate that is made at start')
    .option('--tls-save <file>', 'with --tls: write the made certificate to this file, for clients to trust')
    .option('--tls-cert <file>', 'serve https with this certificate in PEM')
    .option('--tls-key <file>', 'the private key of --tls-cert in PEM')
    .option('--seed <file>', 'YAML or JSON file with the initial projects, flags and tokens')
    .option('--rate-limit <n>', 'requests per ten seconds for each route that writes', integer)
    .option('--read-limit <n>', 'requests per ten seconds for each route that reads', integer)
    .option('--global-limit <n>', 'requests per ten seconds in total', integer)
    .option('--token-limit <n>', 'requests per ten seconds for each token', integer)
    .option('--state <file>', 'keep the state in this file, and continue from it if it exists')
    .option('--record <file>', 'append each request to this file as a line of JSON')
    .option('--fault <fault...>', 'fault to inject, for example status=503,every=10,method=PUT')
    .option(
      '--require-approval <env...>',
      'environments in which changes need an approval: ENVIRONMENT or PROJECT/ENVIRONMENT',
    )
    .option('--no-user-routes', 'answer 404 on /api/v2/users/..., as if LaunchDarkly had removed it')
    .option('--random-seed <n>', 'seed of the random numbers for faults with a probability', integer)
    .option(
      '--control-port <port>',
      'serve an API for faults, limits, the clock, approvals, routes and the request log on this port',
      integer,
    )
    .addHelpText('after', SIMULATE_EXAMPLE)
    .action(async (options: SimulateOptions) => {
      const { simulate } = await import('../commands/simulate.js');
      finish(await simulate(options, io));
    });

  program
    .command('completion')
    .description('print a script that completes commands, options and values in a shell')
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', COMPLETION_EXAMPLE)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion/completion.js');
      io.stdout(completionScript(program, shell));
    });

  const commandName = new Argument('[command]');
  program
    .command('help')
    .description('print the help of a command')
    .addArgument(commandName)
    .addHelpText('after', HELP_EXAMPLE)
    .action((name: string | undefined) => {
      const command = program.commands.find((candidate) => candidate.name() === name);
      (command ?? program).outputHelp();
    });
  commandName.choices(program.commands.map((command) => command.name()));
  return program;
}
