import type { Position } from '../diagnostics/diagnostic.js';
import type { Difference, ScopeComparison } from './compare.js';
import { dateId } from './date-key.js';
import { type ManageMode, manageRules } from './manage.js';
import { asApplied, forbidsRemoval, wasLeftAlone } from './managed-then.js';
import type { HistoryAnswers, Question, ScopeHistory } from './ownership.js';
import type { Change, Mark, Provenance, Withheld } from './plan.js';
import type { ScopePolicy } from './policy.js';
import {
  contextKey,
  type DesiredOverride,
  type DesiredScope,
  type LiveDate,
  type LiveProject,
  type OverrideId,
  overrideKey,
  overrideKeyOf,
  parseOverrideKey,
  scopedKey,
  type ScopeId,
} from './state.js';

// With `expiry: launchdarkly`, the date of a declared override is also set at LaunchDarkly. Only overrides that are
// declared have a date of ours: those of all other overrides are left alone, and LaunchDarkly drops the date of an
// override that is removed.

export type DateAction = 'set' | 'move' | 'remove';

/**
 * One date to set, move or remove at LaunchDarkly. A date belongs to the target, so it is written after the change of its
 * override, if there is one. It is no change itself: it does not count for limits.
 */
export interface ExpiryChange extends ScopeId, OverrideId {
  readonly action: DateAction;
  /** The date that is live, epoch milliseconds; null for none. If the override changes too, its date goes with it. */
  readonly before: number | null;
  readonly after: number | null;
  /** `after` as it is declared. */
  readonly expires?: string;
  /** The id of the variation that the override selects; absent if LaunchDarkly did not give it. */
  readonly variationId?: string;
  /** Where the date is declared; without one, the override. */
  readonly at: Position;
  /** The commit that made the date what it is. */
  readonly provenance: Provenance;
  readonly mark: Mark;
  /** With `pending`: whether the live date also differs from what was last applied. */
  readonly liveMoved: boolean;
  readonly withheld: Withheld | undefined;
  /** Present if `protect` lists its flag or context, as in a `Change`. */
  readonly protected?: true;
  readonly owner?: string;
  readonly reason?: string;
}

/** A declared override whose date differs from the one at LaunchDarkly. */
export interface DateDifference extends OverrideId {
  readonly declared: DesiredOverride;
  readonly variationId: string | undefined;
  readonly before: number | null;
  readonly after: number | null;
}

/** LaunchDarkly may not keep fractions of a second. */
const SAME = 1000;

/** Whether two dates, null for none, are the same. */
export function isSameDate(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < SAME;
}

/**
 * The flags whose dates have to be read, of those that exist: flags with a declared date, and with one that was declared
 * when the scope was last applied or since.
 * @param onceDated flags with a date in commits after last-applied
 */
export function datedFlags(
  { overrides }: DesiredScope,
  { datesThen }: ScopeHistory,
  onceDated: Iterable<string>,
  live: LiveProject,
): string[] {
  const flags = new Set(onceDated);
  for (const { flag, expires } of overrides.values()) if (expires !== undefined) flags.add(flag);
  for (const key of datesThen.keys()) flags.add(parseOverrideKey(key).flag);
  return [...flags].filter((flag) => {
    const state = live.flags.get(flag)?.state;
    return state !== undefined && state !== 'archived';
  });
}

/**
 * The date that LaunchDarkly should have for a declared override, epoch milliseconds; undefined for none. An override that
 * must not be removed has none: LaunchDarkly would remove it.
 * @param fallback what counts for an override without its own `manage`
 */
export function dateToSet(
  { expires, manage }: Pick<DesiredOverride, 'expires' | 'manage'>,
  fallback: ManageMode = 'full',
): number | undefined {
  return manageRules(manage ?? fallback).removes === 'none' ? undefined : expires?.at;
}

/** Compares declared dates with those at LaunchDarkly, for the overrides that are live as declared or will be. */
export function compareDates(
  { scope, policy, differences, unchanged }: ScopeComparison,
  { overrides }: DesiredScope,
  live: LiveProject,
  dates: ReadonlyMap<string, readonly LiveDate[]>,
): readonly DateDifference[] {
  const liveDates = new Map<string, LiveDate>();
  for (const [flag, ofFlag] of dates)
    for (const date of ofFlag) liveDates.set(overrideKeyOf(flag, contextKey(date.kind, date.key)), date);
  const found: DateDifference[] = [];
  const compare = (
    declared: DesiredOverride,
    variationId: string | undefined,
    before: number | null,
  ): void => {
    const after = dateToSet(declared, policy.manage) ?? null;
    if (isSameDate(before, after)) return;
    const { flag, kind, key } = declared;
    found.push({ flag, kind, key, declared, variationId, before, after });
  };
  /** A date for another variation ends nothing. */
  const liveDate = (key: string, variationId: string | undefined): number | null => {
    const date = liveDates.get(key);
    return date !== undefined && (date.variationId ?? variationId) === variationId ? date.at : null;
  };
  for (const key of unchanged) {
    const declared = overrides.get(key);
    const flag = declared && live.flags.get(declared.flag);
    if (declared === undefined || flag === undefined) continue;
    const index = flag.environments
      .get(scope.environment)
      ?.targets.get(contextKey(declared.kind, declared.key));
    if (index === undefined) continue;
    const variationId = flag.variations[index]?.id;
    compare(declared, variationId, liveDate(key, variationId));
  }
  for (const difference of differences) {
    if (!setsValue(difference)) continue;
    const { declared, after } = difference;
    // The date of a target goes with it, as far as is known. So a declared date is always set again, but one that is
    // not declared must not be left behind.
    const isDated = dateToSet(declared, policy.manage) !== undefined;
    const before = isDated ? null : liveDate(overrideKey(declared), after.id);
    compare(declared, after.id, before);
  }
  return found;
}

