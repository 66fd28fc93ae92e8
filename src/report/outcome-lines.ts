import { isOpen, type Outcome } from '../apply/outcome.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { plural } from './words.js';

/** One line of a report about what did not go through. */
export interface OutcomeLine {
  readonly status: Outcome['status'];
  /** What the line is about: one override, all denied changes of a flag, or all changes that were not started. */
  readonly extent: 'change' | 'flag' | 'run';
  /** `storefront/production`; for a line about the run that of its first change. */
  readonly scope: string;
  /** The override, the flag, or how many changes. */
  readonly subject: string;
  readonly message: string;
  /** How many changes the line is about. */
  readonly changes: number;
}

/**
 * What did not go through, in the order of the plan: one line a change, but a single line for all that has one cause
 * and one remedy. That is all the denied changes of a flag in an environment, and all that were not started because of
 * an earlier failure.
 */
export function outcomeLines(outcomes: readonly Outcome[]): OutcomeLine[] {
  const groups = new Map<string | Outcome, [Outcome, ...Outcome[]]>();
  for (const outcome of outcomes.filter(isOpen)) {
    const key = groupKey(outcome) ?? outcome;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  return [...groups.values()].map(lineFor);
}

/** What an outcome shares a line with; undefined for a line to itself. */
function groupKey({ change, reason, message }: Outcome): string | undefined {
  if (reason === 'missing-permission') return `flag ${scopeKey(change)}/${change.flag}`;
  return reason === 'stopped' ? `run ${message}` : undefined;
}

function lineFor(group: readonly [Outcome, ...Outcome[]]): OutcomeLine {
  const [{ change, status, reason, message }] = group;
  const changes = group.length;
  const common = { status, scope: scopeKey(change), message, changes };
  if (reason === 'missing-permission') {
    const words = `${plural(changes, 'change')} ${message}`;
    return { ...common, extent: 'flag', subject: change.flag, message: words };
  }
  if (changes > 1) return { ...common, extent: 'run', subject: plural(changes, 'change') };
  return { ...common, extent: 'change', subject: showOverride(change) };
}
