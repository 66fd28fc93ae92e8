import {
  type Config,
  contextsOf,
  type Declared,
  HOUR,
  LIMITS,
  MANAGE,
  type Manage,
  type Policy,
  type Tree,
} from './tree.js';
import { type Environment, ENVIRONMENTS, EXCLUDED, type Id, IDS, partsOf, PROTECTED } from './universe.js';

// A naive reading of what flagops promises: every rule is written out over all overrides and all commits, without any of
// the structure that makes the program fast. It shares no code with the program.

/** A commit as the model knows it. */
export interface ModelCommit {
  readonly id: string;
  readonly tree: Tree;
  readonly parents: readonly ModelCommit[];
}

/** Which changes a run is limited to. */
export interface Selection {
  readonly environment?: Environment | undefined;
  readonly flag?: string | undefined;
  readonly context?: string | undefined;
  /** Index and count. */
  readonly shard?: readonly [number, number] | undefined;
}

/** An apply that has started to write one scope. */
export interface Attempt {
  readonly commit: ModelCommit;
  readonly environment: Environment;
  readonly selection: Selection;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/** Everything that decides a plan. */
export interface ModelState {
  /** Epoch milliseconds of the start of the history. */
  readonly start: number;
  head: ModelCommit;
  /** Variation index by override. */
  live: Map<Id, number>;
  /** Last-applied commits. */
  applied: Map<Environment, ModelCommit>;
  attempts: readonly Attempt[];
}

export type Mark = 'drift' | 'pending' | 'expired' | 'unmanaged' | 'unknown';

export interface ModelChange {
  readonly id: Id;
  readonly action: 'add' | 'update' | 'remove';
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly mark: Mark;
  readonly liveMoved: boolean;
  readonly withheld: string | undefined;
}

export interface ModelScope {
  readonly changes: readonly ModelChange[];
  readonly unmanaged: readonly Id[];
  /** Declared overrides that `manage` leaves as they are. */
  readonly untouched: readonly Id[];
  readonly unchanged: number;
  /** Codes of the guards that refuse the scope. */
  readonly guards: readonly string[];
}

export interface Options extends Selection {
  readonly now: number;
  readonly noRemovals?: boolean | undefined;
  /** Whether only drift is selected. */
  readonly only?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly allowRewind?: boolean | undefined;
  readonly allowLoosened?: boolean | undefined;
}

export interface ModelPlan {
  readonly scopes: ReadonlyMap<Environment, ModelScope>;
  /** The selected changes. */
  readonly changes: readonly ModelChange[];
  readonly guards: readonly string[];
  /** Whether HEAD does not contain a last-applied commit. */
  readonly rewound: boolean;
  /** How many changes the filters leave out. */
  readonly filtered: number;
  /** Whether drift cannot be told from what an apply of a commit that HEAD does not contain is doing. */
  readonly outdated: boolean;
}

/** A commit and everything it contains. */
export function ancestry(commit: ModelCommit): ReadonlySet<ModelCommit> {
  const found = new Set<ModelCommit>();
  const open = [commit];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...next.parents);
  }
  return found;
}

/** HEAD, its first parent, that commit's first parent, and so on. */
export function firstParents(commit: ModelCommit): readonly ModelCommit[] {
  const [parent] = commit.parents;
  return parent === undefined ? [commit] : [commit, ...firstParents(parent)];
}

/** What a plan must contain. */
export function predict(state: ModelState, options: Options): ModelPlan {
  const covered = ENVIRONMENTS.filter((environment) => (options.environment ?? environment) === environment);
  const scopes = new Map(covered.map((environment) => [environment, scopeOf(state, environment, options)]));
  const all = [...scopes.values()].flatMap(({ changes }) => [...changes]);
  const changes = all.filter(
    (change) => isSelected(change.id, options) && (options.only !== true || restores(state, change)),
  );
  return {
    scopes,
    changes,
    guards: [...scopes.values()].flatMap(({ guards }) => [...guards]),
    rewound: covered.some((environment) => {
      const commit = state.applied.get(environment);
      return commit !== undefined && !ancestry(state.head).has(commit);
    }),
    filtered: all.length - changes.length,
    outdated:
      options.only === true &&
      state.attempts.some(
        ({ commit, environment, expires }) =>
          covered.includes(environment) && expires > options.now && !ancestry(state.head).has(commit),
      ),
  };
}

