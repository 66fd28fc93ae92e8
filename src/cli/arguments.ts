import type { ExplainOptions } from '../commands/explain.js';
import type { InitOptions } from '../commands/init.js';
import type { ListOptions } from '../commands/list.js';
import type { SetOptions } from '../commands/set.js';
import type { TidyOptions } from '../commands/tidy.js';
import type { UnsetOptions } from '../commands/unset.js';
import type { ImportCommandOptions } from '../commands/import.js';
import type { ApplyOptions, PlanningOptions } from '../planning/options.js';
import type { OnlyMark } from '../reconcile/filter.js';
import type { Shard } from '../reconcile/shard.js';
import { TIDY_REASONS } from '../reconcile/tidy-reasons.js';

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
  readonly only?: OnlyMark;
  readonly shard?: Shard;
  readonly batch: boolean;
  readonly removals: boolean;
  readonly force: boolean;
  readonly allowLoosened: boolean;
  readonly allowRewind: boolean;
  readonly localRefs: boolean;
  /** The earlier name of `localRefs`. */
  readonly offline: boolean;
}

export interface PlanArguments extends PlanningArguments {
  readonly detailedExitcode: boolean;
  readonly unmanaged: boolean;
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

export interface ListArguments {
  readonly config?: string;
  readonly format: ListOptions['format'];
  readonly out?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly localRefs: boolean;
  /** The earlier name of `localRefs`. */
  readonly offline: boolean;
  readonly project: readonly string[];
  readonly environment: readonly string[];
  readonly flag: readonly string[];
  readonly context: readonly string[];
  readonly unmanaged: boolean;
  readonly expired: boolean;
  /** Milliseconds. */
  readonly expiring?: number;
  /** False with `--no-effect`. */
  readonly effect: boolean;
  readonly owner: readonly string[];
}

/** The options of `explain`, as commander parses them. */
export interface ExplainArguments {
  readonly config?: string;
  readonly format: ExplainOptions['format'];
  readonly out?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly localRefs: boolean;
  readonly project: readonly string[];
  readonly environment: readonly string[];
}

export interface InitArguments {
  readonly project?: string;
  readonly environment?: string;
  readonly baseUrl?: string;
}

export interface ImportArguments {
  readonly config?: string;
  readonly format: ImportCommandOptions['format'];
  readonly baseUrl?: string;
  readonly project: readonly string[];
  readonly environment: readonly string[];
  readonly flag: readonly string[];
  readonly context: readonly string[];
  readonly split: readonly string[];
  readonly force: boolean;
}

/** The options that `set` and `unset` share. */
export interface EditArguments {
  readonly config?: string;
  readonly format: 'text' | 'json';
  readonly baseUrl?: string;
  readonly localRefs: boolean;
  readonly project: readonly string[];
  readonly environment: readonly string[];
  readonly commit: boolean;
  readonly dryRun: boolean;
}

export interface SetArguments extends EditArguments {
  readonly variation?: string;
  readonly expires?: string;
  readonly reason?: string;
  readonly file?: string;
}

export interface TidyArguments extends EditArguments {
  readonly expired: boolean;
  /** False with `--no-effect`. */
  readonly effect: boolean;
  readonly archived: boolean;
}

export interface MatrixArguments {
  readonly config?: string;
  readonly allowEmpty: boolean;
  readonly baseUrl?: string;
  readonly shards: number;
  readonly out?: string;
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** What every command that reads from LaunchDarkly needs: where to read, with which token, and what. */
function readOptions(
  parsed: Pick<ImportArguments, 'config' | 'baseUrl' | 'project' | 'environment' | 'flag' | 'context'>,
  env: EnvironmentVariables,
): Pick<PlanningOptions, 'token' | 'baseUrl' | 'config' | 'selection' | 'filter'> {
  return {
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: baseUrlOf(parsed, env),
    config: parsed.config,
    selection: { projects: parsed.project, environments: parsed.environment },
    filter: { flags: parsed.flag, contexts: parsed.context },
  };
}

/** Combines the options of the command line with the environment variables that complete them. */
export function planningOptions(parsed: PlanningArguments, env: EnvironmentVariables): PlanningOptions {
  return {
    ...readOptions(parsed, env),
    format: parsed.format,
    only: parsed.only,
    shard: parsed.shard,
    batch: parsed.batch,
    noRemovals: !parsed.removals,
    force: parsed.force,
    allowLoosened: parsed.allowLoosened,
    allowRewind: parsed.allowRewind,
    allowEmpty: parsed.allowEmpty,
    offline: parsed.localRefs || parsed.offline,
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

/** For commands that show what is there, and apply nothing. */
const LIFTS_NOTHING = { noRemovals: false, force: false, allowLoosened: false, allowRewind: false } as const;

/** The options of `list`. */
export function listOptions(parsed: ListArguments, env: EnvironmentVariables): ListOptions {
  return {
    ...readOptions(parsed, env),
    format: parsed.format,
    ...LIFTS_NOTHING,
    allowEmpty: parsed.allowEmpty,
    offline: parsed.localRefs || parsed.offline,
    owners: parsed.owner,
    unmanaged: parsed.unmanaged,
    expired: parsed.expired,
    expiring: parsed.expiring,
    noEffect: !parsed.effect,
  };
}

/** The options of `explain`. */
export function explainOptions(
  context: string,
  flag: string | undefined,
  parsed: ExplainArguments,
  env: EnvironmentVariables,
): ExplainOptions {
  const { filter: _, ...read } = readOptions({ ...parsed, flag: [], context: [] }, env);
  return {
    ...read,
    context,
    flag,
    format: parsed.format,
    ...LIFTS_NOTHING,
    allowEmpty: parsed.allowEmpty,
    offline: parsed.localRefs,
  };
}

/** The options of `init`. */
export function initOptions(parsed: InitArguments, env: EnvironmentVariables): InitOptions {
  return {
    project: parsed.project,
    environment: parsed.environment,
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: baseUrlOf(parsed, env),
  };
}

/** The options of `import`. */
export function importOptions(parsed: ImportArguments, env: EnvironmentVariables): ImportCommandOptions {
  return {
    ...readOptions(parsed, env),
    format: parsed.format,
    split: parsed.split,
    force: parsed.force,
  };
}

function editOptions(
  parsed: EditArguments,
  env: EnvironmentVariables,
): Omit<UnsetOptions, 'context' | 'flag'> {
  return {
    token: env['LAUNCHDARKLY_ACCESS_TOKEN'],
    baseUrl: baseUrlOf(parsed, env),
    config: parsed.config,
    format: parsed.format,
    offline: parsed.localRefs,
    selection: { projects: parsed.project, environments: parsed.environment },
    commit: parsed.commit,
    dryRun: parsed.dryRun,
  };
}

/** The options of `set`. */
export function setOptions(
  [context, flag, value]: readonly [string, string, string | undefined],
  parsed: SetArguments,
  env: EnvironmentVariables,
): SetOptions {
  const { variation, expires, reason, file } = parsed;
  return { ...editOptions(parsed, env), context, flag, value, variation, expires, reason, file };
}

/** The options of `unset` and `release`. */
export function unsetOptions(
  [context, flag]: readonly [string, string | undefined],
  parsed: EditArguments,
  env: EnvironmentVariables,
): UnsetOptions {
  return { ...editOptions(parsed, env), context, flag };
}

/** The options of `tidy`. Without a reason, all of them count. */
export function tidyOptions(parsed: TidyArguments, env: EnvironmentVariables): TidyOptions {
  const reasons = TIDY_REASONS.filter(
    (reason) => ({ expired: parsed.expired, 'no-effect': !parsed.effect, archived: parsed.archived })[reason],
  );
  return { ...editOptions(parsed, env), reasons: reasons.length === 0 ? TIDY_REASONS : reasons };
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
