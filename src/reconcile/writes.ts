import type { Change, OverrideValue } from './plan.js';
import type { WritePolicy } from './write-policy.js';

/** One request: a PUT of one change, or a semantic patch of changes of one flag, environment and commit. */
export interface Write {
  readonly method: 'put' | 'patch';
  /** At least one; of a PUT exactly one. */
  readonly changes: readonly [Change, ...Change[]];
}

/** Where one context's target is taken from and where it goes, by the ids of the variations. */
export interface Move {
  readonly kind: string;
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** One step of a semantic patch, as LaunchDarkly's API has it ("Update feature flag"). */
export interface Instruction {
  readonly kind: 'removeTargets' | 'addTargets';
  readonly contextKind: string;
  readonly variationId: string;
  readonly values: readonly string[];
}

/** Whether a PUT can name what is to be: it names a variation by its value, and null means none. */
export function canPut(change: Change): boolean {
  return change.after === null || (change.after.value !== null && change.after.onlyById !== true);
}

/** Whether a patch can: it names variations by id, which an answer may lack. */
function canPatch(change: Change): boolean {
  return isNamed(change.before) && isNamed(change.after);
}

function isNamed(side: OverrideValue | null): boolean {
  return side === null || side.id !== undefined;
}

/**
 * The requests that make the changes, in the order in which they are first needed. What is held back is left out;
 * every other change stands in exactly one request.
 */
export function planWrites(changes: readonly Change[], policy: WritePolicy): readonly Write[] {
  const writes: Write[] = [];
  const groups = new Map<string, Change[]>();
  const slots: (Write | Change[])[] = [];
  for (const change of changes) {
    if (change.withheld !== undefined) continue;
    if (policy.mode === 'put' || !canPatch(change)) {
      slots.push({ method: 'put', changes: [change] });
      continue;
    }
    const key = groupKey(change);
    const group = groups.get(key);
    if (group !== undefined) group.push(change);
    else {
      const begun = [change];
      groups.set(key, begun);
      slots.push(begun);
    }
  }
  for (const slot of slots) {
    if ('method' in slot) writes.push(slot);
    else for (const write of writesOf(slot, policy)) writes.push(write);
  }
  return writes;
}

/** How many requests `planWrites` would give: PUTs for kind `user` and for every other one, and patches. */
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
  for (const { method, changes: together } of planWrites(changes, policy)) {
    if (method === 'patch') counts.patches += 1;
    else countPut(together[0]);
  }
  return counts;
}

/** The comment names the commit and the declaration's reason, so what shares a request shares both. */
function groupKey({ project, environment, flag, provenance, reason }: Change): string {
  const origin = provenance.type === 'commit' ? provenance.commit.id : provenance.type;
  return JSON.stringify([project, environment, flag, origin, reason]);
}

function writesOf(group: readonly Change[], policy: WritePolicy): Write[] {
  const [only] = group;
  if (only === undefined) return [];
  if (policy.mode === 'auto' && group.length === 1 && canPut(only))
    return [{ method: 'put', changes: [only] }];
  return chunks(group, policy.values).map((chunk) => ({ method: 'patch', changes: chunk }));
}

function chunks(group: readonly Change[], values: number): (readonly [Change, ...Change[]])[] {
  const found: [Change, ...Change[]][] = [];
  let room = 0;
  for (const change of group) {
    const weight = Number(change.before !== null) + Number(change.after !== null);
    const last = found.at(-1);
    if (last === undefined || weight > room) {
      found.push([change]);
      room = values - weight;
    } else {
      last.push(change);
      room -= weight;
    }
  }
  return found;
}

/** Where the override of a change goes, as far as the plan saw. */
export function moveFor({ kind, key, before, after }: Change): Move {
  return { kind, key, from: before?.id, to: after?.id };
}

/**
 * The steps of one patch: every removal before the first addition, so that no key ever stands in two variations,
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
  end: (move: Move) => string | undefined,
): Instruction[] {
  const found = new Map<string, Instruction & { readonly values: string[] }>();
  for (const move of moves) {
    const variationId = end(move);
    if (variationId === undefined) continue;
    // A context kind cannot hold a line break.
    const name = `${move.kind}\n${variationId}`;
    const known = found.get(name);
    if (known === undefined)
      found.set(name, { kind, contextKind: move.kind, variationId, values: [move.key] });
    else known.values.push(move.key);
  }
  return [...found.values()];
}
