import { randomBytes } from 'node:crypto';
import type { Attempt } from '../history/refs/read-refs.js';
import { recordAttempts } from '../history/refs/attempts.js';
import type { RefPlace } from '../history/refs/ref-place.js';
import type { ApplyOptions } from '../planning/options.js';
import type { PlanningResult } from '../planning/prepare.js';
import type { Plan } from '../reconcile/plan.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';

/** The parts of an apply that recording needs. */
export interface RecordingInput {
  readonly planning: PlanningResult;
  /** The plan that is applied. */
  readonly plan: Plan;
  readonly options: Pick<ApplyOptions, 'check' | 'filter' | 'only' | 'offline' | 'record' | 'shard'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds until the time limit of the run. */
  readonly timeLeft: () => number;
}

/** What was recorded before the first write. */
export interface BegunAttempts {
  readonly attempts: readonly Attempt[];
  readonly notices: readonly string[];
}

/** How long after the last moment at which a request can start its answer may still be on its way, in milliseconds. */
const SLACK = 10 * 60_000;

/**
 * Records an attempt in each scope in which this apply will write something: from then on, every clone knows that what
 * HEAD declares may be live, even if this process is killed and the commit disappears from the branch.
 * @throws OperatorError `attempt-not-recorded`; then nothing may be written
 */
export async function beginAttempts(input: RecordingInput): Promise<BegunAttempts> {
  const { planning, plan, options, now } = input;
  const place = refPlace(input);
  const head = planning.past.git?.head;
  const scopes = writtenScopes(plan);
  if (place === undefined || head === undefined || options.check === true || scopes.length === 0) {
    return { attempts: [], notices: [] };
  }
  const { timeouts } = planning.declared.config;
  const { attempts, warning } = await recordAttempts(
    place,
    scopes,
    {
      commit: head.id,
      filter: options.filter,
      shard: options.shard,
      expires: now() + timeouts.run + timeouts.attempt + SLACK,
    },
    { random: randomBytes(8).toString('hex'), now: now(), mustPush: options.record },
  );
  return { attempts, notices: warning === undefined ? [] : [warning] };
}

/** Where refs are recorded; undefined without a repository or before its first commit. */
export function refPlace({ planning, plan, options, timeLeft }: RecordingInput): RefPlace | undefined {
  const { git } = planning.past;
  if (git === undefined) return undefined;
  return {
    repo: git.repository,
    host: new URL(plan.baseUrl).host,
    name: planning.declared.config.name,
    push: !options.offline,
    timeout: timeLeft(),
  };
}

/** The scopes with changes that are not withheld. */
function writtenScopes({ changes }: Plan): ScopeId[] {
  const scopes = new Map<string, ScopeId>();
  for (const change of changes) {
    if (change.withheld !== undefined) continue;
    const { project, environment } = change;
    scopes.set(scopeKey(change), { project, environment });
  }
  return [...scopes.values()];
}
