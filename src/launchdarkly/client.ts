import type { Json } from '../json/json.js';
import type { OpenApprovalRequest } from '../reconcile/approvals.js';
import type { DateInstruction } from '../reconcile/date-writes.js';
import type { LoggedChange, LoggedTargets } from '../reconcile/logged-change.js';
import type { Notify } from '../reconcile/policy.js';
import type { LiveDate, LiveFlag, OverrideId, ScopeId } from '../reconcile/state.js';
import type { Instruction } from '../reconcile/writes.js';
import type { Delivery } from './http/delivery.js';
import type { RunTime } from './http/run-time.js';
import type { AuditPeriod } from './paths.js';

/** The first page of a project's flags, and the rest on demand. */
export interface FlagPages {
  readonly flags: readonly LiveFlag[];
  /** How many flags the project has, if LaunchDarkly reports it. */
  readonly total: number | undefined;
  /** Fetches the pages after this one; an empty list if this was the last. */
  readonly rest: () => Promise<readonly LiveFlag[]>;
}

/** Which of a project's flags a list contains. Archived flags serve nothing; only an import lists them. */
export type ListedState = 'live' | 'deprecated' | 'archived';

/** The client for planning. It has no method that writes, so a plan cannot change anything. */
export interface FlagReader {
  /** The address of the API, for example `https://app.launchdarkly.com`. */
  readonly baseUrl: string;
  /** The time limit of the run, which applies to everything that waits. */
  readonly run: RunTime;
  /**
   * Lists the project's flags in pages of 100, by creation date, with the targets of the given environments.
   * @param state deprecated flags still serve, but LaunchDarkly lists them separately
   */
  listFlags(project: string, environments: readonly string[], state: ListedState): Promise<FlagPages>;
  /** Returns one flag in any state, or undefined if the project has no flag with that key. */
  getFlag(project: string, flag: string, environments: readonly string[]): Promise<LiveFlag | undefined>;
  /** Returns the dates of a flag's targets in one environment; none if the flag does not exist. */
  listDates(scope: ScopeId, flag: string): Promise<readonly LiveDate[]>;
  /** Returns the keys of the project's context kinds that can be targeted. */
  listContextKinds(project: string): Promise<ReadonlySet<string>>;
  /** Returns the approval requests of a flag in one environment that were not applied yet. */
  listApprovalRequests(scope: ScopeId, flag: string): Promise<readonly OpenApprovalRequest[]>;
  /**
   * Returns the newest 20 changes of a flag in one environment within a period, newest first; undefined if the audit log
   * cannot be read, for whatever reason: nothing depends on it. Throws only if the run is over.
   */
  listLoggedChanges(
    scope: ScopeId,
    flag: string,
    period: AuditPeriod,
  ): Promise<readonly LoggedChange[] | undefined>;
  /** Returns the targets before and after a logged change; undefined as above, or if the entry does not have them. */
  getLoggedTargets(id: string, environment: string): Promise<LoggedTargets | undefined>;
}

interface PatchOptions {
  readonly comment: string;
  /** Validates without saving. */
  readonly dryRun: boolean;
  /** Makes the change even if a pending scheduled change or approval request then fails. */
  readonly ignoreConflicts: boolean;
}

/** A new approval request. */
export interface ApprovalDraft {
  readonly description: string;
  /** For the audit log. */
  readonly comment: string;
  readonly instructions: readonly Instruction[];
  readonly notify: Notify;
}

/** How the instructions of a patch of dates ended. */
export interface DatesAnswer {
  /** Messages about failed instructions, by their index. */
  readonly errors: ReadonlyMap<number, string>;
  /** Whether every other instruction succeeded. If not, or if the response does not say so, the dates must be read. */
  readonly othersSucceeded: boolean;
}

/** The client for applying: it reads and writes. */
export interface FlagWriter extends FlagReader {
  /**
   * Sets one override, or removes it if `setting` is null. The comment appears in the audit log. Resolves when
   * LaunchDarkly has accepted the write. Throws ApiError, NetworkError, and OperatorError `interrupted`, `run-timeout`,
   * `redirect`; with `api: users` also `route-removed`, and `route-known-removed` for each write after that. An error
   * does not mean that nothing was written: `delivery` records whether every request was answered.
   */
  putSetting(
    scope: ScopeId,
    id: OverrideId,
    setting: Json,
    comment: string,
    delivery: Delivery,
  ): Promise<void>;
  /**
   * Changes many targets of one flag in one environment, all or none. The comment appears in the audit log. Returns the
   * flag after the change, or undefined if the response does not contain it. Throws and records as `putSetting` does.
   */
  patchTargets(
    scope: ScopeId,
    flag: string,
    instructions: readonly Instruction[],
    options: PatchOptions,
    delivery: Delivery,
  ): Promise<LiveFlag | undefined>;
  /**
   * Changes the dates of a flag's targets in one environment. Each instruction succeeds or fails on its own. The comment
   * appears in the audit log. Throws and records as `putSetting` does.
   */
  patchDates(
    scope: ScopeId,
    flag: string,
    instructions: readonly DateInstruction[],
    comment: string,
    delivery: Delivery,
  ): Promise<DatesAnswer>;
  /** As `listDates`, also after the end of the run: see `lookUpFlag`. */
  lookUpDates(scope: ScopeId, flag: string): Promise<readonly LiveDate[]>;
  /**
   * As `getFlag`, but also after the end of the run: then with one attempt of at most five seconds, so that the outcome
   * of a write whose answer was lost can be found out.
   */
  lookUpFlag(project: string, flag: string, environments: readonly string[]): Promise<LiveFlag | undefined>;
  /**
   * Creates an approval request. It is sent once, or again after a 429: if its answer is lost, list the requests before
   * creating it again. Returns undefined if the response does not contain it. Throws and records as `putSetting` does.
   */
  createApprovalRequest(
    scope: ScopeId,
    flag: string,
    draft: ApprovalDraft,
    delivery: Delivery,
  ): Promise<OpenApprovalRequest | undefined>;
  /** As `listApprovalRequests`, but also after the end of the run, as `lookUpFlag`. */
  lookUpApprovalRequests(scope: ScopeId, flag: string): Promise<readonly OpenApprovalRequest[]>;
  /** Whether LaunchDarkly accepts the token. A 401 alone may also mean that a permission is missing. */
  tokenWorks(): Promise<boolean>;
}
