import type { Outcome } from '../../src/apply/outcome.js';
import { type ApprovalOptions, requestApprovals } from '../../src/apply/request-approvals.js';
import { approvalDescription, type ApprovalGroup } from '../../src/reconcile/approvals.js';
import type { Change } from '../../src/reconcile/plan.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { skippingClock } from '../launchdarkly/server.js';
import { changeSeed, storefrontSeed } from '../support/seeds.js';
import { batchStage, type change, type Stage } from './setup.js';

const SEED = changeSeed(storefrontSeed({ environments: { production: { requireApprovals: true } } }), {
  tokens: [
    ...defaultSeed.tokens,
    { token: 'api-bypass', role: 'writer', bypassApprovals: true },
    { token: 'api-denied', role: 'writer', denied: ['createApprovalRequest'] },
  ],
});

export interface ApprovalStage {
  readonly stage: Stage;
  readonly named: (...args: Parameters<typeof change>) => Change;
  /** Applies changes and requests approvals for those that need them. */
  readonly run: (changes: readonly Change[], more?: Partial<ApprovalOptions>) => Promise<readonly Outcome[]>;
  /** Only requests approvals, for changes that were not applied for want of them. */
  readonly request: (
    changes: readonly Change[],
    more?: Partial<ApprovalOptions>,
  ) => Promise<readonly Outcome[]>;
  /** The context keys of each request. */
  readonly requested: () => readonly (readonly string[])[];
  /** Statuses of the requests to create an approval request. */
  readonly posts: () => readonly number[];
}

/** A simulator on which production requires approvals; the faults affect only requests about these. */
export async function approvalStage(
  faults: readonly string[] = [],
  token = 'api-writer',
): Promise<ApprovalStage> {
  const { named, ...stage } = await batchStage({ seed: SEED, connection: { token } });
  const { simulator, writer, apply } = stage;
  for (const fault of faults) simulator.faults.add(parseFault(`${fault},path=*/approval-requests`));
  const requestFor = (
    outcomes: readonly Outcome[],
    more: Partial<ApprovalOptions>,
  ): Promise<readonly Outcome[]> =>
    requestApprovals(outcomes, {
      writer,
      clock: skippingClock(),
      concurrency: 4,
      signal: new AbortController().signal,
      notify: () => ({ members: [], teams: [] }),
      values: 500,
      isPartial: false,
      name: 'default',
      describe: described,
      ...more,
    });
  return {
    stage,
    named,
    run: async (changes, more = {}) => requestFor(await apply(changes), more),
    request: (changes, more = {}) => requestFor(changes.map(waiting), more),
    requested: () =>
      [...simulator.world.approvals.values()].map(({ instructions }) =>
        instructions.flatMap(({ values }) => values as readonly string[]),
      ),
    posts: () => simulator.requests.filter(({ method }) => method === 'POST').map(({ status }) => status),
  };
}

/** How requests are described, unless a test says otherwise. */
export function described(group: ApprovalGroup): ReturnType<ApprovalOptions['describe']> {
  return { description: approvalDescription(group, 'default', 'Start'), comment: 'Start' };
}

function waiting(item: Change): Outcome {
  return { change: item, status: 'approval-required', reason: 'approval-required', message: 'required' };
}
