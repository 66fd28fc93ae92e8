import { type DateOutcome, isOpen, type Outcome } from '../apply/outcome.js';
import { showOverride } from '../reconcile/show.js';
import { type OverrideId, type ScopeId, scopeKey } from '../reconcile/state.js';
import { plural } from '../text/plural.js';

/** A line of a report about changes that were not applied. */
export interface OutcomeLine {
  readonly status: Outcome['status'];
  /** Covers one change, all denied changes of a flag, or all changes that were not started. */
  readonly extent: 'change' | 'flag' | 'run';
  /** `storefront/production`; for extent `run`, the scope of the first change. */
  readonly scope: string;
  /** The override, the flag, or the number of changes. */
  readonly subject: string;
  readonly message: string;
  /** Number of changes that the line covers. */
  readonly changes: number;
  /** The address of the approval request that asks for the changes. */
  readonly url?: string;
}

/**
 * Changes that were not applied, in the order of the plan. Each has a line, but those with the same cause and remedy
 * share one: the denied changes of a flag in an environment, those that one approval request asks for, and the changes that
 * an earlier failure kept from starting.
 */
export function outcomeLines(outcomes: readonly Outcome[], dates: readonly DateOutcome[]): OutcomeLine[] {
  return [
    ...linesFor(outcomes, { one: 'change', subject: showOverride }),
    ...linesFor(dates, { one: 'date', subject: (id) => `the date of ${showOverride(id)}` }),
  ];
}

/** How outcomes of one kind are named. */
interface Names {
  /** For example `change`. */
  readonly one: string;
  readonly subject: (id: OverrideId) => string;
}

type AnyOutcome = Outcome<ScopeId & OverrideId>;

function linesFor(outcomes: readonly AnyOutcome[], names: Names): OutcomeLine[] {
  const groups = new Map<string | AnyOutcome, [AnyOutcome, ...AnyOutcome[]]>();
  for (const outcome of outcomes.filter(isOpen)) {
    const key = groupKey(outcome) ?? outcome;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  return [...groups.values()].map((group) => lineFor(group, names));
}

/** Outcomes with the same key share a line; undefined for an outcome with its own line. */
function groupKey({ change, reason, message, approval }: AnyOutcome): string | undefined {
  if (approval !== undefined) return `approval ${scopeKey(change)}/${change.flag}/${approval.id}`;
  if (reason === 'missing-permission') return `flag ${scopeKey(change)}/${change.flag}`;
  return reason === 'stopped' ? `run ${message}` : undefined;
}

function lineFor(group: readonly [AnyOutcome, ...AnyOutcome[]], { one, subject }: Names): OutcomeLine {
  const [{ change, status, reason, message, approval }] = group;
  const changes = group.length;
  const common = { status, scope: scopeKey(change), message, changes };
  if (approval !== undefined) {
    const { url } = approval;
    const all = `${message} (${plural(changes, 'change')})`;
    return { ...common, extent: 'flag', subject: change.flag, message: all, url };
  }
  if (reason === 'missing-permission') {
    return {
      ...common,
      extent: 'flag',
      subject: change.flag,
      message: `${plural(changes, one)} ${message}`,
    };
  }
  if (changes > 1) return { ...common, extent: 'run', subject: plural(changes, one) };
  return { ...common, extent: 'change', subject: subject(change) };
}
