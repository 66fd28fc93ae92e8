import type { ApplyOptions, PlanningOptions } from '../planning/options.js';
import type { Shard } from '../reconcile/shard.js';

/** The options of `plan` and `drift`, as commander parses them. */
export interface PlanningArguments {
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
  readonly allowLoosened: boolean;
  readonly allowRewind: boolean;
  readonly offline: boolean;
}

export interface ApplyArguments extends PlanningArguments {
  readonly yes: boolean;
  readonly expect?: string;
  readonly plan?: string;
  readonly check: boolean;
  readonly verify: boolean;
  readonly allowDirty: boolean;
  readonly record: boolean;
}

export interface MatrixArguments {
  readonly config?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly shards: number;
  readonly out?: string;
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Combines the options of the command line with the environment variables that complete them. */
export function planningOptions(parsed: PlanningArguments, env: EnvironmentVariables): PlanningOptions {
  return {
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: baseUrlOf(parsed, env),
    config: parsed.config,
    format: parsed.format,
    selection: { projects: parsed.project, environments: parsed.environment },
    filter: { flags: parsed.flag, contexts: parsed.context },
    shard: parsed.shard,
    batch: parsed.batch,
    noRemovals: !parsed.removals,
    force: parsed.force,
    allowLoosened: parsed.allowLoosened,
    allowRewind: parsed.allowRewind,
    allowEmpty: parsed.allowEmpty,
    offline: parsed.offline,
  };
}

/** The same as `planningOptions`, for `apply`. A non-empty `CI` variable counts as `--yes`. */
export function applyOptions(parsed: ApplyArguments, env: EnvironmentVariables): ApplyOptions {
  return {
    ...planningOptions(parsed, env),
    yes: parsed.yes || variable(env, 'CI') !== undefined,
    expect: parsed.expect,
    plan: parsed.plan,
    check: parsed.check,
    verify: parsed.verify,
    allowDirty: parsed.allowDirty,
    record: parsed.record,
  };
}

/** `--base-url`, or else `LAUNCHDARKLY_BASE_URL`. */
export function baseUrlOf(
  parsed: { readonly baseUrl?: string },
  env: EnvironmentVariables,
): string | undefined {
  return parsed.baseUrl ?? variable(env, 'LAUNCHDARKLY_BASE_URL');
}

/** An environment variable. An empty one counts as unset: workflows set variables from secrets that may not exist. */
function variable(env: EnvironmentVariables, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}
