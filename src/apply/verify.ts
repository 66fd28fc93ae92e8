import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { readProject } from '../launchdarkly/read/read-project.js';
import type { Change } from '../reconcile/plan.js';
import type { LiveFlag } from '../reconcile/state.js';
import { liveVariation } from './live-flag.js';
import type { AppliedChanges } from './apply.js';
import type { DateOutcome, Outcome } from './outcome.js';
import { READ_DELAYS, type ReadBackOptions } from './read-back.js';
import { resultWithFlag } from './settle.js';
import { type DateMismatch, verifyDates } from './verify-dates.js';

/** A change that was applied but is not live. */
interface Mismatch {
  readonly change: Change;
  /** Index of the variation that is live instead; undefined for no override. */
  readonly live: number | undefined;
}

/** The result of reading back. */
export interface Verification {
  /** How many applied changes were checked, those of dates included. */
  readonly checked: number;
  readonly mismatches: readonly Mismatch[];
  readonly dateMismatches: readonly DateMismatch[];
  /** Why some of them could not be checked; undefined if all were. */
  readonly failure: VerificationFailure | undefined;
}

export type VerificationFailure =
  | { readonly type: 'interrupted' }
  /** The flags could not be read. `message` is one line. */
  | { readonly type: 'unreadable'; readonly message: string };

/** The outcomes after reading back. */
interface ReadBack {
  /** As given, except that outcomes without an answer are decided by what is live now. */
  readonly outcomes: readonly Outcome[];
  readonly dates: readonly DateOutcome[];
  readonly verification: Verification;
}

/**
 * Reads the flags that were written to, checks that every applied change is live, and decides the outcomes without an
 * answer. Never throws.
 */
export async function verify(
  { outcomes, dates }: AppliedChanges,
  options: ReadBackOptions,
): Promise<ReadBack> {
  const read = outcomes.filter(({ status, unanswered }) => status === 'applied' || unanswered === true);
  const mismatches: Mismatch[] = [];
  const decided = new Map<Change, Outcome>();
  let readDates: Awaited<ReturnType<typeof verifyDates>> = { dates, mismatches: [] };
  let failure: VerificationFailure | undefined;
  try {
    for (const [project, ofProject] of byProject(read)) {
      for (const [outcome, flag] of await readUntilLive(project, ofProject, options)) {
        const { change, status } = outcome;
        if (status !== 'applied') decided.set(change, decide(outcome, flag));
        else if (!isLive(change, flag)) mismatches.push({ change, live: liveVariation(flag, change) });
      }
    }
    readDates = await verifyDates(dates, options);
  } catch (error) {
    failure = failureOf(error, options.signal);
  }
  const after = outcomes.map((outcome) => decided.get(outcome.change) ?? outcome);
  const checked = [...after, ...readDates.dates].filter(({ status }) => status === 'applied').length;
  return {
    outcomes: after,
    dates: readDates.dates,
    verification: { checked, mismatches, dateMismatches: readDates.mismatches, failure },
  };
}

function failureOf(error: unknown, signal: AbortSignal | undefined): VerificationFailure {
  if (signal?.aborted === true) return { type: 'interrupted' };
  const message = error instanceof OperatorError ? error.message : `unexpected: ${String(error)}`;
  return { type: 'unreadable', message };
}

/** The outcome of a change without an answer, now that its flag was read. A failed change keeps its first message. */
function decide(outcome: Outcome, flag: LiveFlag | undefined): Outcome {
  const { change, status } = outcome;
  const { ending } = resultWithFlag(change, { ending: outcome, extent: 'change' }, flag);
  return status === 'failed' && ending.status === 'failed'
    ? outcome
    : { change, ...ending, unanswered: true };
}

function byProject(outcomes: readonly Outcome[]): ReadonlyMap<string, readonly Outcome[]> {
  const projects = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const { project } = outcome.change;
    const known = projects.get(project);
    if (known === undefined) projects.set(project, [outcome]);
    else known.push(outcome);
  }
  return projects;
}

/**
 * Reads the flags of the outcomes, several times while a change is not live that was or may have been applied.
 * @returns the flag of each outcome as it was read last; undefined if it was deleted
 */
async function readUntilLive(
  project: string,
  outcomes: readonly Outcome[],
  { reader, clock, signal }: ReadBackOptions,
): Promise<ReadonlyMap<Outcome, LiveFlag | undefined>> {
  const found = new Map<Outcome, LiveFlag | undefined>();
  let notLive = outcomes;
  for (const delay of [...READ_DELAYS, undefined]) {
    const changes = notLive.map(({ change }) => change);
    const flags = await readFlags(project, changes, reader);
    for (const outcome of notLive) found.set(outcome, flags.get(outcome.change.flag));
    notLive = notLive.filter(({ change }) => !isLive(change, flags.get(change.flag)));
    // A change that has failed is not expected to become live.
    if (delay === undefined || notLive.every(({ status }) => status === 'failed')) break;
    await clock.sleep(delay, signal);
  }
  return found;
}

function isLive(change: Change, flag: LiveFlag | undefined): boolean {
  return liveVariation(flag, change) === change.after?.variation;
}

/** Reads the flags of the changes, as a list or one by one, whichever needs fewer requests. */
async function readFlags(
  project: string,
  changes: readonly Change[],
  reader: FlagReader,
): Promise<ReadonlyMap<string, LiveFlag>> {
  const environments = [...new Set(changes.map(({ environment }) => environment))];
  const needed = new Set(changes.map(({ flag }) => flag));
  const query = { project, environments, needed, all: false, contextKinds: false };
  return (await readProject(reader, query)).flags;
}
