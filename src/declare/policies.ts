import { type Config, policyOf } from '../config/config.js';
import type { ErrorCode } from '../diagnostics/codes.js';
import type { Diagnostic, Position } from '../diagnostics/diagnostic.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { manageRules } from '../reconcile/manage.js';
import type { DeclarationPolicies, ScopePolicy } from '../reconcile/policy.js';
import {
  contextKey,
  type DesiredOverride,
  type DesiredScope,
  type DesiredState,
  parseContextKey,
  scopeKey,
} from '../reconcile/state.js';
import { plural } from '../text/plural.js';
import { MAX_DIAGNOSTICS } from './parse/limits.js';

const DAY = 86_400_000;

/**
 * Checks declarations against the policies of their scopes. What `manage: none` leaves alone is not checked.
 * @param now epoch milliseconds. A date that is near enough stays so, and what is valid today is valid tomorrow.
 */
export function policyProblems(desired: DesiredState, config: Config, now: number): readonly Diagnostic[] {
  const problems = new DiagnosticList(MAX_DIAGNOSTICS);
  for (const { scope, overrides } of desired.values()) {
    const policy = policyOf(config, scope);
    if (policy === undefined || isEmpty(policy.policies)) continue;
    const checked = [...overrides.values()].filter((override) => isManaged(override, policy));
    for (const problem of [
      ...missing(scopeKey(scope), checked, policy.policies),
      ...tooLong(scopeKey(scope), checked, policy.policies, now),
      ...tooMany({ scope, overrides }, checked, policy.policies, now),
    ])
      problems.add(problem);
  }
  return problems.all();
}

function isEmpty({ require, maxLifetime, maxPerContext, maxPerFlag }: DeclarationPolicies): boolean {
  return require.length === 0 && maxLifetime === null && maxPerContext === null && maxPerFlag === null;
}

function isManaged({ manage }: DesiredOverride, policy: ScopePolicy): boolean {
  return manageRules(manage ?? policy.manage).adds;
}

/** What a policy can require, with its code and where it can be written. */
const REQUIRED: Readonly<
  Record<DeclarationPolicies['require'][number], { readonly code: ErrorCode; readonly hint: string }>
> = {
  owner: { code: 'owner-missing', hint: 'add owner at the top of the file' },
  reason: {
    code: 'reason-missing',
    hint: 'add reason at the top of the file, or beside the setting: { $value: ..., reason: ... }',
  },
  expires: {
    code: 'expires-missing',
    hint: 'add expires at the top of the file, to the group, or beside the setting: { $value: ..., expires: ... }',
  },
};

/** What is required and missing: one error for each file, at its first override. */
function missing(
  scope: string,
  overrides: readonly DesiredOverride[],
  { require, maxLifetime }: DeclarationPolicies,
): Diagnostic[] {
  const names = new Set(require);
  // Without a date, an override would live for ever.
  if (maxLifetime !== null) names.add('expires');
  return [...names].flatMap((name) => {
    const files = new Map<string, { readonly at: Position; count: number }>();
    for (const override of overrides) {
      if (override[name] !== undefined || (name === 'expires' && override.setting.type === 'none')) continue;
      const known = files.get(override.at.file);
      if (known === undefined) files.set(override.at.file, { at: override.at, count: 1 });
      else known.count += 1;
    }
    const { code, hint } = REQUIRED[name];
    const because = require.includes(name) ? 'policies.require' : 'policies.maxLifetime';
    return [...files.values()].map(({ at, count }): Diagnostic => {
      const message = `${plural(count, 'override')} in this file ${count === 1 ? 'has' : 'have'} no ${name}, which ${because} of ${scope} requires`;
      return { severity: 'error', code, message, hint, at };
    });
  });
}

/** The dates that are too far ahead, each once however many overrides have it. */
function tooLong(
  scope: string,
  overrides: readonly DesiredOverride[],
  { maxLifetime }: DeclarationPolicies,
  now: number,
): Diagnostic[] {
  if (maxLifetime === null) return [];
  // A day counts as a whole: in 90 days means until the end of the 90th day, UTC.
  const latest = (Math.floor(now / DAY) + maxLifetime + 1) * DAY;
  const day = new Date(latest - DAY).toISOString().slice(0, 10);
  const found = new Map<string, Diagnostic>();
  for (const { expires, at, setting } of overrides) {
    if (expires === undefined || expires.at <= latest || setting.type === 'none') continue;
    const { line, col, text } = expires;
    const message = `${text} is too far ahead: policies.maxLifetime of ${scope} is ${maxLifetime}d, until ${day}`;
    found.set(`${at.file}\n${line}\n${col}`, {
      severity: 'error',
      code: 'lifetime-too-long',
      message,
      hint: `write ${day} or an earlier date, and move it later if it is still needed`,
      at: { file: at.file, line, col },
    });
  }
  return [...found.values()];
}

/** The contexts and flags with too many overrides, each at the first override that is too many. */
function tooMany(
  { scope }: DesiredScope,
  overrides: readonly DesiredOverride[],
  { maxPerContext, maxPerFlag }: DeclarationPolicies,
  now: number,
): Diagnostic[] {
  const live = overrides.filter(
    ({ setting, expires }) => setting.type !== 'none' && (expires === undefined || expires.at > now),
  );
  const perContext = overLimit(live, ({ kind, key }) => contextKey(kind, key), maxPerContext);
  const perFlag = overLimit(live, ({ flag }) => flag, maxPerFlag);
  const place = scopeKey(scope);
  return [
    ...perContext.map(({ name, count, limit, at }): Diagnostic => {
      const { kind, key } = parseContextKey(name);
      const message = `${kind} ${JSON.stringify(key)} has ${count} overrides in ${place}, and policies.maxPerContext is ${limit}`;
      const hint = 'delete overrides that are no longer needed, or use targeting rules';
      return { severity: 'error', code: 'too-many-for-context', message, hint, at };
    }),
    ...perFlag.map(({ name, count, limit, at }): Diagnostic => {
      const message = `${name} has ${count} overrides in ${place}, and policies.maxPerFlag is ${limit}`;
      const hint = 'use a targeting rule or a segment for that many contexts';
      return { severity: 'error', code: 'too-many-for-flag', message, hint, at };
    }),
  ];
}

interface OverLimit {
  readonly name: string;
  readonly count: number;
  readonly limit: number;
  /** The first override that is too many. */
  readonly at: Position;
}

function overLimit(
  overrides: readonly DesiredOverride[],
  nameOf: (override: DesiredOverride) => string,
  limit: number | null,
): OverLimit[] {
  if (limit === null) return [];
  const counts = new Map<string, number>();
  const first = new Map<string, Position>();
  for (const override of overrides) {
    const name = nameOf(override);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count === limit + 1) first.set(name, override.at);
  }
  return [...first].map(([name, at]) => ({ name, count: counts.get(name) ?? 0, limit, at }));
}
