import type { Plan } from '../reconcile/plan.js';
import { scopeKey } from '../reconcile/state.js';
import { printable } from './escape.js';
import { scopeBlocks, type TextOptions } from './plan-text.js';
import { plural } from '../text/plural.js';

/** Drift for a terminal: the scopes in which live moved, then a summary. */
export function driftText(plan: Plan, options: TextOptions): string {
  const moved = new Set(plan.changes.map(scopeKey));
  const scopes = plan.scopes.filter((scope) => moved.has(scopeKey(scope)));
  const blocks = scopeBlocks({ ...plan, scopes }, options).map((block) => `${block}\n\n`);
  const neverApplied = plan.scopes
    .filter(({ lastApplied }) => lastApplied === undefined)
    .map(
      (scope) => `${printable(scopeKey(scope))}: never applied from here, so there is no drift to report\n`,
    );
  const warnings = plan.warnings.map((warning) => `warning: ${printable(warning)}\n`);
  const isKnown = plan.scopes.length === 0 || neverApplied.length < plan.scopes.length;
  return [...blocks, ...neverApplied, ...warnings, ...(isKnown ? [summary(plan)] : [])].join('');
}

function summary({ changes, filtered }: Plan): string {
  if (changes.length === 0 && filtered > 0) {
    const left = plural(filtered, 'change');
    return `No drift in what the filters select; they leave out ${left} of the whole plan.\n`;
  }
  return changes.length === 0
    ? 'No drift: live matches what was last applied.\n'
    : `Drift: ${plural(changes.length, 'override')} changed elsewhere. The changes above would restore what was applied.\n`;
}
