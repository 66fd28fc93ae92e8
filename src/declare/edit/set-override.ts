import type { YAMLMap } from 'yaml';
import type { Json } from '../../json/json.js';
import { isObject } from '../../json/object.js';
import type { OverrideId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { isLongForm, parseSetting } from '../parse/setting.js';
import { valueNode } from '../write/nodes.js';
import { checkEdit } from './check.js';
import { type EditedFile, entriesOf, entryOf, isFlow, openFile, refuse } from './entries.js';
import { findOverride, stepOf } from './find.js';
import { inserted } from './insert-override.js';
import { flow, Insertion } from './insertion.js';
import { movedOut } from './move-out.js';
import { removal, type PathStep } from './removal.js';
import { type Splice, spliced } from './splice.js';
import type { WantedOverride } from './wanted.js';
import { keysBeside, settingJson } from './setting-json.js';

/**
 * Declares an override, or changes its declaration. Everything else in the file stays as it is written.
 *
 * If the override comes from a group, the group's flag changes if the context is its only member; otherwise the context
 * leaves the group and keeps its settings as its own.
 * @param source a declaration without errors
 * @returns the new text
 * @throws OperatorError `edit-refused`, for example if the file declares the override twice
 */
export function setOverride(source: SourceText, id: OverrideId, wanted: WantedOverride): string {
  const text = changed(source, id, wanted);
  checkEdit(source, text, { set: id, wanted });
  return text;
}

function changed(source: SourceText, id: OverrideId, wanted: WantedOverride): string {
  const file = openFile(source);
  const [place, other] = findOverride(file, id);
  if (place === undefined) return inserted(file, id, wanted);
  const step = place.path.at(-1);
  if (step === undefined) throw new TypeError('a place has at least one step');
  if (other !== undefined) {
    const second = entriesOf(stepOf(other.path).collection)[stepOf(other.path).index];
    throw refuse(source, second?.start ?? 0, `${id.flag} is declared for this context twice in the file`);
  }
  if (place.in === 'group' && place.group.members.length > 1) {
    const text = movedOut(file, place.group, id);
    return changed(new SourceText(source.path, text), id, wanted);
  }
  return spliced(file.text, changeOf(file, step, wanted));
}

/** Changes the setting at an entry, and keys beside it. */
function changeOf(file: EditedFile, { collection, index }: PathStep, wanted: WantedOverride): Splice[] {
  const entry = entriesOf(collection)[index];
  const insertion = new Insertion(file);
  if (entry?.value === null || entry === undefined) throw refuse(file.source, 0, 'it has no setting');
  const { value } = entry;
  const before = value.toJSON() as Json;
  const isLong = isLongForm(value);
  const setting = wanted.setting ?? parseSetting(before);
  // null, for no override, has no long form: the keys beside the value go with it.
  const kept = isLong && setting.type !== 'none' ? keysBeside(before) : {};
  const keys = { ...kept, ...wanted.keys };
  const after = settingJson(file, entry.start, setting, keys);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const names = Object.keys(isObject(after) ? after : {});
  const main = setting.type === 'variation' ? '$variation' : '$value';
  const staysLong = isLong && names.includes(main) && entryOf(value as YAMLMap.Parsed, main) !== undefined;
  if (!staysLong || !isObject(after)) return insertion.replace(collection, entry, flow(valueNode(after)));
  const map = value as YAMLMap.Parsed;
  const object = after as Readonly<Record<string, Json>>;
  const splices: Splice[] = [];
  const removed: (readonly PathStep[])[] = [];
  for (const [position, member] of entriesOf(map).entries()) {
    const name = member.key ?? '';
    const wish = object[name];
    if (wish === undefined) removed.push([{ collection: map, index: position }]);
    else if (JSON.stringify(wish) !== JSON.stringify(member.value?.toJSON()))
      splices.push(...insertion.replace(map, member, flow(valueNode(wish))));
  }
  const added = names.filter((name) => entryOf(map, name) === undefined);
  splices.push(...removal(file, removed));
  if (added.length === 0) return splices;
  // One edit after the other, since what is added may be where something is removed.
  if (splices.length > 0) return insertion.replace(collection, entry, flow(valueNode(after)));
  if (added.length > 1 && isFlow(map)) return insertion.replace(collection, entry, flow(valueNode(after)));
  return added.flatMap((name) =>
    insertion.add(map, name, flow(valueNode(object[name] ?? null)), map.items.length - 1),
  );
}
