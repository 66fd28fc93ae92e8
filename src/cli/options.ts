import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS } from '../report/formats.js';
import { parseShard, type Shard } from '../reconcile/shard.js';

/** For options that may be given several times. */
const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

export const integer = (value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not a whole number.');
};

const shard = (value: string): Shard => {
  const parsed = parseShard(value);
  if (parsed === undefined) throw new InvalidArgumentError('It is not of the form 2/8.');
  return parsed;
};

export const config = new Option(
  '-c, --config <file>',
  'the configuration (default: flagops.yaml, searched upward)',
);
export const out = new Option('-o, --out <file>', 'write the result into a file');
export const allowEmpty = new Option('--allow-empty', 'go on where no file matches the globs').default(false);
export const format = (choices: readonly string[]): Option =>
  new Option('-f, --format <format>', 'how the result is written').choices(choices).default('text');

/** What every command takes that looks at what is live. */
export function addReadOptions(command: Command): Command {
  return command
    .addOption(config)
    .addOption(format(Object.keys(FORMATS)))
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

/** What every command takes that plans. */
export function addPlanningOptions(command: Command): Command {
  return addReadOptions(command)
    .option('--shard <i/n>', 'hold back all but this part of the flags, for n processes side by side', shard)
    .option('--batch', 'write many changes in one request, as writes: batch does', false)
    .option('--no-removals', 'plan removals, but hold them back')
    .optionsGroup('Going ahead:')
    .option('--force', 'lift the guards, except for what is protected', false);
}
