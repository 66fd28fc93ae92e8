import { isScalar } from 'yaml';
import type { Json } from '../../json/json.js';
import type { OverrideId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { isLongForm, parseSetting } from '../parse/setting.js';
import { type EditedFile, entriesOf, entryOf, openFile, refuse } from './entries.js';
import { contextPath, follow, type GroupPlace } from './find.js';
import { inserted } from './insert-override.js';
import { removal } from './removal.js';
import { spliced } from './splice.js';
import { keysBeside, settingJson } from './setting-json.js';

/** Removes a context from a group, and declares what the group gave it under the context. */
export function movedOut(
  file: EditedFile,
  group: GroupPlace,
  { kind, key }: Pick<OverrideId, 'kind' | 'key'>,
): string {
  const { source, root } = file;
  const paths = group.members.filter((member) => member.kind === kind && member.key === key);
  const [expires, manage] = ['expires', 'manage'].map((name) => entryOf(group.map, name)?.value);
  let text = spliced(
    file.text,
    removal(
      file,
      paths.map(({ path }) => path),
    ),
  );
  for (const { key: flag = '', value, start } of group.flags === undefined ? [] : entriesOf(group.flags)) {
    const own = follow(root, [...contextPath({ kind, key }), flag]);
    if (own.rest.length === 0) continue;
    if (value === null) throw refuse(source, start, 'it has no setting');
    const keys = {
      ...(isScalar(expires) ? { expires: String(expires.value) } : {}),
      ...(isScalar(manage) ? { manage: String(manage.value) } : {}),
      ...(isLongForm(value) ? (keysBeside(value.toJSON() as Json) as Record<string, string>) : {}),
    };
    const setting = parseSetting(value.toJSON() as Json);
    // Throws with the position of the group, in the text as it is on disk.
    settingJson(file, start, setting, keys);
    text = inserted(openFile(new SourceText(source.path, text)), { flag, kind, key }, { setting, keys });
  }
  return text;
}