function setsValue(
  difference: Difference,
): difference is Difference & { readonly after: NonNullable<Difference['after']> } {
  return difference.after !== null && !difference.expired;
}

/**
 * The questions to history about dates: which commit made each what it is, and whether a live date that seems to be set
 * by hand was declared since last-applied, so that an apply that was not recorded may have set it.
 */
export function dateQuestions(
  scope: ScopeId,
  differences: readonly DateDifference[],
  history: ScopeHistory,
): Question[] {
  return differences.map((difference) => {
    const question = { scope, id: dateId(difference) };
    const { before } = difference;
    if (before === null || !isAsApplied(difference, history)) return question;
    return {
      ...question,
      isLive: (setting) => setting.type === 'value' && isSameDate(Number(setting.value), before),
    };
  });
}

/** Whether the date has to be what it had to be when the scope was last applied. */
function isAsApplied(difference: DateDifference, history: ScopeHistory): boolean {
  const applied = appliedDate(difference, history);
  return applied !== undefined && isSameDate(applied, difference.after);
}

/**
 * The date that the override had to have when the scope was last applied, null for none; undefined if it was not
 * declared, or left alone.
 */
export function appliedDate(id: OverrideId, history: ScopeHistory): number | null | undefined {
  const key = overrideKey(id);
  const then = history.declaredThen?.get(key);
  if (then === undefined || wasLeftAlone(then, asApplied(history))) return undefined;
  return forbidsRemoval(then, asApplied(history)) ? null : (history.datesThen.get(key) ?? null);
}

/** What decides about the dates of one scope. */
export interface DatesInput {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly differences: readonly DateDifference[];
  /** The changes of the scope's overrides. */
  readonly changes: readonly Change[];
  readonly history: ScopeHistory;
  /** The policy with which the scope was last applied; undefined if it is not known. */
  readonly appliedPolicy: ScopePolicy | undefined;
  readonly answers: HistoryAnswers;
}

/** Decides which dates of a scope are set, moved and removed. */
export function dateChanges(input: DatesInput): readonly ExpiryChange[] {
  const { scope, policy, differences, answers } = input;
  if (differences.length === 0) return [];
  const changes = new Map(input.changes.map((change) => [overrideKey(change), change]));
  return differences.map((difference) => {
    const { flag, kind, key, declared, before, after, variationId } = difference;
    const change = changes.get(overrideKey(difference));
    const { mark, liveMoved } = change ?? markOf(difference, input);
    const { expires, owner, reason, at } = declared;
    return {
      project: scope.project,
      environment: scope.environment,
      flag,
      kind,
      key,
      action: after === null ? 'remove' : before === null ? 'set' : 'move',
      before,
      after,
      ...(expires === undefined ? {} : { expires: expires.text }),
      ...(variationId === undefined ? {} : { variationId }),
      at: expires === undefined ? at : { file: at.file, line: expires.line, col: expires.col },
      provenance: answers.get(scopedKey(scope, dateId(difference)))?.provenance ?? { type: 'unknown' },
      mark,
      liveMoved,
      withheld: change?.withheld ?? withheldBy(policy, mark),
      ...(owner === undefined ? {} : { owner }),
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

/**
 * Why the date of an override that does not change differs. It is drift if LaunchDarkly had exactly the declared date
 * when the scope was last applied, unless a commit since then declared the date that is live. Before `expiry: launchdarkly` was applied, no date there was ours.
 */
function markOf(
  difference: DateDifference,
  { scope, history, appliedPolicy, answers }: DatesInput,
): { readonly mark: Mark; readonly liveMoved: boolean } {
  if (history.declaredThen === undefined) return { mark: 'unknown', liveMoved: false };
  const applied = appliedDate(difference, history);
  if (appliedPolicy?.expiry !== 'launchdarkly' || applied === undefined)
    return { mark: 'pending', liveMoved: false };
  if (isAsApplied(difference, history)) {
    const isOurs = answers.get(scopedKey(scope, dateId(difference)))?.declaredSince === true;
    return { mark: isOurs ? 'pending' : 'drift', liveMoved: false };
  }
  return { mark: 'pending', liveMoved: !isSameDate(applied, difference.before) };
}

function withheldBy(policy: ScopePolicy, mark: Mark): Withheld | undefined {
  if (policy.paused !== undefined) return 'paused';
  return policy.drift === 'report' && mark === 'drift' ? 'drift-report' : undefined;
}

/** How many dates are set, moved and removed. */
export function countDates(
  dates: readonly Pick<ExpiryChange, 'action'>[],
): Readonly<Record<DateAction, number>> {
  const counts = { set: 0, move: 0, remove: 0 };
  for (const { action } of dates) counts[action] += 1;
  return counts;
}
