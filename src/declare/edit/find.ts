import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { OverrideId } from '../../reconcile/state.js';
import { type EditedFile, entriesOf, type YamlEntry, indexOf } from './entries.js';
import type { PathStep } from './removal.js';

type Context = Pick<OverrideId, 'kind' | 'key'>;

/** A group, and where its parts are. */
export interface GroupPlace {
  readonly step: PathStep;
  readonly map: YAMLMap.Parsed;
  /** Undefined if it has no flags. */
  readonly flags: YAMLMap.Parsed | undefined;
  readonly members: readonly (Context & { readonly path: readonly PathStep[] })[];
}

/** Where a file declares an override: under its context, or in a group. */
export type OverridePlace =
  | { readonly in: 'context'; readonly path: readonly PathStep[] }
  | { readonly in: 'group'; readonly group: GroupPlace; readonly path: readonly PathStep[] };

/** The keys that lead to the settings of a context. */
export function contextPath({ kind, key }: Context): readonly string[] {
  return kind === 'user' ? ['users', key] : ['contexts', kind, key];
}

/** Every place at which a file declares an override, those under a context first. */
export function findOverride(file: EditedFile, id: OverrideId): readonly OverridePlace[] {
  const places: OverridePlace[] = [];
  const own = follow(file.root, [...contextPath(id), id.flag]);
  if (own.rest.length === 0) places.push({ in: 'context', path: own.path });
  for (const group of groupsOf(file)) {
    const { flags } = group;
    if (flags === undefined || !group.members.some((member) => isSame(member, id))) continue;
    const index = indexOf(flags, id.flag);
    if (index !== -1) places.push({ in: 'group', group, path: flagPath(file, group, flags, index) });
  }
  return places;
}

/** The steps to a flag of a group. */
export function flagPath(
  { root }: EditedFile,
  { step, map }: GroupPlace,
  flags: YAMLMap.Parsed,
  index: number,
): readonly PathStep[] {
  return [
    { collection: root, index: indexOf(root, 'groups') },
    step,
    { collection: map, index: indexOf(map, 'flags') },
    { collection: flags, index },
  ];
}

/** The groups of a file in their order. */
export function groupsOf({ root }: EditedFile): readonly GroupPlace[] {
  const at = indexOf(root, 'groups');
  const list = root.items[at]?.value;
  if (!isSeq(list)) return [];
  const above = { collection: root, index: at };
  return list.items.flatMap((item, index): GroupPlace[] => {
    if (!isMap(item)) return [];
    const map = item;
    const step = { collection: list, index };
    const flags = valueOf(map, 'flags');
    const members = [
      ...membersIn(map, [above, step], 'users', 'user'),
      ...kindsIn(map).flatMap(({ contexts, kind, index: position }) =>
        membersIn(
          contexts,
          [above, step, { collection: map, index: indexOf(map, 'contexts') }],
          kind,
          kind,
          position,
        ),
      ),
    ];
    return [{ step, map, flags: isMap(flags) ? (flags as YAMLMap.Parsed) : undefined, members }];
  });
}

/** How far a path of keys leads into a map, and the rest of the keys. */
export function follow(
  root: YAMLMap.Parsed,
  keys: readonly string[],
): {
  readonly path: readonly PathStep[];
  readonly rest: readonly string[];
  readonly last: YamlEntry | undefined;
} {
  const path: PathStep[] = [];
  let map: YAMLMap.Parsed | undefined = root;
  let last: YamlEntry | undefined;
  for (const [at, key] of keys.entries()) {
    const index: number = map === undefined ? -1 : indexOf(map, key);
    if (map === undefined || index === -1) return { path, rest: keys.slice(at), last };
    path.push({ collection: map, index });
    last = entriesOf(map)[index];
    map = isMap(last?.value) ? last.value : undefined;
  }
  return { path, rest: [], last };
}

function valueOf(map: YAMLMap.Parsed, key: string): unknown {
  return map.items[indexOf(map, key)]?.value;
}

function kindsIn(
  group: YAMLMap.Parsed,
): readonly { readonly contexts: YAMLMap.Parsed; readonly kind: string; readonly index: number }[] {
  const contexts = valueOf(group, 'contexts');
  if (!isMap(contexts)) return [];
  const map = contexts as YAMLMap.Parsed;
  return map.items.map(({ key }, index) => ({
    contexts: map,
    kind: isScalar(key) ? String(key.value) : '',
    index,
  }));
}

function membersIn(
  map: YAMLMap.Parsed,
  above: readonly PathStep[],
  field: string,
  kind: string,
  index = indexOf(map, field),
): GroupPlace['members'] {
  const list = map.items[index]?.value;
  if (!isSeq(list)) return [];
  const path = [...above, { collection: map, index }];
  return list.items.flatMap((item, at) =>
    isScalar(item) ? { kind, key: String(item.value), path: [...path, { collection: list, index: at }] } : [],
  );
}

function isSame(a: Context, b: Context): boolean {
  return a.kind === b.kind && a.key === b.key;
}

/** The last step of a path. */
export function stepOf(path: readonly PathStep[]): PathStep {
  const step = path.at(-1);
  if (step === undefined) throw new TypeError('a path has at least one step');
  return step;
}
