import { type ApplyReport, exitCode } from '../../apply/report.js';
import type { Findings } from '../../diagnostics/findings.js';
import { EXIT } from '../../exit-codes.js';
import type { ExpiryChange } from '../../reconcile/dates.js';
import { isRefused } from '../../reconcile/guards/refusal.js';
import { type Change, hasChanges, type Plan } from '../../reconcile/plan.js';
import { contextKey, countOverrides, scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { countSeverities } from '../diagnostics.js';
import { driftRemedy } from '../drift-remedy.js';
import { resultLines } from '../result-words.js';
import { changesText } from './counts.js';
import { prose } from './text.js';

/** The first lines of a page: what will happen, or what has happened. */
export interface Headline {
  /** Without the name of the tool; starts with a small letter. */
  readonly status: string;
  readonly isBad: boolean;
  /** Markdown; empty if the status says it all. */
  readonly more: string;
}

/** What will apply a plan: the merge of the pull request, or an apply. */
export type AppliedBy = 'merge' | 'apply';

const SUBJECTS: Readonly<Record<AppliedBy, string>> = { merge: 'merging', apply: 'an apply' };

/** What the merge of a pull request, or an apply, will do. */
export function planHeadline(plan: Plan, by: AppliedBy): Headline {
  const { filtered } = plan;
  const subject = SUBJECTS[by];
  const { planned, left, counts } = countsOf(plan);
  if (isRefused(plan.guards)) {
    const more = planned.length === 0 ? '' : `It would change ${extentOf(planned)}: ${counts}.`;
    return { status: `refused, ${subject} will change nothing`, isBad: true, more };
  }
  if (!hasChanges(plan)) {
    const status =
      filtered === 0
        ? `${subject} will change nothing, LaunchDarkly already matches`
        : `nothing selected, ${plural(filtered, 'change')} filtered out`;
    return { status, isBad: false, more: '' };
  }
  if (planned.length === 0) {
    const status = `${subject} will change nothing, ${plural(left, 'change is', 'changes are')} not applied`;
    return { status, isBad: false, more: counts };
  }
  return { status: `${subject} will change ${extentOf(planned)}`, isBad: false, more: counts };
}

/** That an apply was refused. */
export function refusedHeadline(plan: Plan): Headline {
  const { planned, counts } = countsOf(plan);
  const more = planned.length === 0 ? '' : `It would have changed ${extentOf(planned)}: ${counts}.`;
  return { status: 'refused, nothing was applied', isBad: true, more };
}

/** The changes that an apply would make, how many more are only shown, and all counts that are not zero. */
function countsOf({ changes, dates, filtered }: Plan): {
  readonly planned: readonly (Change | ExpiryChange)[];
  readonly left: number;
  readonly counts: string;
} {
  const all = [...changes, ...dates];
  const planned = all.filter(({ withheld }) => withheld === undefined);
  const left = all.length - planned.length;
  const counts = [
    ...(planned.length === 0 ? [] : [changesText(planned)]),
    ...(left > 0 && planned.length > 0 ? [`${left} more shown, but not applied`] : []),
    ...(filtered === 0 || all.length === 0 ? [] : [`${plural(filtered, 'change')} filtered out`]),
  ].join(' · ');
  return { planned, left, counts };
}

/** `12 overrides for 8 users in storefront/production`. */
function extentOf(items: readonly (Change | ExpiryChange)[]): string {
  const onlyDates = items.every((item) => !('warnings' in item));
  const what = plural(countOverrides(items), onlyDates ? 'expiry date' : 'override');
  const contexts = new Set(items.map(({ kind, key }) => contextKey(kind, key))).size;
  const who = plural(contexts, items.every(({ kind }) => kind === 'user') ? 'user' : 'context');
  return `${what} for ${who} ${inScopes(items)}`;
}

/** `in storefront/production`, or `in 5 scopes`. */
function inScopes(items: readonly (Change | ExpiryChange)[]): string {
  const scopes = [...new Set(items.map(scopeKey))];
  return scopes.length > 2 ? `in ${scopes.length} scopes` : `in ${scopes.join(' and ')}`;
}

export function driftHeadline(plan: Plan): Headline {
  const { changes, dates, filtered } = plan;
  const items = [...changes, ...dates];
  const count = countOverrides(items);
  if (count > 0) {
    const status = `drift in ${plural(count, 'override')} ${inScopes(items)}`;
    const remedy = driftRemedy(plan);
    const advice = remedy === undefined ? '' : ` ${remedy.words}, run \`${remedy.command}\`.`;
    return { status, isBad: false, more: `Changed in LaunchDarkly since the last apply.${advice}` };
  }
  const status = filtered === 0 ? 'no drift' : 'no drift in what the filters select';
  return { status, isBad: false, more: '' };
}

/** How an apply ended. */
export function resultHeadline(report: ApplyReport): Headline {
  const [first = '', ...others] = resultLines(report);
  const code = exitCode(report);
  return {
    status: `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/\.$/, ''),
    isBad: code !== EXIT.done && code !== EXIT.approvalRequired,
    more: others.map((line) => prose(line)).join('  \n'),
  };
}

/** Whether the declarations are valid. */
export function findingsHeadline(findings: Findings, by: AppliedBy): Headline {
  const { errors, warnings } = countSeverities(findings);
  if (errors > 0) {
    const status = `${plural(errors, 'error')} in the declarations, ${SUBJECTS[by]} will change nothing`;
    return { status, isBad: true, more: warnings === 0 ? '' : `${plural(warnings, 'warning')} in addition.` };
  }
  const read = `${plural(findings.overrides, 'override')} in ${plural(findings.files, 'file')}`;
  const more = warnings === 0 ? `${read}.` : `${read}, ${plural(warnings, 'warning')}.`;
  return { status: 'the declarations are valid', isBad: false, more };
}