/** Whether a change restores what was last applied, under the policy of that time. */
function restores({ applied }: ModelState, { id, mark }: ModelChange): boolean {
  const { environment, flag, context } = partsOf(id);
  const tree = applied.get(environment)?.tree;
  if (mark !== 'unmanaged' || tree === undefined) return mark === 'drift';
  const { prune, excludes } = tree.config.scopes[environment];
  // Declared then, it was not to be removed, even if it was left alone.
  if (tree.entries.has(id)) return false;
  if (excludes && flag === EXCLUDED) return false;
  return prune === 'environment' || (prune === 'contexts' && contextsOf(tree, environment).has(context));
}

/** Whether filters let a change through. A shard withholds changes instead. */
export function isSelected(id: Id, { environment, flag, context }: Selection): boolean {
  const parts = partsOf(id);
  return (
    (environment ?? parts.environment) === parts.environment &&
    (flag ?? parts.flag) === parts.flag &&
    (context ?? parts.context) === parts.context
  );
}

function scopeOf(state: ModelState, environment: Environment, options: Options): ModelScope {
  const { head, live } = state;
  const policy = head.tree.config.scopes[environment];
  const then = state.applied.get(environment);
  const declaredContexts = contextsOf(head.tree, environment);
  const changes: ModelChange[] = [];
  const unmanaged: Id[] = [];
  const untouched: Id[] = [];
  let unchanged = 0;
  for (const id of IDS) {
    const { flag, context, environment: own } = partsOf(id);
    if (own !== environment || (policy.excludes && flag === EXCLUDED)) continue;
    const declared = head.tree.entries.get(id);
    const before = live.get(id);
    const isExpired = declared !== undefined && hasExpired(declared, state.start, options.now);
    const wasAttempted = before !== undefined && isAttempted(state, id, before, (mode) => mode !== 'none');
    // A declaration that expired still says that the override is not ours, unless an attempt wrote it.
    const ours =
      before !== undefined &&
      (isExpired ? isAttempted(state, id, before, mayRemove) : isOurs(state, id, before));
    const isKnown =
      wasAttempted || (before !== undefined && !isExpired && wasDeclaredSince(state, id, before));
    const change = (after: number | undefined, expired = false): void => {
      const { mark, liveMoved } = markOf(state, id, {
        declared: isExpired ? undefined : declared,
        now: options.now,
        before,
        after,
        expired,
        isKnown,
        wasAttempted,
      });
      changes.push({
        id,
        action: after === undefined ? 'remove' : before === undefined ? 'add' : 'update',
        before,
        after,
        mark,
        liveMoved,
        withheld: withheldBy(policy, mark, after, options),
      });
    };
    const mode = declared?.manage ?? policy.manage;
    if (declared !== undefined && (mode === 'none' || (mode === 'keep' && isExpired))) {
      untouched.push(id);
    } else if (isExpired && before !== undefined && before === declared.setting) {
      change(undefined, true);
    } else if (declared !== undefined && !isExpired) {
      const after = declared.setting ?? undefined;
      if (after === before) unchanged += 1;
      else if (mode === 'create' && before !== undefined) untouched.push(id);
      else change(after);
    } else if (before !== undefined) {
      const prunes = {
        never: false,
        owned: ours,
        contexts: ours || declaredContexts.has(context),
        environment: true,
      }[policy.prune];
      if (prunes) change(undefined);
      else unmanaged.push(id);
    }
  }
  const scope = { changes, unmanaged, untouched, unchanged };
  return { ...scope, guards: guardsOf(state, environment, scope, then, options) };
}

function hasExpired({ expires }: Declared, start: number, now: number): boolean {
  return expires !== undefined && start + expires * HOUR <= now;
}

/** Whether git shows that a live override which HEAD no longer declares is ours. */
function isOurs(state: ModelState, id: Id, value: number): boolean {
  if (isReleased(state, id)) return false;
  const attempted = isAttempted(state, id, value, mayRemove);
  const then = appliedEntry(state, id);
  if (then === undefined || then.setting === null) return attempted || wasDeclaredSince(state, id, value);
  // What must stay was last applied so. Only an apply that started since can have changed that.
  const mode = modeThen(state, id, then);
  if (!mayRemove(mode)) return attempted;
  return mode === 'full' || then.setting === value || attempted || wasDeclaredSince(state, id, value);
}

