import type { Plan } from '../reconcile/plan.js';
import { countOverrides, scopeKey } from '../reconcile/state.js';
import { driftRemedy } from './drift-remedy.js';
import { namedOrCounted } from './named-or-counted.js';
import { scopeBlocks } from './scope-text.js';
import { driftTagsOf, tagLegend } from './tags.js';
import { type TextOptions, wrapWords } from './text-options.js';
import { plural } from '../text/plural.js';

/** Drift for a terminal: the scopes in which live moved, then a summary. */
export function driftText(plan: Plan, options: TextOptions): string {
  const moved = new Set([...plan.changes, ...plan.dates].map(scopeKey));
  const scopes = plan.scopes.filter((scope) => moved.has(scopeKey(scope)));
  const blocks = scopeBlocks({ ...plan, scopes }, { ...options, asDrift: true }).map(
    (block) => `${block}\n\n`,
  );
  const line = (text: string): string => `${wrapWords(text, '  ', options)}\n`;
  const neverApplied = plan.scopes.filter(({ lastApplied }) => lastApplied === undefined).map(scopeKey);
  const isKnown = plan.scopes.length === 0 || neverApplied.length < plan.scopes.length;
  return [
    ...blocks,
    ...tagLegend(plan, driftTagsOf).map(line),
    ...namedOrCounted(neverApplied, 'scope').map((named) =>
      line(`${named}: no apply recorded, so there is no drift to report`),
    ),
    ...plan.warnings.map((warning) => line(`warning: ${warning}`)),
    ...(isKnown ? [line(summary(plan))] : []),
  ].join('');
}

function summary(plan: Plan): string {
  const { changes, dates, filtered } = plan;
  const count = countOverrides([...changes, ...dates]);
  if (count === 0 && filtered > 0) {
    const left = plural(filtered, 'change');
    return `No drift in what the filters select; they leave out ${left} of the whole plan.`;
  }
  if (count === 0) return 'No drift: live matches what was last applied.';
  const remedy = driftRemedy(plan);
  const advice = remedy === undefined ? '' : ` ${remedy.words}: ${remedy.command}`;
  return `Drift: ${plural(count, 'override')} changed elsewhere.${advice}`;
}
