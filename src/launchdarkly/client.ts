import type { Json } from '../json/json.js';
import type { LiveFlag, OverrideId, ScopeId } from '../reconcile/state.js';
import type { Instruction } from '../reconcile/writes.js';
import type { RunTime } from './http/run-time.js';

/** The first page of a project's flags, and the rest on demand. */
export interface FlagPages {
  readonly flags: readonly LiveFlag[];
  /** How many flags the project has in all, where LaunchDarkly said so. */
  readonly total: number | undefined;
  /** Fetches the pages after this one; an empty list where this was the last. */
  readonly rest: () => Promise<readonly LiveFlag[]>;
}

/** Which of a project's flags a list holds. Archived flags serve nothing and are never listed. */
export type ListedState = 'live' | 'deprecated';

/** All that planning may do: GET. There is no method here that writes, so a plan cannot. */
export interface FlagReader {
  /** Where the API is, for example `https://app.launchdarkly.com`. */
  readonly baseUrl: string;
  /** The time that is left for the run, of which everything that waits is part. */
  readonly run: RunTime;
  /**
   * The project's flags in pages of 100, by creation date, with the targets of the given environments.
   * @param state deprecated flags still serve, but stand in a list of their own
   */
  listFlags(project: string, environments: readonly string[], state: ListedState): Promise<FlagPages>;
  /** One flag in any state, or undefined where the project has none of that key. */
  getFlag(project: string, flag: string, environments: readonly string[]): Promise<LiveFlag | undefined>;
  /** Keys of the project's context kinds that are not archived. */
  listContextKinds(project: string): Promise<ReadonlySet<string>>;
}

interface PatchOptions {
  readonly comment: string;
  /** Validates without saving. */
  readonly dryRun: boolean;
  /** Goes through even where a pending scheduled change or approval request would then fail. */
  readonly ignoreConflicts: boolean;
}

/** What an apply may do besides. */
export interface FlagWriter extends FlagReader {
  /**
   * Sets (or with null erases) one override, with the message that will stand in the audit log.
   * Answers when LaunchDarkly has taken it. Throws ApiError, NetworkError, and OperatorError `interrupted`,
   * `run-timeout`, `redirect`; with `api: users` also `route-removed`, and `route-known-removed` for what was not
   * written after that.
   */
  putSetting(scope: ScopeId, id: OverrideId, setting: Json, comment: string): Promise<void>;
  /**
   * Changes many targets of one flag in one environment, all or none, with the message that will stand in the audit
   * log. Gives the flag as LaunchDarkly then has it, or undefined where the answer does not tell. Throws as
   * `putSetting` does.
   */
  patchTargets(
    scope: ScopeId,
    flag: string,
    instructions: readonly Instruction[],
    options: PatchOptions,
  ): Promise<LiveFlag | undefined>;
  /** Whether LaunchDarkly takes the token at all: a 401 may also mean that a permission is missing. */
  tokenWorks(): Promise<boolean>;
}
