import type { ApplyOptions, PlanningOptions } from '../planning/options.js';
import { checkFilter } from '../reconcile/filter.js';
import type { Shard } from '../reconcile/shard.js';

/** As commander gives the flags of what looks at live. */
export interface Flags {
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

export interface ApplyFlags extends Flags {
  readonly yes: boolean;
  readonly expect?: string;
  readonly plan?: string;
  readonly check: boolean;
  readonly verify: boolean;
  readonly allowRewind: boolean;
  readonly allowDirty: boolean;
  readonly record: boolean;
}

export interface MatrixFlags {
  readonly config?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly shards: number;
  readonly out?: string;
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/**
 * The flags of a command, with what the environment says where they are silent.
 * @throws OperatorError `bad-glob`
 */
export function planningOptions(flags: Flags, env: EnvironmentVariables): PlanningOptions {
  return {
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: baseUrlOf(flags, env),
    config: flags.config,
    format: flags.format,
    filter: checkFilter({
      projects: flags.project,
      environments: flags.environment,
      flags: flags.flag,
      contexts: flags.context,
    }),
    shard: flags.shard,
    batch: flags.batch,
    noRemovals: !flags.removals,
    force: flags.force,
    allowEmpty: flags.allowEmpty,
    offline: flags.offline,
  };
}

/** The same for `apply`. */
export function applyOptions(flags: ApplyFlags, env: EnvironmentVariables): ApplyOptions {
  return {
    ...planningOptions(flags, env),
    yes: flags.yes || variable(env, 'CI') !== undefined,
    expect: flags.expect,
    plan: flags.plan,
    check: flags.check,
    verify: flags.verify,
    allowRewind: flags.allowRewind,
    allowDirty: flags.allowDirty,
    record: flags.record,
  };
}

/** `--base-url`, or what the environment has in its place. */
export function baseUrlOf(
  flags: { readonly baseUrl?: string },
  env: EnvironmentVariables,
): string | undefined {
  return flags.baseUrl ?? variable(env, 'LAUNCHDARKLY_BASE_URL');
}

/** A variable of the environment; one that is empty counts as one that is not set, as workflows leave them. */
function variable(env: EnvironmentVariables, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}
