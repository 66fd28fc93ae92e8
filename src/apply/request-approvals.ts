import pLimit from 'p-limit';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { ApprovalDraft, FlagWriter } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';
import { ApiError } from '../launchdarkly/http/api-error.js';
import { Delivery } from '../launchdarkly/http/delivery.js';
import { explainNetwork } from '../launchdarkly/http/explain.js';
import { NetworkError } from '../launchdarkly/http/network-error.js';
import { backoff } from '../launchdarkly/http/retry.js';
import {
  type ApprovalGroup,
  approvalGroups,
  coveringRequests,
  type OpenApprovalRequest,
} from '../reconcile/approvals.js';
import type { ApprovalStatus, Change } from '../reconcile/plan.js';
import type { Notify } from '../reconcile/policy.js';
import { type LiveFlag, type ScopeId, scopeKey } from '../reconcile/state.js';
import { denied } from './classify.js';
import { liveMoved, liveVariation, readFlag, unwritable } from './live-flag.js';
import { applied, approvalOpen, failed, type Outcome, type Result } from './outcome.js';

/** How to request approvals. */
export interface ApprovalOptions {
  readonly writer: FlagWriter;
  readonly clock: Clock;
  /** In how many flags requests are created in parallel. */
  readonly concurrency: number;
  /** Once aborted, no further request is created. */
  readonly signal: AbortSignal;
  /** Who is asked to review in a scope; undefined if approvals are not requested there. */
  readonly notify: (scope: ScopeId) => Notify | undefined;
  /** The maximum number of context keys in one request. */
  readonly values: number;
  /** Whether filters left out changes: then an open request may ask for more. */
  readonly isPartial: boolean;
  /** The name of the configuration. */
  readonly name: string;
  readonly describe: (group: ApprovalGroup) => Pick<ApprovalDraft, 'description' | 'comment'>;
}

/** How often the creation of a request is tried if its answer is lost. */
const MAX_CREATIONS = 4;

/**
 * Creates approval requests for the changes that require approval, one for each flag, environment and commit, unless an
 * open request already asks for the same. Returns the outcomes, in the same order. Never throws.
 */
export async function requestApprovals(
  outcomes: readonly Outcome[],
  options: ApprovalOptions,
): Promise<readonly Outcome[]> {
  const run = new ApprovalRun(options);
  const limit = pLimit(options.concurrency);
  const flags = byFlag(outcomes.filter(({ change }) => options.notify(change) !== undefined));
  await Promise.all(flags.map((ofFlag) => limit(() => run.requestFor(ofFlag))));
  return outcomes.map((outcome) => {
    const result = run.results.get(outcome.change);
    if (result === undefined) return outcome;
    const { ending, unanswered } = result;
    return { change: outcome.change, ...ending, ...(unanswered === true ? { unanswered } : {}) };
  });
}

/** The outcomes of each flag in one environment, in their order. */
function byFlag(outcomes: readonly Outcome[]): readonly (readonly Outcome[])[] {
  const flags = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const { change } = outcome;
    const key = `${scopeKey(change)}/${change.flag}`;
    const ofFlag = flags.get(key);
    if (ofFlag === undefined) flags.set(key, [outcome]);
    else ofFlag.push(outcome);
  }
  return [...flags.values()];
}

class ApprovalRun {
  readonly #options: ApprovalOptions;
  /** Once LaunchDarkly does not respond any more, nothing else is sent. */
  #isStopped = false;
  readonly results = new Map<Change, Result>();

  constructor(options: ApprovalOptions) {
    this.#options = options;
  }

  /** Requests approval for the changes of one flag in one environment that require it. Never throws. */
  async requestFor(outcomes: readonly Outcome[]): Promise<void> {
    const waiting = outcomes.filter(({ status }) => status === 'approval-required');
    const changes = waiting.map(({ change }) => change);
    const [target] = changes;
    if (target === undefined || this.#isOver()) return;
    try {
      await this.#requestAll(
        changes,
        outcomes.map(({ change }) => change),
        target,
      );
    } catch (error) {
      // Only a bug gets here. A request may have been created, and the other flags still need theirs.
      const message = `unexpected: ${error instanceof Error ? error.message : String(error)}`;
      const open = changes.filter((change) => !this.results.has(change));
      this.#end(open, { ...failed('unexpected', message, { cause: error }), unanswered: true });
    }
  }

  /** @param all the changes of the flag, including those that need no approval */
  async #requestAll(changes: readonly Change[], all: readonly Change[], target: Change): Promise<void> {
    const { writer, values, isPartial, name } = this.#options;
    let uncovered: readonly Change[] = changes;
    try {
      const open = await writer.listApprovalRequests(target, target.flag);
      const covering = coveringRequests({ changes, all, isPartial, name }, open);
      for (const [change, request] of covering) this.#end([change], alreadyOpen(request));
      uncovered = changes.filter((change) => !covering.has(change));
      if (uncovered.length === 0) return;
      // A request may have been applied since the plan was made.
      uncovered = this.#endMoved(uncovered, await readFlag(target, writer), target);
    } catch (error) {
      this.#end(uncovered, this.#unread(error));
      return;
    }
    for (const group of approvalGroups(uncovered, values)) {
      if (this.#isOver()) return;
      this.#end(group.changes, await this.#create(group));
    }
  }