function mayRemove(mode: Manage): boolean {
  return mode === 'full' || mode === 'create';
}

function appliedEntry(state: ModelState, id: Id): Declared | undefined {
  return state.applied.get(partsOf(id).environment)?.tree.entries.get(id);
}

/** How a commit let an override be managed. Without its own `manage`, the stricter of HEAD's scope and last-applied's. */
function modeThen(state: ModelState, id: Id, entry: Declared): Manage {
  const { environment } = partsOf(id);
  const scopes = new Set(
    [state.head, state.applied.get(environment) ?? state.head].map(
      ({ tree }) => tree.config.scopes[environment].manage,
    ),
  );
  return entry.manage ?? MANAGE.find((mode) => scopes.has(mode)) ?? 'full';
}

/** How last-applied let an override be managed. */
function appliedMode(state: ModelState, id: Id, entry: Declared): Manage {
  const { environment } = partsOf(id);
  const { tree } = state.applied.get(environment) ?? state.head;
  return entry.manage ?? tree.config.scopes[environment].manage;
}

/** What the commits since last-applied declare for an override, newest first. */
function entriesSince(state: ModelState, id: Id): readonly Declared[] {
  const then = state.applied.get(partsOf(id).environment);
  return commitsSince(state, then).flatMap((commit) => {
    const entry = commit.tree.entries.get(id);
    return entry === undefined || entry.setting === null ? [] : [entry];
  });
}

/** Whether the newest of them said that it must stay. */
function isReleased(state: ModelState, id: Id): boolean {
  const [newest] = entriesSince(state, id);
  return newest !== undefined && !mayRemove(modeThen(state, id, newest));
}

function wasDeclaredSince(state: ModelState, id: Id, value: number): boolean {
  return (
    !isReleased(state, id) &&
    entriesSince(state, id).some((entry) => entry.setting === value && mayRemove(modeThen(state, id, entry)))
  );
}

/** The commits of the branch after last-applied; without it, all of them. */
function commitsSince(state: ModelState, then: ModelCommit | undefined): readonly ModelCommit[] {
  const known = then === undefined ? new Set<ModelCommit>() : ancestry(then);
  return firstParents(state.head).filter((commit) => !known.has(commit));
}

function isAttempted(state: ModelState, id: Id, value: number, counts: (mode: Manage) => boolean): boolean {
  return state.attempts.some(({ commit, environment, selection }) => {
    const entry = commit.tree.entries.get(id);
    return (
      environment === partsOf(id).environment &&
      isSelected(id, selection) &&
      entry?.setting === value &&
      counts(modeThen(state, id, entry))
    );
  });
}

function markOf(
  state: ModelState,
  id: Id,
  one: {
    readonly declared: Declared | undefined;
    readonly now: number;
    readonly before: number | undefined;
    readonly after: number | undefined;
    readonly expired: boolean;
    /** Whether a commit since last-applied, or an attempt, explains the live value. */
    readonly isKnown: boolean;
    readonly wasAttempted: boolean;
  },
): { readonly mark: Mark; readonly liveMoved: boolean } {
  if (one.expired) return { mark: 'expired', liveMoved: false };
  const then = state.applied.get(partsOf(id).environment);
  if (then === undefined) return { mark: 'unknown', liveMoved: false };
  const setting = appliedSetting(state, id, one.before);
  const wasDeclared = setting !== undefined && (setting !== null || one.declared !== undefined);
  if (!wasDeclared) {
    if (one.declared !== undefined || one.isKnown) return { mark: 'pending', liveMoved: false };
    // Set elsewhere. It is drift if last-applied said that there must be no override.
    return { mark: setting === undefined ? 'unmanaged' : 'drift', liveMoved: false };
  }
  const entry = appliedEntry(state, id);
  if (
    entry !== undefined &&
    hasExpired(entry, state.start, one.now) &&
    mayRemove(modeThen(state, id, entry))
  ) {
    // An apply would have removed it since. So it moved only if it is live with another value.
    const isOther = one.before !== undefined && one.before !== (setting ?? undefined);
    return { mark: 'pending', liveMoved: isOther && !one.wasAttempted };
  }
  // What an apply of ours may have written did not move elsewhere.
  const isElsewhere = (setting ?? undefined) !== one.before && !one.wasAttempted;
  if ((setting ?? undefined) === one.after)
    return { mark: isElsewhere ? 'drift' : 'pending', liveMoved: false };
  return { mark: 'pending', liveMoved: isElsewhere };
}

