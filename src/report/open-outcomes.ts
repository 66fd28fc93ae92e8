import { isOpen, type Outcome } from '../apply/outcome.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { amount } from './words.js';

/** One line of a report about what did not go through. */
export interface OpenLine {
  readonly status: Outcome['status'];
  /** `storefront/production`. */
  readonly scope: string;
  /** The override, or the flag for a line about all of its changes. */
  readonly subject: string;
  /** Whether the line is about a flag, and not about one override. */
  readonly ofFlag: boolean;
  readonly message: string;
  /** How many changes the line is about. */
  readonly changes: number;
}

/**
 * What did not go through, in the order of the plan: one line a change, but a single line for all the changes of a flag
 * in an environment that were denied, since they have one cause and one remedy.
 */
export function openLines(outcomes: readonly Outcome[]): OpenLine[] {
  const open = outcomes.filter(isOpen);
  const denied = new Map<string, number>();
  for (const outcome of open) {
    if (isDenied(outcome)) denied.set(flagKey(outcome), (denied.get(flagKey(outcome)) ?? 0) + 1);
  }
  const lines: OpenLine[] = [];
  for (const outcome of open) {
    const { change, status, message } = outcome;
    const common = { status, scope: scopeKey(change) };
    if (!isDenied(outcome)) {
      lines.push({ ...common, subject: showOverride(change), ofFlag: false, message, changes: 1 });
      continue;
    }
    const changes = denied.get(flagKey(outcome));
    if (changes === undefined) continue;
    denied.delete(flagKey(outcome));
    const words = `${amount(changes, 'change')} ${message}`;
    lines.push({ ...common, subject: change.flag, ofFlag: true, message: words, changes });
  }
  return lines;
}

function isDenied({ reason }: Outcome): boolean {
  return reason === 'missing-permission';
}

function flagKey({ change }: Outcome): string {
  return `${scopeKey(change)}/${change.flag}`;
}
