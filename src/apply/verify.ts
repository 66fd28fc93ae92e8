import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';
import { readProject } from '../launchdarkly/read/read-project.js';
import type { Change } from '../reconcile/plan.js';
import type { LiveFlag } from '../reconcile/state.js';
import { liveVariation } from './live-flag.js';
import type { Outcome } from './outcome.js';

/** A change that was applied but is not live. */
interface Mismatch {
  readonly change: Change;
  /** Index of the variation that is live instead; undefined for no override. */
  readonly live: number | undefined;
}

/** The result of reading back. */
export interface Verification {
  /** How many applied changes were checked. */
  readonly checked: number;
  readonly mismatches: readonly Mismatch[];
  /** Why some of them could not be checked, in one line. */
  readonly failure: string | undefined;
}

/** The value of `failure` if the run was interrupted while reading back. */
export const INTERRUPTED = 'interrupted';

/** Milliseconds before each further read. LaunchDarkly does not document how soon a write can be read. */
const READ_DELAYS = [300, 1000, 3000] as const;

/** Reads the flags that were written to, and checks that every applied change is live. Never throws. */
export async function verify(
  outcomes: readonly Outcome[],
  options: { readonly reader: FlagReader; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<Verification> {
  const applied = outcomes.filter(({ status }) => status === 'applied').map(({ change }) => change);
  const mismatches: Mismatch[] = [];
  try {
    for (const [project, changes] of byProject(applied)) {
      for (const mismatch of await verifyProject(project, changes, options)) mismatches.push(mismatch);
    }
    return { checked: applied.length, mismatches, failure: undefined };
  } catch (error) {
    if (options.signal?.aborted === true)
      return { checked: applied.length, mismatches, failure: INTERRUPTED };
    const failure = error instanceof OperatorError ? error.message : `unexpected: ${String(error)}`;
    return { checked: applied.length, mismatches, failure };
  }
}

function byProject(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const projects = new Map<string, Change[]>();
  for (const change of changes) {
    const known = projects.get(change.project);
    if (known === undefined) projects.set(change.project, [change]);
    else known.push(change);
  }
  return projects;
}

async function verifyProject(
  project: string,
  changes: readonly Change[],
  options: { readonly reader: FlagReader; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<readonly Mismatch[]> {
  let notLive = changes;
  for (const delay of [...READ_DELAYS, undefined]) {
    const flags = await readFlags(project, notLive, options.reader);
    notLive = notLive.filter(
      (change) => liveVariation(flags.get(change.flag), change) !== change.after?.variation,
    );
    if (notLive.length === 0) return [];
    if (delay === undefined) {
      return notLive.map((change) => ({ change, live: liveVariation(flags.get(change.flag), change) }));
    }
    await options.clock.sleep(delay, options.signal);
  }
  return [];
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
