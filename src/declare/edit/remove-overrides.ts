import { isMap, isScalar, type ParsedNode } from 'yaml';
import { contextKey, overrideKey, overrideKeyOf, type OverrideId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { checkEdit } from './check.js';
import { type EditedFile, entriesOf, openFile } from './entries.js';
import { flagPath, type GroupPlace, groupsOf } from './find.js';
import { movedOut } from './move-out.js';
import { Removal, type PathStep } from './removal.js';
import { spliced } from './splice.js';

/**
 * Removes the declarations of overrides. Contexts, groups and kinds that become empty go with them. A context whose
 * group has other members and flags leaves the group and keeps its other settings as its own.
 * @param source a declaration without errors
 * @param ids those that the file does not declare are ignored
 * @returns the new text
 * @throws OperatorError `edit-refused`
 */
export function removeOverrides(source: SourceText, ids: readonly OverrideId[]): string {
  const text = without(source, new Set(ids.map(overrideKey)));
  checkEdit(source, text, { removed: ids });
  return text;
}

function without(source: SourceText, wanted: ReadonlySet<string>): string {
  const file = openFile(source);
  const list = new Removal(file);
  for (const path of ownSettings(file, wanted)) list.add(path);
  for (const group of groupsOf(file)) {
    const partial = removeFromGroup(file, group, wanted, list);
    if (partial === undefined) continue;
    return without(new SourceText(source.path, movedOut(file, group, partial)), wanted);
  }
  return spliced(file.text, list.splices());
}

function ownSettings({ root }: EditedFile, wanted: ReadonlySet<string>): (readonly PathStep[])[] {
  const paths: (readonly PathStep[])[] = [];
  const read = (kind: string, map: ParsedNode | null | undefined, above: readonly PathStep[]): void => {
    if (!isMap(map)) return;
    for (const [index, { key, value }] of map.items.entries()) {
      if (!isMap(value)) continue;
      const context = contextKey(kind, isScalar(key) ? String(key.value) : '');
      for (const [at, { key: flag }] of value.items.entries()) {
        if (!isScalar(flag) || !wanted.has(overrideKeyOf(String(flag.value), context))) continue;
        const step = { collection: map, index };
        paths.push([...above, step, { collection: value, index: at }]);
      }
    }
  };
  for (const [index, { key, value }] of root.items.entries()) {
    const name = isScalar(key) ? key.value : undefined;
    const step = { collection: root, index };
    if (name === 'users') read('user', value, [step]);
    if (name !== 'contexts' || !isMap(value)) continue;
    for (const [at, { key: kind, value: contexts }] of value.items.entries()) {
      const path = [step, { collection: value, index: at }];
      read(isScalar(kind) ? String(kind.value) : '', contexts, path);
    }
  }
  return paths;
}

/**
 * Marks the flags of a group that all members lose, and the members that lose all other flags.
 * @returns a member that loses some of the flags that others keep, which has to leave the group first
 */
function removeFromGroup(
  file: EditedFile,
  group: GroupPlace,
  wanted: ReadonlySet<string>,
  list: Removal,
): GroupPlace['members'][number] | undefined {
  const { flags, members, step } = group;
  if (flags === undefined) return undefined;
  const loses = (member: Pick<OverrideId, 'kind' | 'key'>, flag: string): boolean =>
    wanted.has(overrideKeyOf(flag, contextKey(member.kind, member.key)));
  const names = entriesOf(flags).map(({ key }) => key ?? '');
  const kept = names.filter((flag) => !members.every((member) => loses(member, flag)));
  const partial = members.find((member) => {
    const lost = kept.filter((flag) => loses(member, flag)).length;
    return lost > 0 && lost < kept.length;
  });
  if (partial !== undefined) return partial;
  const gone =
    kept.length === 0 ? members : members.filter((member) => kept.every((flag) => loses(member, flag)));
  if (members.length > 0 && gone.length === members.length) {
    list.add([...flagPath(file, group, flags, 0).slice(0, 1), step]);
    return undefined;
  }
  for (const { path } of gone) list.add(path);
  for (const [index, flag] of names.entries())
    if (!kept.includes(flag)) list.add(flagPath(file, group, flags, index));
  return undefined;
}
