import type { DeclaredDate } from '../diagnostics/findings.js';
import { shortId } from '../reconcile/commit.js';
import type { GuardRefusal } from '../reconcile/guards/refusal.js';
import { isJudgedTwice, type Loosening } from '../reconcile/guards/loosening.js';
import { countDates, type ExpiryChange } from '../reconcile/dates.js';
import { betterInBatch } from '../reconcile/estimate.js';
import type {
  ApprovalStatus,
  Change,
  ChangeWarning,
  Drift,
  OverrideValue,
  WriteEstimate,
  Estimate,
  Mark,
  PlannedApproval,
  Provenance,
  Plan,
  ScopeSummary,
  Withheld,
} from '../reconcile/plan.js';
import type { ListedOverride } from '../reconcile/list.js';
import type { NoEffect } from '../reconcile/no-effect.js';
import type { Pace } from '../reconcile/pace.js';
import { type Commit, scopeKey } from '../reconcile/state.js';
import { showValue } from '../reconcile/show.js';
import { shortLine } from '../text/one-line.js';
import { grouped, plural } from '../text/plural.js';
import { MAX_VALUE } from './text-options.js';

/** A rounded duration: `40 s`, `12 min`, `3 h`, `5 days`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `${hours} h` : plural(Math.round(hours / 24), 'day');
}

/** Why live and desired differ. Nothing if it is unknown: the scope's line already says that, once. */
export function markWords(change: Pick<Change, 'mark' | 'liveMoved'>): string[] {
  const words: Readonly<Record<Mark, string | undefined>> = {
    drift: 'drift: live was changed elsewhere',
    pending: change.liveMoved ? 'pending; live moved too' : 'pending',
    expired: 'expired',
    unmanaged: 'unmanaged: set elsewhere, never declared here',
    unknown: undefined,
  };
  const text = words[change.mark];
  return text === undefined ? [] : [text];
}

/** `declared "dark", live "light"`. Values are shortened to `maxLength` characters. */
export function driftWords({ declared, live }: Drift, maxLength?: number): string {
  return `declared ${sideWords(declared, maxLength)}, live ${sideWords(live, maxLength)}`;
}

/** The value of an override, or `none`. */
export function sideWords(side: OverrideValue | null, maxLength = MAX_VALUE): string {
  return side === null ? 'none' : showValue(side.value, maxLength);
}

/** `changed by Ada Lovelace, 2026-11-26 04:40 UTC: the comment`; nothing if it is not known. */
export function changedWords(drift: Drift | undefined): string[] {
  if (drift?.changed === undefined) return [];
  const { by, date, comment } = drift.changed;
  return [
    `changed by ${by}, ${minuteWords(date)}${comment === undefined ? '' : `: ${shortLine(comment, 200)}`}`,
  ];
}

