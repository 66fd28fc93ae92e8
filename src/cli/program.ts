import { Command } from 'commander';
import type { SimulateOptions } from '../commands/simulate.js';
import { type TerminalIo, withOutFile } from '../terminal/terminal.js';
import { version } from '../version.js';
import {
  type ApplyFlags,
  applyOptions,
  baseUrlOf,
  type EnvironmentVariables,
  type Flags,
  type MatrixFlags,
  planningOptions,
} from './flags.js';
import { ABOUT, describe, SURROUNDINGS } from './help.js';
import { allowEmpty, config, format, integer, addReadOptions, out, addPlanningOptions } from './options.js';

/** How a command gets at its surroundings, and where its exit code goes. */
export interface Shell {
  readonly io: TerminalIo;
  readonly env: EnvironmentVariables;
  readonly finish: (code: number) => void;
}

/** The command line. What a command needs is loaded when it runs, so that `--help` answers at once. */
export function buildProgram({ io, env, finish }: Shell): Command {
  const program = new Command('flagops')
    .description(ABOUT)
    .version(version)
    .option('--debug', 'show the stack traces of errors')
    .configureHelp({ optionDescription: describe })
    .addHelpText('after', SURROUNDINGS)
    .configureOutput({ writeErr: io.stderr, writeOut: io.stdout })
    .exitOverride();

  program
    .command('validate')
    .description('check configuration and declarations, offline')
    .addOption(config)
    .addOption(format(['text', 'json']))
    .addOption(out)
    .addOption(allowEmpty)
    .action(
      async (flags: { config?: string; format: 'text' | 'json'; out?: string; allowEmpty: boolean }) => {
        const { validate } = await import('../commands/validate.js');
        finish(await validate(flags, withOutFile(io, flags.out)));
      },
    );

  addPlanningOptions(program.command('plan'))
    .description('show what apply would change; asks LaunchDarkly with GET alone')
    .option('--detailed-exitcode', 'exit with 2 where there are differences', false)
    .action(async (flags: Flags & { detailedExitcode: boolean }) => {
      const { plan } = await import('../commands/plan.js');
      const options = { ...planningOptions(flags, env), detailedExitcode: flags.detailedExitcode };
      finish(await plan(options, withOutFile(io, flags.out)));
    });

  addPlanningOptions(program.command('apply'))
    .description('make LaunchDarkly match the declarations')
    .option('-y, --yes', 'go ahead without a question', false)
    .option('--expect <sha256>', 'apply only the plan with this fingerprint')
    .option('--plan <file>', 'apply only changes that stand in this plan (of plan --format json)')
    .option('--check', 'only ask LaunchDarkly whether it would take each patch; writes nothing', false)
    .option('--no-verify', 'do not read back what was written')
    .option('--allow-rewind', 'apply although HEAD does not contain what was last applied', false)
    .option('--allow-dirty', 'apply what is not committed; it is not owned then', false)
    .option('--no-record', 'do not move the last-applied ref')
    .action(async (flags: ApplyFlags) => {
      const { apply } = await import('../commands/apply.js');
      finish(await apply(applyOptions(flags, env), withOutFile(io, flags.out)));
    });

  addReadOptions(program.command('drift'))
    .description('show only what moved away from last-applied; exit with 2 where anything did')
    .action(async (flags: Flags) => {
      const { drift } = await import('../commands/drift.js');
      const options = planningOptions({ ...flags, removals: true, force: false }, env);
      finish(await drift(options, withOutFile(io, flags.out)));
    });

  program
    .command('init')
    .description('write a configuration, a first declaration and the workflow for GitHub; overwrites nothing')
    .option('--project <key>', 'a project of LaunchDarkly', 'default')
    .option('--environment <key>', 'an environment in it', 'production')
    .action(async (flags: { project: string; environment: string }) => {
      const { init } = await import('../commands/init.js');
      finish(await init(flags, io));
    });

  program
    .command('matrix')
    .description('print the scopes as a matrix for GitHub Actions')
    .addOption(config)
    .addOption(allowEmpty)
    .option('--base-url <url>', 'where the API is, instead of baseUrl in the configuration')
    .option('--shards <n>', 'split each scope into this many parts', integer, 1)
    .addOption(out)
    .action(async (flags: MatrixFlags) => {
      const { matrix } = await import('../commands/matrix.js');
      finish(await matrix({ ...flags, baseUrl: baseUrlOf(flags, env) }, withOutFile(io, flags.out)));
    });

  program
    .command('simulate')
    .description('run an embedded LaunchDarkly on a loopback port, to try things on')
    .option('-p, --port <port>', 'a port on 127.0.0.1; 0 takes a free one (default: 4010)', integer)
    .option('--host <name...>', 'answer to these names too, as behind a proxy, and not only to this machine')
    .option('--seed <file>', 'YAML or JSON to start from')
    .option('--rate-limit <n>', 'requests per ten seconds to each route that writes', integer)
    .option('--read-limit <n>', 'requests per ten seconds to each route that reads', integer)
    .option('--global-limit <n>', 'requests per ten seconds in all', integer)
    .option('--token-limit <n>', 'requests per ten seconds of each token', integer)
    .option('--state <file>', 'keep everything in this file')
    .option('--record <file>', 'append every request to this file, as lines of JSON')
    .option('--fault <fault...>', 'what goes wrong, for example status=503,every=10,method=PUT')
    .option('--no-user-routes', 'answer 404 to /api/v2/users/..., as if LaunchDarkly had removed it')
    .option('--random-seed <n>', 'where faults by chance start from', integer)
    .option('--control-port <port>', 'serve faults, limits, routes and the request log on this port', integer)
    .action(async (flags: SimulateOptions) => {
      const { simulate } = await import('../commands/simulate.js');
      finish(await simulate(flags, io));
    });
  return program;
}