  /** Ends the changes whose overrides are live, or were changed elsewhere, since the plan. Returns the others. */
  #endMoved(changes: readonly Change[], flag: LiveFlag | undefined, target: Change): readonly Change[] {
    const gone = unwritable(flag, target);
    if (gone !== undefined) {
      this.#end(changes, gone);
      return [];
    }
    return changes.filter((change) => {
      const live = liveVariation(flag, change);
      if (live === change.before?.variation) return true;
      this.#end([change], live === change.after?.variation ? applied('already-live') : liveMoved());
      return false;
    });
  }

  #isOver(): boolean {
    return this.#isStopped || this.#options.signal.aborted;
  }

  #end(changes: readonly Change[], result: Result | undefined): void {
    if (result !== undefined) for (const change of changes) this.results.set(change, result);
  }

  /** Creates a request. If its answer is lost, looks for it before another attempt, so that there is only one. */
  async #create(group: ApprovalGroup): Promise<Result | undefined> {
    const { writer, clock, signal, name, notify, describe } = this.#options;
    const { changes } = group;
    const [target] = changes;
    const draft: ApprovalDraft = {
      ...describe(group),
      instructions: group.instructions,
      notify: notify(target) ?? { members: [], teams: [] },
    };
    const delivery = new Delivery();
    for (let attempt = 1; ; attempt += 1) {
      let failure: unknown;
      try {
        const created = await writer.createApprovalRequest(target, target.flag, draft, delivery);
        if (created !== undefined) return requested(created);
      } catch (error) {
        failure = error;
        if (delivery.isAnswered) return this.#refused(error, target);
      }
      // The request may still be on its way.
      if (!signal.aborted) await clock.sleep(backoff(attempt, clock.random()));
      let isLookedUp = false;
      try {
        const open = await writer.lookUpApprovalRequests(target, target.flag);
        const found = coveringRequests({ changes, all: changes, isPartial: false, name }, open).get(target);
        if (found !== undefined) return requested(found);
        isLookedUp = true;
      } catch (error) {
        failure = error;
      }
      if (!isLookedUp || attempt >= MAX_CREATIONS || signal.aborted) {
        this.#isStopped = true;
        return unconfirmed(target, failure);
      }
    }
  }

  /** The result if the open requests or the flag could not be read. A request that is created then may be a duplicate. */
  #unread(error: unknown): Result | undefined {
    if (isRunOver(error)) {
      this.#isStopped = true;
      return undefined;
    }
    const message = `no approval request was created: ${error instanceof Error ? error.message : String(error)}`;
    const cause = error instanceof OperatorError ? error.cause : error;
    if (cause instanceof ApiError && cause.status < 500) return failed('refused', message, { cause });
    this.#isStopped = true;
    return failed(cause instanceof ApiError ? 'unavailable' : 'unreachable', message, { cause });
  }

  /** The result if an answered request was refused, or none was sent. */
  #refused(error: unknown, target: Change): Result | undefined {
    if (isRunOver(error)) {
      this.#isStopped = true;
      return undefined;
    }
    if (error instanceof NetworkError) {
      this.#isStopped = true;
      return failed('unreachable', explainNetwork(error).message, { cause: error });
    }
    const message = `no approval request was created: ${error instanceof Error ? error.message : String(error)}`;
    if (!(error instanceof ApiError)) return failed('refused', message, { cause: error });
    const { status } = error;
    if (status === 401 || status === 403) return denied(error, target, 'createApprovalRequest');
    return failed(status === 429 ? 'rate-limited' : 'refused', message, { cause: error });
  }
}

/** Whether the run was interrupted or out of time, so that the change only requires approval. */
function isRunOver(error: unknown): boolean {
  return error instanceof OperatorError && (error.code === 'interrupted' || error.code === 'run-timeout');
}

function requested(request: OpenApprovalRequest): Result {
  return approvalOpen('approval-requested', 'approval requested', request);
}

const FOUND = {
  pending: ['approval-pending', 'approval was requested before and is waiting for review'],
  approved: ['approval-approved', 'approved: apply the request in LaunchDarkly'],
  scheduled: ['approval-approved', 'approved: LaunchDarkly applies the request on its date'],
  declined: [
    'approval-declined',
    'declined: change the declaration, or delete the request in LaunchDarkly to ask again',
  ],
} as const satisfies Readonly<Record<ApprovalStatus, unknown>>;

function alreadyOpen(request: OpenApprovalRequest): Result {
  const [reason, message] = FOUND[request.status];
  return approvalOpen(reason, message, request);
}

function unconfirmed({ flag, environment }: Change, failure: unknown): Result {
  const cause = failure instanceof Error ? `: ${failure.message}` : '';
  const message = `an approval request for ${flag} in ${environment} may have been created, and was not found${cause}`;
  return { ...failed('request-unconfirmed', message, { cause: failure }), unanswered: true };
}