/** What was last applied, unless it was left alone, or another value that `create` does not change is live. */
function appliedSetting(state: ModelState, id: Id, before: number | undefined): number | null | undefined {
  const entry = appliedEntry(state, id);
  if (entry === undefined) return undefined;
  const mode = appliedMode(state, id, entry);
  const isOther = mode === 'create' && before !== undefined && before !== entry.setting;
  return mode === 'none' || isOther ? undefined : entry.setting;
}

function withheldBy(
  policy: Policy,
  mark: Mark,
  after: number | undefined,
  options: Options,
): string | undefined {
  if (policy.paused) return 'paused';
  if (policy.drift === 'report' && (mark === 'drift' || mark === 'unmanaged')) return 'drift-report';
  if (options.noRemovals === true && after === undefined) return 'no-removals';
  return undefined;
}

function guardsOf(
  state: ModelState,
  environment: Environment,
  scope: Omit<ModelScope, 'guards'>,
  then: ModelCommit | undefined,
  options: Options,
): readonly string[] {
  const judges: Config[] = [state.head.tree.config];
  if (then !== undefined && options.allowLoosened !== true) judges.push(then.tree.config);
  const codes = new Set<string>();
  for (const config of judges) {
    for (const code of judged(state, environment, scope, config.scopes[environment], then, options))
      codes.add(code);
  }
  return [...codes].filter((code) => options.force !== true || code === 'protected');
}

function judged(
  state: ModelState,
  environment: Environment,
  scope: Omit<ModelScope, 'guards'>,
  policy: Policy,
  then: ModelCommit | undefined,
  { now }: Options,
): readonly string[] {
  const head = state.head.tree;
  const changes = scope.changes.filter(({ withheld }) => withheld === undefined);
  const removals = changes.filter(({ action }) => action === 'remove').length;
  const updates = changes.filter(({ action }) => action === 'update').length;
  const declared = [...head.entries].filter(([id]) => partsOf(id).environment === environment);
  const kept = declared.filter(
    ([id, entry]) =>
      entry.setting !== null && !hasExpired(entry, state.start, now) && !scope.untouched.includes(id),
  ).length;
  const all = IDS.filter(
    (id) =>
      partsOf(id).environment === environment &&
      state.live.has(id) &&
      !(head.config.scopes[environment].excludes && partsOf(id).flag === EXCLUDED),
  );
  const untouched = all.filter((id) => scope.untouched.includes(id));
  const leftAlone = untouched.filter(
    (id) => (head.entries.get(id)?.manage ?? head.config.scopes[environment].manage) === 'none',
  );
  const others = new Set([...scope.changes.map(({ id }) => id), ...scope.unmanaged, ...untouched]);
  const adopted = all.filter((id) => {
    const entry = then?.tree.entries.get(id);
    const wasManaged =
      entry !== undefined && entry.setting !== null && appliedMode(state, id, entry) !== 'none';
    return !others.has(id) && then !== undefined && !wasManaged;
  });
  const ours =
    head.config.scopes[environment].prune === 'environment'
      ? all.length - leftAlone.length
      : all.length - scope.unmanaged.length - adopted.length - untouched.length;
  const handedOver = [...untouched, ...scope.unmanaged.filter((id) => !head.entries.has(id))].filter((id) => {
    const setting = appliedSetting(state, id, state.live.get(id));
    return setting !== undefined && setting !== null;
  });
  const known =
    head.config.scopes[environment].prune === 'environment'
      ? handedOver.filter((id) => leftAlone.includes(id))
      : handedOver;
  const limits = LIMITS[policy.limits];
  const isOver = (count: number, limit: number): boolean =>
    count > 0 && [ours, ours + known.length].some((total) => total >= limits.floor && count / total > limit);
  const codes: string[] = [];
  if (isOver(updates, limits.updates)) codes.push('updates');
  if (isOver(removals, limits.removals)) codes.push('removals');
  if (removals > 0 && declared.length > 0 && kept === 0) codes.push('none-left');
  if (removals > 0 && declared.length === 0) codes.push('empty-scope');
  if (limits.changes !== null && changes.length > limits.changes) codes.push('changes');
  if (policy.protects && changes.some(({ id }) => partsOf(id).flag === PROTECTED)) codes.push('protected');
  return codes;
}
