import type { Json } from '../../json/json.js';
import { isObject } from '../../json/object.js';
import { resolveSetting } from '../../reconcile/setting.js';
import type { LiveFlag, OverrideId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { parseDeclaration } from '../parse/parse.js';
import { renderDeclaration, type WrittenOverride } from './render.js';

/**
 * How a declaration writes the variation at an index: as its value; or, if that would be refused or select another
 * variation, by its name, or else by its index. Each way is tried by reading back what would be written.
 * @returns undefined if no way works, because the flag's key is refused
 */
export function writtenSetting({ key, variations }: LiveFlag, index: number): Json | undefined {
  const variation = variations[index];
  if (variation === undefined) return undefined;
  const { value, name } = variation;
  const ways = [literal(value), ...(name === undefined ? [] : [{ $variation: name }]), { $variation: index }];
  return ways.find((setting) => {
    // A list member, since maps of groups are nested deepest.
    const read = readBack({ flag: key, kind: 'user', key: '<<', setting });
    if (read === undefined) return false;
    const resolution = resolveSetting(read.setting, variations);
    return resolution.type === 'variation' && resolution.index === index;
  });
}

/** Whether a declaration can name a context: its kind and its key are not refused, and the key is read as it is. */
export function canDeclareContext(kind: string, key: string): boolean {
  if (kind === 'user' && ORDINARY.test(key)) return true;
  const read = readBack({ flag: 'f', kind, key, setting: true });
  return read?.kind === kind && read.key === key;
}

/** Matches nearly every key; checked first because there can be half a million. */
const ORDINARY = /^[!-~](?:[ -~]{0,100}[!-~])?$/;

function literal(value: Json): Json {
  const isReserved = isObject(value) && Object.keys(value).some((key) => key.startsWith('$'));
  return isReserved ? { $value: value } : value;
}

function readBack(override: WrittenOverride): (OverrideId & Pick<ParsedOverride, 'setting'>) | undefined {
  const text = renderDeclaration({ project: 'p', environment: 'e' }, [override]);
  const parsed = parseDeclaration(new SourceText('imported.yaml', text));
  return 'declaration' in parsed ? parsed.declaration?.overrides[0] : undefined;
}

type ParsedOverride = NonNullable<ReturnType<typeof parseDeclaration>['declaration']>['overrides'][number];
