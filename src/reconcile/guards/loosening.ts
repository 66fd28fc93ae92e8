import { allowsMore } from '../manage.js';
import type { ScopePolicy } from '../policy.js';
import { pruneRules } from '../prune.js';
import { type Commit, type ScopeId, scopeKey } from '../state.js';

/** The value of a key before or after it was loosened, as the configuration would show it; null if it is not set. */
type Shown = string | number | null | readonly string[];

/** The dotted name of every value in a policy, such as `limits.updates`. */
type PathsIn<T> = {
  [Key in keyof T & string]: T[Key] extends readonly string[] | string | number | null | undefined
    ? Key
    : `${Key}.${keyof T[Key] & string}`;
}[keyof T & string];

/**
 * The keys of a policy that can be loosened. Those about approval requests allow no more, whatever their value:
 * LaunchDarkly decides which changes require approval. Those about declarations are for authors, and no guards.
 */
type PolicyKey = PathsIn<Omit<ScopePolicy, 'approvals' | 'notify' | 'policies'>>;

/** A key of the configuration that can be loosened: those of a policy, and the list of scopes. */
export type LoosenedKey = PolicyKey | 'scopes';

/** A key of the configuration that allows more than it did when the scope was last applied. */
export interface Loosening extends Partial<ScopeId> {
  /** Without a project and an environment it is about the configuration as a whole. */
  readonly key: LoosenedKey;
  readonly before: Shown;
  readonly after: Shown;
  /** The last-applied commit, with whose configuration HEAD's is compared. */
  readonly lastApplied: Commit;
}

interface Comparison {
  /** How the value of the key is shown. */
  readonly shown: (policy: ScopePolicy) => Shown;
  /** Whether a policy allows more than an earlier one. If that cannot be ruled out, it does. */
  readonly isLooser: (before: ScopePolicy, after: ScopePolicy) => boolean;
}

/**
 * What "looser" means for each key of a policy. Globs are compared as text: a list allows no more than another if each
 * of its globs is in the other one, or the other one has a glob for everything.
 */
const COMPARISONS: Readonly<Record<PolicyKey, Comparison>> = {
  prune: compare(
    ({ prune }) => prune,
    (before, after) => pruneRules(after).extent > pruneRules(before).extent,
  ),
  manage: compare(
    ({ manage }) => manage,
    (before, after) => allowsMore(after, before),
  ),
  drift: compare(
    ({ drift }) => drift,
    (before, after) => before === 'report' && after === 'repair',
  ),
  expiry: compare(
    ({ expiry }) => expiry,
    (before, after) => before === 'git' && after === 'launchdarkly',
  ),
  paused: compare(
    ({ paused }) => paused ?? null,
    (before, after) => before !== null && after === null,
  ),
  files: compare(({ files }) => files ?? null, letsInMoreFiles),
  'flags.include': compare(
    ({ flags }) => flags.include,
    (before, after) => exceeds(after, before, '*'),
  ),
  'flags.exclude': compare(
    ({ flags }) => flags.exclude,
    (before, after) => exceeds(before, after, '*'),
  ),
  'protect.flags': compare(
    ({ protect }) => protect.flags,
    (before, after) => exceeds(before, after, '*'),
  ),
  'protect.contexts': compare(
    ({ protect }) => protect.contexts,
    (before, after) => exceeds(before, after, '*:*'),
  ),
  'limits.updates': { shown: ({ limits }) => percent(limits.updates), isLooser: higher('updates') },
  'limits.removals': { shown: ({ limits }) => percent(limits.removals), isLooser: higher('removals') },
  'limits.floor': { shown: ({ limits }) => limits.floor, isLooser: higher('floor') },
  'limits.changes': compare(
    ({ limits }) => limits.changes,
    (before, after) => before !== null && (after === null || after > before),
  ),
};

/** The keys of a scope's policy that are looser than they were, in the order of the table. */
export function loosenedKeys(
  scope: ScopeId,
  before: ScopePolicy,
  after: ScopePolicy,
  lastApplied: Commit,
): Loosening[] {
  const keys = Object.keys(COMPARISONS) as PolicyKey[];
  return keys.flatMap((key) => {
    const { shown, isLooser } = COMPARISONS[key];
    if (!isLooser(before, after)) return [];
    const { project, environment } = scope;
    return { project, environment, key, before: shown(before), after: shown(after), lastApplied };
  });
}

/** The scopes that the configuration of a last-applied commit lists; undefined if it allows any. */
export interface ScopeList {
  readonly scopes: readonly ScopeId[] | undefined;
  /** A scope that was last applied by this commit. */
  readonly appliedTo: ScopeId;
  readonly commit: Commit;
}

/**
 * What the list of scopes newly allows: any scope, or additional ones.
 * @param before the lists of the last-applied commits; without any, nothing was applied yet
 */
export function loosenedScopes(
  before: readonly ScopeList[],
  after: readonly ScopeId[] | undefined,
): Loosening[] {
  if (after === undefined) {
    const list = before.find(({ scopes }) => scopes !== undefined);
    if (list?.scopes === undefined) return [];
    return [{ key: 'scopes', before: list.scopes.map(scopeKey), after: null, lastApplied: list.commit }];
  }
  return after.flatMap((scope) => {
    const own = before.filter(({ appliedTo }) => scopeKey(appliedTo) === scopeKey(scope));
    const lists = own.length > 0 ? own : before;
    const [first] = lists;
    if (first === undefined || lists.some(({ scopes }) => allows(scopes, scope))) return [];
    const { project, environment } = scope;
    return {
      project,
      environment,
      key: 'scopes',
      before: 'not listed',
      after: 'listed',
      lastApplied: first.commit,
    };
  });
}

function allows(scopes: readonly ScopeId[] | undefined, scope: ScopeId): boolean {
  return scopes === undefined || scopes.some((listed) => scopeKey(listed) === scopeKey(scope));
}

/** Whether a plan is also judged by the value of this key at last-applied, so that the looser one does not count yet. */
export function isJudgedTwice(key: LoosenedKey): boolean {
  return key.startsWith('limits.') || key.startsWith('protect.');
}

function compare<T extends Shown>(
  valueOf: (policy: ScopePolicy) => T,
  isLooser: (before: T, after: T) => boolean,
): Comparison {
  return { shown: valueOf, isLooser: (before, after) => isLooser(valueOf(before), valueOf(after)) };
}

function higher(limit: 'updates' | 'removals' | 'floor'): Comparison['isLooser'] {
  return (before, after) => after.limits[limit] > before.limits[limit];
}

/** Whether globs may match something that `others` do not. */
function exceeds(globs: readonly string[], others: readonly string[], everything: string): boolean {
  return !others.includes(everything) && globs.some((glob) => !others.includes(glob));
}

const isExcluding = (glob: string): boolean => glob.startsWith('!');

/** Globs that start with `!` exclude files. */
function letsInMoreFiles(before: readonly string[] | null, after: readonly string[] | null): boolean {
  if (before === null || after === null) return before !== null;
  const included = (globs: readonly string[]): string[] => globs.filter((glob) => !isExcluding(glob));
  return (
    exceeds(included(after), included(before), '**') || exceeds(before.filter(isExcluding), after, '!**')
  );
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(6))}%`;
}