/** `2026-11-26 04:40 UTC`. */
export function minuteWords(date: number): string {
  const time = new Date(date);
  // Dates from git and LaunchDarkly may be anything.
  if (Number.isNaN(time.getTime())) return String(date);
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const NO_EFFECT_WORDS: Readonly<Record<NoEffect, string>> = {
  archived: 'no effect: the flag is archived',
  fallthrough: 'no effect: the default rule serves the same variation',
};

/** Why an override has no effect, or will have none once it is live as declared; nothing if it has one. */
export function noEffectWords({
  noEffect,
  live,
  declared,
}: Pick<ListedOverride, 'noEffect' | 'live' | 'declared'>): string[] {
  if (noEffect === undefined) return [];
  const isLive = declared === undefined || declared?.variation === live?.variation;
  return [`${isLive ? '' : 'the override will have '}${NO_EFFECT_WORDS[noEffect]}`];
}

export const WARNING_WORDS: Readonly<Record<ChangeWarning, string>> = {
  'flag-off': 'the flag is off: its overrides have no effect until it is on',
  'flag-deprecated': 'the flag is deprecated',
  prerequisites: 'the flag has prerequisites: while one fails, its overrides have no effect',
  // The change may have one: an update to what the default rule serves.
  'no-effect': `the override will have ${NO_EFFECT_WORDS.fallthrough}`,
};

export const WITHHELD_WORDS: Readonly<Record<Withheld, string>> = {
  paused: 'not applied: the scope is paused',
  'drift-report': 'not applied: drift is only reported here',
  'no-removals': 'not applied: --no-removals',
  'other-shard': 'not applied: another shard applies it',
};

/** The commit behind a change, or why there is none. */
export function provenanceWords(provenance: Provenance): string {
  switch (provenance.type) {
    case 'commit':
      return commitWords(provenance.commit);
    case 'uncommitted':
      return 'not committed yet';
    case 'unknown':
      return 'commit unknown';
    case 'none':
      return 'no commit declared it';
  }
}

/** `Give Alice dark mode (1a2b3c4d5e6f by Dana)`. */
function commitWords(commit: Commit): string {
  return `${commit.subject} (${shortId(commit.id)} by ${commit.author})`;
}

/**
 * `takes`: `3 requests, at most about 6 s at 5 writes per 10 s (assumed)`; `better`: the advice to use batches, if that
 * is much faster.
 */
export function estimateWords(estimate: Estimate): {
  readonly takes: string;
  readonly better: string | undefined;
} {
  const batch = betterInBatch(estimate);
  return {
    takes: writeEstimateWords(estimate),
    better: batch && `With writes: batch (or --batch): ${writeEstimateWords(batch)}`,
  };
}

function writeEstimateWords({ requests, seconds, pace }: WriteEstimate): string {
  const writes = plural(Math.floor(pace.writes * 100) / 100, 'write');
  return `${plural(requests, 'request')}, ${ABOUT[pace.basis]} ${span(seconds * 1000)} at ${writes} per ${pace.seconds} s (${BASIS_WORDS[pace.basis]})`;
}

const BASIS_WORDS: Readonly<Record<Pace['basis'], string>> = {
  seen: 'as last seen',
  configured: 'as configured',
  assumed: 'assumed',
};

/** The assumed pace is the slowest that LaunchDarkly may allow. */
const ABOUT: Readonly<Record<Pace['basis'], string>> = {
  seen: 'about',
  configured: 'about',
  assumed: 'at most about',
};

/** A declared date that has passed: `the date 2025-12-31 has passed: 2 overrides are no longer wanted`. */
export function passedWords({ expires, overrides }: DeclaredDate): string {
  const what = plural(overrides, 'override is', 'overrides are');
  return `the date ${expires} has passed: ${what} no longer wanted`;
}

/** A declared date that will soon pass: `2026-12-31 (3 overrides)`. */
export function soonWords({ expires, overrides }: DeclaredDate): string {
  return `${expires} (${plural(overrides, 'override')})`;
}

/** How many declared overrides change nothing; undefined if all have an effect. */
export function noEffectCountWords({ scopes }: Pick<Plan, 'scopes'>): string | undefined {
  const count = scopes.reduce((sum, { noEffect }) => sum + noEffect, 0);
  if (count === 0) return undefined;
  return `${plural(count, 'declared override has', 'declared overrides have')} no effect: flagops list --no-effect`;
}

/** The counts of a plan: `1 to add, 3 to remove; dates: 2 to set`. What is zero is left out. */
export function planCountWords({ counts, dates }: Pick<Plan, 'counts' | 'dates'>): string {
  const { set, move, remove } = countDates(dates);
  const changes = nonZeroWords([
    [counts.add, 'to add'],
    [counts.update, 'to update'],
    [counts.remove, 'to remove'],
  ]);
  const ofDates = nonZeroWords([
    [set, 'to set'],
    [move, 'to move'],
    [remove, 'to remove'],
  ]);
  return [changes, ofDates === '' ? '' : `dates: ${ofDates}`].filter((part) => part !== '').join('; ');
}

function nonZeroWords(counted: readonly (readonly [count: number, words: string])[]): string {
  return counted
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${grouped(count)} ${words}`)
    .join(', ');
}

/** What happens to a date: `expires 2026-12-31 (was 2026-11-30)`. */
export function dateWords({ before, after, expires }: ExpiryChange): string {
  const was = before === null ? '' : ` (was ${showDate(before)})`;
  return after === null ? `no longer expires${was}` : `expires ${expires ?? showDate(after)}${was}`;
}

/** `declared to expire 2026-12-31` and `live to expire 2026-11-30`, or without a date. */
export function dateSides({ before, after, expires }: ExpiryChange): [declared: string, live: string] {
  return [`declared ${endWords(after, expires)}`, `live ${endWords(before)}`];
}

function endWords(at: number | null, text?: string): string {
  return at === null ? 'without a date' : `to expire ${text ?? showDate(at)}`;
}

const DAY = 86_400_000;

/** A time as it could be declared: a date if it is the end of that day, UTC. */
function showDate(at: number): string {
  const isDay = at % DAY === 0;
  const time = new Date(isDay ? at - DAY : at);
  // LaunchDarkly's data may be anything.
  if (Number.isNaN(time.getTime())) return String(at);
  return isDay ? time.toISOString().slice(0, 10) : time.toISOString().replace('.000Z', 'Z');
}

/** `the filters leave out 3 changes`. */
export function leftOutWords(filtered: number): string {
  return `the filters leave out ${plural(filtered, 'change')}`;
}

/** The overrides of scopes that do not change: unchanged, adopted, released, left alone and unmanaged ones. Zeros are left out. */
export function restWords(...scopes: readonly ScopeSummary[]): string {
  const total = (count: (scope: ScopeSummary) => number): number =>
    scopes.reduce((sum, scope) => sum + count(scope), 0);
  const unchanged = total((scope) => scope.unchanged);
  const adopts = total((scope) => scope.adopts);
  const released = total((scope) => scope.released);
  const leftAlone = total((scope) => scope.leftAlone ?? 0);
  const unmanaged = total((scope) => Object.values(scope.unmanaged).reduce((sum, count) => sum + count, 0));
  return [
    ...(unchanged > 0 ? [`${grouped(unchanged)} unchanged`] : []),
    ...(adopts > 0 ? [`adopts ${grouped(adopts)}`] : []),
    ...(released > 0 ? [`${grouped(released)} released`] : []),
    ...(leftAlone > 0 ? [`${grouped(leftAlone)} declared but left alone`] : []),
    ...(unmanaged > 0 ? [`${grouped(unmanaged)} unmanaged (left alone)`] : []),
  ].join(', ');
}

/**
 * What became looser and when that takes effect: `storefront/production limits.removals, from 30% to 100%
 * (last applied 1a2b3c4d5e6f); counts only after this is applied`.
 */
export function looseningWords(loosening: Loosening, scopes: readonly ScopeSummary[]): string {
  const { project, environment, key, before, after, lastApplied } = loosening;
  const scope = project === undefined || environment === undefined ? '' : scopeKey({ project, environment });
  const isStrict = scopes.some((summary) => scopeKey(summary) === scope && summary.judgedBy === 'both');
  const effect =
    isJudgedTwice(key) && isStrict ? 'counts only after this is applied' : 'takes effect at once';
  const values = `from ${shownWords(before)} to ${shownWords(after)}`;
  const since = `last applied ${shortId(lastApplied.id)}`;
  return `${scope === '' ? key : `${scope} ${key}`}, ${values} (${since}); ${effect}`;
}

function shownWords(value: Loosening['before']): string {
  if (value === null) return 'none';
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}

/** What a guard reports if it was lifted: `lifted: ... (accepted in flagops.yaml)`. */
export function liftedWords({ message, liftedBy }: GuardRefusal): string {
  return liftedBy === undefined ? message : `${message} (${liftedBy})`;
}

/** What an open approval request waits for, and what to do about it. */
export function approvalWords({ status, current }: PlannedApproval): string {
  if (!current) {
    return `does not match this plan (${status}): delete it in LaunchDarkly`;
  }
  return APPROVAL_WORDS[status];
}

const APPROVAL_WORDS: Readonly<Record<ApprovalStatus, string>> = {
  pending: 'is waiting for review',
  approved: 'was approved, but not applied yet: apply it in LaunchDarkly',
  scheduled: 'was approved: LaunchDarkly applies it on its date',
  declined: 'was declined: change the declaration, or delete the request in LaunchDarkly to ask again',
};
