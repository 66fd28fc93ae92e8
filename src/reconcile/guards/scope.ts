import { type Change, countActions, type GuardRefusal } from '../plan.js';
import { matcher, type ScopePolicy } from '../policy.js';
import { showOverride } from '../show.js';
import { type ScopeId, scopeKey } from '../state.js';

/** What guards look at: one scope as a whole, before any filter. */
export interface GuardedScope {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly changes: readonly Change[];
  /** Live overrides that are ours (for `prune: environment`: all of them). */
  readonly ours: number;
  /** Declared overrides, `null` not counted, that are live now or will be. */
  readonly kept: number;
  /** Overrides that the declarations name, in any way. */
  readonly declared: number;
}

/**
 * Checks a scope against its limits. What is held back anyway counts for nothing.
 * @param force whether `--force` was given; it lifts everything but `protected`
 */
export function guardScope(guarded: GuardedScope, force: boolean): GuardRefusal[] {
  const { scope, policy, ours, kept, declared } = guarded;
  const changes = guarded.changes.filter((change) => change.withheld === undefined);
  const counts = countActions(changes);
  const name = scopeKey(scope);
  const { limits } = policy;
  const refusals: GuardRefusal[] = [];
  const refuse = (code: GuardRefusal['code'], message: string, remedy: string): void => {
    refusals.push({ code, message: `${name}: ${message}`, remedy, lifted: force && code !== 'protected' });
  };
  const share = (code: 'updates' | 'removals', count: number, limit: number, verb: string): void => {
    // Shares are compared, not counts: 29 of 100 is not over 29%, and 100 * 0.29 is less than 29.
    if (ours < limits.floor || count === 0 || count / ours <= limit) return;
    const percent = `${percentOver(count / ours, limit)}, limit ${showPercent(limit)}`;
    refuse(
      code,
      `${count} of ${ours} live overrides would be ${verb} (${percent})`,
      `--force, or limits.${code} in the configuration`,
    );
  };
  share('updates', counts.update, limits.updates, 'updated');
  share('removals', counts.remove, limits.removals, 'removed');
  if (counts.remove > 0 && declared === 0) {
    refuse(
      'empty-scope',
      `nothing is declared any more, and ${plural(counts.remove, 'override')} of ours would be removed`,
      '--force, if the scope is meant to be emptied',
    );
  } else if (counts.remove > 0 && kept === 0) {
    refuse(
      'none-left',
      `none of ${plural(counts.remove, 'override')} of ours would be left`,
      '--force, if all of them are meant to go',
    );
  }
  if (limits.changes !== null && changes.length > limits.changes) {
    refuse(
      'changes',
      `${changes.length} changes, limit ${limits.changes}`,
      '--force, or limits.changes in the configuration',
    );
  }
  const touched = changes.filter(protectedBy(policy));
  const [first] = touched;
  if (first !== undefined) {
    const others = touched.length > 1 ? ` and ${touched.length - 1} more are` : ' is';
    refuse(
      'protected',
      `${showOverride(first)}${others} protected`,
      'a change of protect in the configuration; --force does not lift it',
    );
  }
  return refusals;
}

function protectedBy({ protect }: ScopePolicy): (change: Change) => boolean {
  const flags = matcher(protect.flags);
  const contexts = protect.contexts.map((glob) => {
    const colon = glob.indexOf(':');
    return { kind: matcher([glob.slice(0, colon)]), key: matcher([glob.slice(colon + 1)]) };
  });
  return (change) =>
    flags(change.flag) || contexts.some((context) => context.kind(change.kind) && context.key(change.key));
}

/** A share as a percentage, with as few decimals as tell it from the limit that it is over. */
function percentOver(share: number, limit: number): string {
  const decimals = [0, 1, 2].find((digits) => Number((100 * share).toFixed(digits)) > 100 * limit);
  return `${(100 * share).toFixed(decimals ?? 3)}%`;
}

function showPercent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(6))}%`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether any guard still stands. */
export function isRefused(guards: readonly GuardRefusal[]): boolean {
  return guards.some((guard) => !guard.lifted);
}
