import { Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander';
import type { Io } from './commands/io.js';
import type { ApplyOptions, PlanningOptions } from './commands/options.js';
import type { SimulateOptions } from './commands/simulate.js';
import { terminalIo, withOutFile } from './commands/terminal.js';
import { parseShard, type Shard } from './reconcile/shard.js';
import { version } from './version.js';

// The command line: argv, environment and exit codes, and nothing else. What a command needs is loaded when it runs,
// so that `--version` and `--help` answer at once.

interface Flags {
  readonly config?: string;
  readonly format: PlanningOptions['format'];
  readonly out?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly project: readonly string[];
  readonly environment: readonly string[];
  readonly flag: readonly string[];
  readonly context: readonly string[];
  readonly shard?: Shard;
  readonly batch: boolean;
  readonly removals: boolean;
  readonly force: boolean;
  readonly offline: boolean;
}

interface ApplyFlags extends Flags {
  readonly yes: boolean;
  readonly expect?: string;
  readonly plan?: string;
  readonly check: boolean;
  readonly verify: boolean;
  readonly allowRewind: boolean;
  readonly allowDirty: boolean;
  readonly record: boolean;
}

interface MatrixFlags {
  readonly config?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly shards: number;
  readonly out?: string;
}

const { env } = process;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
// A reader that has seen enough (`flagops plan | head`) is no error, and must not end an apply half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}
const io = terminalIo(process, interruption.signal);

function planningOptions(flags: Flags): PlanningOptions {
  return {
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: flags.baseUrl ?? variable('LAUNCHDARKLY_BASE_URL'),
    config: flags.config,
    format: flags.format,
    filter: {
      projects: flags.project,
      environments: flags.environment,
      flags: flags.flag,
      contexts: flags.context,
    },
    shard: flags.shard,
    batch: flags.batch,
    noRemovals: !flags.removals,
    force: flags.force,
    allowEmpty: flags.allowEmpty,
    offline: flags.offline,
  };
}

/** A variable of the environment; one that is empty counts as one that is not set, as workflows leave them. */
function variable(name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

const ABOUT =
  "GitOps for LaunchDarkly's individual targeting: YAML files declare who gets which variation of a flag.";

const SURROUNDINGS = `
Environment:
  LAUNCHDARKLY_ACCESS_TOKEN  an API access token; for plan a reader token is enough
  LAUNCHDARKLY_BASE_URL      where the API is, as --base-url
  NO_COLOR                   no colours; CI: apply does not ask

Exit codes:
  0 done  1 an error before anything was written  2 differences (drift, plan --detailed-exitcode)
  3 something was written and something failed  4 a guard refused  5 approval is required
  130 interrupted

Begin with: flagops init; flagops simulate is a LaunchDarkly to try it on.`;

/** That a switch is off where nobody sets it goes without saying. */
function describe(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: (?:false|\[\])\)$/, '');
}

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

const integer = (value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not a whole number.');
};

const shard = (value: string): Shard => {
  const parsed = parseShard(value);
  if (parsed === undefined) throw new InvalidArgumentError('It is not of the form 2/8.');
  return parsed;
};

const config = new Option(
  '-c, --config <file>',
  'the configuration (default: flagops.yaml, searched upward)',
);
const out = new Option('-o, --out <file>', 'write the result into a file');
const allowEmpty = new Option('--allow-empty', 'go on where no file matches the globs').default(false);
const format = (choices: readonly string[]): Option =>
  new Option('-f, --format <format>', 'how the result is written').choices(choices).default('text');

/** What every command takes that looks at what is live. */
function looking(command: Command): Command {
  return command
    .addOption(config)
    .addOption(format(['text', 'json', 'markdown']))
    .addOption(out)
    .addOption(allowEmpty)
    .option('--base-url <url>', 'where the API is, instead of baseUrl in the configuration')
    .option('--offline', 'leave the remote of the repository alone', false)
    .optionsGroup('Which changes (* in a glob stands for anything; repeatable):')
    .option('--project <glob>', 'only in these projects', collect, [])
    .option('--environment <glob>', 'only in these environments', collect, [])
    .option('--flag <glob>', 'only of these flags', collect, [])
    .option('--context <glob>', 'only of these contexts: kind:key, or the key of a user', collect, []);
}

