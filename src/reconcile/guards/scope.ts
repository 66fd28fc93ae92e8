import { type Change, countActions } from '../plan.js';
import type { ScopePolicy } from '../policy.js';
import { showOverride } from '../show.js';
import { type ScopeId, scopeKey } from '../state.js';
import { protectedBy } from './protect.js';
import { type GuardRefusal, refusal } from './refusal.js';
import type { GuardCode, Lift } from './table.js';

/** What the guards of a scope check: the whole scope, before any filter. */
export interface GuardedScope {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly changes: readonly Change[];
  /** Live overrides that are ours (for `prune: environment`: all of them). */
  readonly ours: number;
  /** Declared overrides, not counting `null`, that are live now or will be. */
  readonly kept: number;
  /** Overrides that the declarations name, in any way. */
  readonly declared: number;
}

/**
 * Checks a scope against its limits and protections. Withheld changes do not count.
 * @param force whether `--force` was given; it lifts everything but `protected`
 */
export function guardScope(guarded: GuardedScope, force: boolean): GuardRefusal[] {
  const { scope, policy, ours, kept, declared } = guarded;
  const changes = guarded.changes.filter((change) => change.withheld === undefined);
  const counts = countActions(changes);
  const { limits } = policy;
  const lifts = new Set<Lift>(force ? ['force'] : []);
  const refusals: GuardRefusal[] = [];
  const refuse = (code: GuardCode, message: string): void => {
    refusals.push(refusal(code, `${scopeKey(scope)}: ${message}`, lifts));
  };
  const checkShare = (code: 'updates' | 'removals', count: number, verb: string): void => {
    const limit = limits[code];
    // Compare shares, not counts: 29 of 100 is not over 29%, but 100 * 0.29 is less than 29.
    if (ours < limits.floor || count === 0 || count / ours <= limit) return;
    const percent = `${percentOver(count / ours, limit)}, limit ${showPercent(limit)}`;
    refuse(code, `${count} of ${ours} live overrides would be ${verb} (${percent})`);
  };
  checkShare('updates', counts.update, 'updated');
  checkShare('removals', counts.remove, 'removed');
  if (counts.remove > 0 && declared === 0) {
    refuse(
      'empty-scope',
      `nothing is declared any more, and ${counts.remove} of our overrides would be removed`,
    );
  } else if (counts.remove > 0 && kept === 0) {
    refuse('none-left', `none of our overrides would be left (${counts.remove} would be removed)`);
  }
  if (limits.changes !== null && changes.length > limits.changes) {
    refuse('changes', `${changes.length} changes, limit ${limits.changes}`);
  }
  const touched = changes.filter(protectedBy(policy));
  const [first] = touched;
  if (first !== undefined) {
    const others = touched.length > 1 ? ` and ${touched.length - 1} more are` : ' is';
    refuse('protected', `${showOverride(first)}${others} protected`);
  }
  return refusals;
}

/** A share as a percentage, with just enough decimals to be visibly over the limit. */
function percentOver(share: number, limit: number): string {
  const decimals = [0, 1, 2].find((digits) => Number((100 * share).toFixed(digits)) > 100 * limit);
  return `${(100 * share).toFixed(decimals ?? 3)}%`;
}

function showPercent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(6))}%`;
}
