import type { Change, OverrideValue } from './plan.js';
import type { WritePolicy } from './write-policy.js';

/** One request: a PUT of one change, or a semantic patch of changes of one flag, environment and commit. */
export type Write =
  | { readonly method: 'put'; readonly change: Change }
  | { readonly method: 'patch'; readonly changes: Readonly<Group> };

/** Changes that share a request. */
type Group = [Change, ...Change[]];

/** The changes that a request makes. */
export function changesOf(write: Write): Readonly<Group> {
  return write.method === 'put' ? [write.change] : write.changes;
}

/** One context's target moves from one variation to another, by their ids; undefined means no target. */
export interface Move {
  readonly kind: string;
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** One step of a semantic patch, as in LaunchDarkly's API ("Update feature flag"). */
export interface Instruction {
  readonly kind: 'removeTargets' | 'addTargets';
  readonly contextKind: string;
  readonly variationId: string;
  readonly values: readonly string[];
}

/** Whether a PUT can make a change: it selects a variation by its value, and null means no override. */
export function canPut(change: Change): boolean {
  return change.after === null || (change.after.value !== null && change.after.onlyById !== true);
}

/** Whether a patch can make a change: it selects variations by id, which LaunchDarkly may not have given. */
export function canPatch(change: Change): boolean {
  return isKnownById(change.before) && isKnownById(change.after);
}

function isKnownById(value: OverrideValue | null): boolean {
  return value === null || value.id !== undefined;
}

/**
 * The requests that make the changes, ordered by their first change. Withheld changes are left out; every other
 * change is in exactly one request.
 */
export function planWrites(changes: readonly Change[], policy: WritePolicy): readonly Write[] {
  const groups = new Map<string, Group>();
  /** PUTs, and groups of changes that become patches once they are complete. */
  const slots: (Write | Group)[] = [];
  for (const change of changes) {
    if (change.withheld !== undefined) continue;
    if (policy.mode === 'put' || !canPatch(change)) {
      slots.push({ method: 'put', change });
      continue;
    }
    const key = commentKey(change);
    const group = groups.get(key);
    if (group !== undefined) group.push(change);
    else {
      const newGroup: Group = [change];
      groups.set(key, newGroup);
      slots.push(newGroup);
    }
  }
  return slots.flatMap((slot) => ('method' in slot ? [slot] : writesOf(slot, policy)));
}

/** Counts the requests of `planWrites`: PUTs for kind `user`, PUTs for all other kinds, and patches. */
export function countWrites(
  changes: readonly Change[],
  policy: WritePolicy,
): { readonly users: number; readonly contexts: number; readonly patches: number } {
  const counts = { users: 0, contexts: 0, patches: 0 };
  const countPut = ({ kind }: Change): void => {
    counts[kind === 'user' ? 'users' : 'contexts'] += 1;
  };
  if (policy.mode === 'put') {
    for (const change of changes) if (change.withheld === undefined) countPut(change);
    return counts;
  }
  for (const write of planWrites(changes, policy)) {
    if (write.method === 'patch') counts.patches += 1;
    else countPut(write.change);
  }
  return counts;
}

/** A request has one comment, which names the commit and the declaration's reason: its changes share both. */
export function commentKey({
  project,
  environment,
  flag,
  provenance,
  reason,
}: Pick<Change, 'project' | 'environment' | 'flag' | 'provenance' | 'reason'>): string {
  const origin = provenance.type === 'commit' ? provenance.commit.id : provenance.type;
  return JSON.stringify([project, environment, flag, origin, reason]);
}

function writesOf(group: Readonly<Group>, policy: WritePolicy): Write[] {
  const [only] = group;
  if (policy.mode === 'auto' && group.length === 1 && canPut(only)) return [{ method: 'put', change: only }];
  return chunks(group, policy.values).map((chunk) => ({ method: 'patch', changes: chunk }));
}

/** Splits a group, in order, so that no chunk has more than `values` context keys. */
export function chunks(group: Readonly<Group>, values: number): Readonly<Group>[] {
  const found: Group[] = [];
  let free = 0;
  for (const change of group) {
    const weight = Number(change.before !== null) + Number(change.after !== null);
    const last = found.at(-1);
    if (last === undefined || weight > free) {
      found.push([change]);
      free = values - weight;
    } else {
      last.push(change);
      free -= weight;
    }
  }
  return found;
}

/** The move of a change, from the variation that was live when the plan was made. */
export function moveFor({ kind, key, before, after }: Change): Move {
  return { kind, key, from: before?.id, to: after?.id };
}

/**
 * The instructions of one patch: every removal before the first addition, so that no key is ever in two variations,
 * which LaunchDarkly refuses.
 */
export function instructionsFor(moves: readonly Move[]): readonly Instruction[] {
  return [
    ...groupTargets('removeTargets', moves, ({ from }) => from),
    ...groupTargets('addTargets', moves, ({ to }) => to),
  ];
}

function groupTargets(
  kind: Instruction['kind'],
  moves: readonly Move[],
  variationOf: (move: Move) => string | undefined,
): Instruction[] {
  const found = new Map<string, Instruction & { readonly values: string[] }>();
  for (const move of moves) {
    const variationId = variationOf(move);
    if (variationId === undefined) continue;
    // A context kind cannot contain a line break.
    const name = `${move.kind}\n${variationId}`;
    const known = found.get(name);
    if (known === undefined)
      found.set(name, { kind, contextKind: move.kind, variationId, values: [move.key] });
    else known.values.push(move.key);
  }
  return [...found.values()];
}
