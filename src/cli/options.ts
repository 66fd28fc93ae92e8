import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS } from '../report/formats.js';
import { parseShard, type Shard } from '../reconcile/shard.js';

/** Parser for options that can be repeated. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** Parser for a whole number that is not negative. */
export const integer = (value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number.');
};

const shard = (value: string): Shard => {
  const parsed = parseShard(value);
  if (parsed === undefined) throw new InvalidArgumentError('It must have the form 2/8.');
  return parsed;
};

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** Parser for a time such as `14d`, in milliseconds. */
export const timeSpan = (value: string): number => {
  const hours = /^\d{1,5}[hdw]$/.test(value) ? HOURS[value.slice(-1)] : undefined;
  if (hours === undefined) throw new InvalidArgumentError('It must have the form 12h, 14d or 2w.');
  return Number.parseInt(value, 10) * hours * 3_600_000;
};

export const config = new Option(
  '-c, --config <file>',
  'configuration file (default: the nearest flagops.yaml, up to the root of the repository)',
);
export const out = new Option('-o, --out <file>', 'write the result to a file instead of standard output');
export const allowEmpty = new Option('--allow-empty', 'continue if no file matches the globs').default(false);
export const baseUrl = new Option(
  '--base-url <url>',
  'URL of LaunchDarkly; overrides baseUrl in the configuration',
);
export const format = (choices: readonly string[]): Option =>
  new Option('-f, --format <format>', 'output format').choices(choices).default('text');

/** @param description what the command otherwise does with the remote */
export const localRefs = (description: string): Option =>
  new Option('--local-refs', `${description}: use those of this clone`).default(false);
/** What `--local-refs` was called when it was not yet clear that LaunchDarkly is read all the same. */
export const offline = new Option('--offline').hideHelp().default(false);

/** Adds the options of every command that plans. */
export function addReadOptions(command: Command): Command {
  return addScopeOptions(
    command
      .addOption(config)
      .addOption(format(Object.keys(FORMATS)))
      .addOption(out)
      .addOption(allowEmpty)
      .addOption(baseUrl)
      .addOption(localRefs('do not fetch refs from the git remote or push them to it'))
      .addOption(offline),
    {
      flag: 'show and apply only changes of these flags; nothing is recorded',
      context:
        'show and apply only changes of these contexts (kind:key, or just the key of a user); nothing is recorded',
    },
  );
}

/** Adds the options that select scopes, flags and contexts. */
export function addScopeOptions(
  command: Command,
  descriptions: { readonly flag: string; readonly context: string } = {
    flag: 'only these flags',
    context: 'only these contexts (kind:key, or just the key of a user)',
  },
): Command {
  const group = 'Scopes and filters (globs, in which * matches any characters; can be repeated):';
  return addSelectionOptions(command, group)
    .option('--flag <glob>', descriptions.flag, collect, [])
    .option('--context <glob>', descriptions.context, collect, []);
}

/** Adds the options that select scopes. */
export function addSelectionOptions(
  command: Command,
  group = 'Scopes (globs, in which * matches any characters; can be repeated):',
): Command {
  return command
    .optionsGroup(group)
    .option(
      '--project <glob>',
      'only these projects: others are not read, and the token need not cover them',
      collect,
      [],
    )
    .option('--environment <glob>', 'only these environments; others are not read', collect, []);
}

/** Adds the options of every command that edits declarations. */
export function addEditOptions(command: Command): Command {
  return command
    .option('--commit', 'commit exactly the files that were edited', false)
    .option('--dry-run', 'show the differences and the plan, without writing anything', false)
    .addOption(config)
    .addOption(format(['text', 'json']))
    .addOption(baseUrl)
    .addOption(localRefs('do not fetch refs from the git remote'))
    .optionsGroup('Scopes (globs, in which * matches any characters; can be repeated):')
    .option('--project <glob>', 'only these projects', collect, [])
    .option('--environment <glob>', 'only these environments', collect, []);
}

/** Adds the options of `plan` and `apply`. */
export function addPlanningOptions(command: Command): Command {
  return addReadOptions(
    command.option(
      '--batch',
      'combine many changes in one request; overrides writes in the configuration',
      false,
    ),
  )
    .optionsGroup('Parts of the plan:')
    .option(
      '--shard <i/n>',
      'select shard i of n of the flags, so that n processes can share the work',
      shard,
    )
    .addOption(
      new Option(
        '--only <mark>',
        'only what repairs drift, and nothing that is pending; nothing is recorded',
      ).choices(['drift']),
    )
    .option('--no-removals', 'show removals in the plan, but do not apply them')
    .optionsGroup('Guards:')
    .option('--force', 'apply even if guards refuse, except for protected flags and contexts', false)
    .option(
      '--allow-loosened',
      'check against the limits and protect of HEAD alone, not those that were last applied',
      false,
    )
    .option('--allow-rewind', 'allow a HEAD that does not contain the last applied commit', false);
}