function planning(command: Command): Command {
  return looking(command)
    .option('--shard <i/n>', 'hold back all but this part of the flags, for n processes side by side', shard)
    .option('--batch', 'write many changes in one request, as writes: batch does', false)
    .option('--no-removals', 'plan removals, but hold them back')
    .optionsGroup('Going ahead:')
    .option('--force', 'lift the guards, except for what is protected', false);
}

function build(finish: (code: number) => void): Command {
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
        const { validate } = await import('./commands/validate.js');
        finish(await validate(flags, withOutFile(io, flags.out)));
      },
    );

  planning(program.command('plan'))
    .description('show what apply would change; asks LaunchDarkly with GET alone')
    .option('--detailed-exitcode', 'exit with 2 where there are differences', false)
    .action(async (flags: Flags & { detailedExitcode: boolean }) => {
      const { plan } = await import('./commands/plan.js');
      const options = { ...planningOptions(flags), detailedExitcode: flags.detailedExitcode };
      finish(await plan(options, withOutFile(io, flags.out)));
    });

  planning(program.command('apply'))
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
      const { apply } = await import('./commands/apply.js');
      finish(await apply(applyOptions(flags), withOutFile(io, flags.out)));
    });

  looking(program.command('drift'))
    .description('show only what moved away from last-applied; exit with 2 where anything did')
    .action(async (flags: Flags) => {
      const { drift } = await import('./commands/drift.js');
      const options = planningOptions({ ...flags, removals: true, force: false });
      finish(await drift(options, withOutFile(io, flags.out)));
    });

  program
    .command('init')
    .description('write a configuration, a first declaration and the workflow for GitHub; overwrites nothing')
    .option('--project <key>', 'a project of LaunchDarkly', 'default')
    .option('--environment <key>', 'an environment in it', 'production')
    .action(async (flags: { project: string; environment: string }) => {
      const { init } = await import('./commands/init.js');
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
      const { matrix } = await import('./commands/matrix.js');
      const baseUrl = flags.baseUrl ?? variable('LAUNCHDARKLY_BASE_URL');
      finish(await matrix({ ...flags, baseUrl }, withOutFile(io, flags.out)));
    });

  program
    .command('simulate')
    .description('run an embedded LaunchDarkly on a loopback port, to try things on')
    .option('-p, --port <port>', 'a port on 127.0.0.1; 0 takes a free one (default: 4010)', integer)
    .option('--seed <file>', 'YAML or JSON to start from')
    .option('--rate-limit <n>', 'requests per ten seconds to each route that writes', integer)
    .option('--read-limit <n>', 'requests per ten seconds to each route that reads', integer)
    .option('--global-limit <n>', 'requests per ten seconds in all', integer)
    .option('--token-limit <n>', 'requests per ten seconds of each token', integer)
    .option('--state <file>', 'keep everything in this file')
    .option('--record <file>', 'append every request to this file, as lines of JSON')
    .option('--fault <fault...>', 'what goes wrong, for example status=503,every=10,method=PUT')
    .option('--random-seed <n>', 'where faults by chance start from', integer)
    .option('--control-port <port>', 'serve faults, limits and the request log on this port', integer)
    .action(async (flags: SimulateOptions) => {
      const { simulate } = await import('./commands/simulate.js');
      finish(await simulate(flags, io));
    });
  return program;
}

function applyOptions(flags: ApplyFlags): ApplyOptions {
  return {
    ...planningOptions(flags),
    yes: flags.yes || variable('CI') !== undefined,
    expect: flags.expect,
    plan: flags.plan,
    check: flags.check,
    verify: flags.verify,
    allowRewind: flags.allowRewind,
    allowDirty: flags.allowDirty,
    record: flags.record,
  };
}

async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = build((result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    await report(error, program.opts<{ debug?: boolean }>().debug === true, io);
    return isInterruption(error) ? 130 : 1;
  }
}

/** Ctrl-C before the first write: what was under way threw this. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'interrupted';
}

async function report(error: unknown, debug: boolean, { stderr, color }: Io): Promise<void> {
  const { errorText } = await import('./report/error.js');
  stderr(errorText(error, { debug, color: color.stderr }));
}

process.exitCode = await main(process.argv.slice(2));
