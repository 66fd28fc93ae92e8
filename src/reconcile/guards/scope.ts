import { type Change, countActions } from '../plan.js';
import type { ScopePolicy } from '../policy.js';
import { showOverride } from '../show.js';
import { type ScopeId, scopeKey } from '../state.js';
import { protectedBy } from './protect.js';
import { type Checked, type GuardRefusal, refusal, refusalsOf } from './refusal.js';
import type { Lift, ScopeGuardCode } from './table.js';

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
  const { scope, policy } = guarded;
  const changes = guarded.changes.filter((change) => change.withheld === undefined);
  const counts = countActions(changes);
  const lifts = new Set<Lift>(force ? ['force'] : []);
  const refuse = <Code extends ScopeGuardCode>(code: Code, message: string | undefined) =>
    message === undefined ? undefined : refusal(code, `${scopeKey(scope)}: ${message}`, lifts);
  const checked: Checked<ScopeGuardCode> = {
    updates: refuse('updates', overShare(guarded, 'updates', counts.update, 'updated')),
    removals: refuse('removals', overShare(guarded, 'removals', counts.remove, 'removed')),
    'none-left': refuse('none-left', noneLeft(guarded, counts.remove)),
    'empty-scope': refuse('empty-scope', nothingDeclared(guarded, counts.remove)),
    changes: refuse('changes', tooManyChanges(policy, changes.length)),
    protected: refuse('protected', touchesProtected(policy, changes)),
  };
  return refusalsOf(checked);
}

function overShare(
  { policy: { limits }, ours }: GuardedScope,
  name: 'updates' | 'removals',
  count: number,
  verb: string,
): string | undefined {
  const limit = limits[name];
  // Compare shares, not counts: 29 of 100 is not over 29%, but 100 * 0.29 is less than 29.
  if (ours < limits.floor || count === 0 || count / ours <= limit) return undefined;
  const percent = `${percentOver(count / ours, limit)}, limit ${showPercent(limit)}`;
  return `${count} of ${ours} live overrides would be ${verb} (${percent})`;
}

function nothingDeclared({ declared }: GuardedScope, removals: number): string | undefined {
  if (removals === 0 || declared > 0) return undefined;
  return `nothing is declared any more, and ${removals} of our overrides would be removed`;
}

/** `nothingDeclared` reports the case without any declaration. */
function noneLeft({ declared, kept }: GuardedScope, removals: number): string | undefined {
  if (removals === 0 || declared === 0 || kept > 0) return undefined;
  return `none of our overrides would be left (${removals} would be removed)`;
}

function tooManyChanges({ limits }: ScopePolicy, count: number): string | undefined {
  if (limits.changes === null || count <= limits.changes) return undefined;
  return `${count} changes, limit ${limits.changes}`;
}

function touchesProtected(policy: ScopePolicy, changes: readonly Change[]): string | undefined {
  const touched = changes.filter(protectedBy(policy));
  const [first] = touched;
  if (first === undefined) return undefined;
  const others = touched.length > 1 ? ` and ${touched.length - 1} more are` : ' is';
  return `${showOverride(first)}${others} protected`;
}

/** A share as a percentage, with just enough decimals to be visibly over the limit. */
function percentOver(share: number, limit: number): string {
  const decimals = [0, 1, 2].find((digits) => Number((100 * share).toFixed(digits)) > 100 * limit);
  return `${(100 * share).toFixed(decimals ?? 3)}%`;
}

function showPercent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(6))}%`;
}
