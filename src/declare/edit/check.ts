import { settingKey } from '../../reconcile/setting.js';
import { type DesiredOverride, overrideKey, type OverrideId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { parseDeclaration } from '../parse/parse.js';
import type { Declaration } from '../parse/parse.js';
import type { WantedOverride } from './wanted.js';
import { refuse } from './entries.js';

/** What an edit is meant to change. */
export type Intent =
  { readonly set: OverrideId; readonly wanted: WantedOverride } | { readonly removed: readonly OverrideId[] };

/**
 * Reads an edited text again: it must declare the same as before, but for what the edit was meant to change. That holds
 * for everything that was tried; here it holds for every file.
 * @throws OperatorError `edit-refused`
 */
export function checkEdit(before: SourceText, text: string, intent: Intent): void {
  const [old, now] = [declarationOf(before), declarationOf(new SourceText(before.path, text))];
  // The caller reports what is wrong with the new text, with its position.
  if (old === undefined || now === undefined) return;
  const meant = overridesOf(old);
  const found = overridesOf(now);
  if ('removed' in intent) for (const id of intent.removed) meant.delete(overrideKey(id));
  else {
    const key = overrideKey(intent.set);
    const { setting } = intent.wanted;
    const result = found.get(key);
    if (result === undefined) throw unclear(before);
    if (setting !== undefined && settingKey(setting) !== settingKey(result.setting)) throw unclear(before);
    meant.set(key, result);
  }
  if (meant.size !== found.size) throw unclear(before);
  for (const [key, override] of meant) {
    const result = found.get(key);
    if (result === undefined || textOf(result) !== textOf(override)) throw unclear(before);
  }
}

function declarationOf(source: SourceText): Declaration | undefined {
  const parsed = parseDeclaration(source);
  return 'declaration' in parsed ? parsed.declaration : undefined;
}

function overridesOf({ overrides }: Declaration): Map<string, DesiredOverride> {
  return new Map(overrides.map((override) => [overrideKey(override), override]));
}

/** Everything that an override declares, apart from its position. */
function textOf({ at: _at, expires, setting, ...rest }: DesiredOverride): string {
  return JSON.stringify([
    settingKey(setting),
    expires?.text,
    Object.entries(rest).toSorted(([a], [b]) => Number(a > b) - Number(a < b)),
  ]);
}

function unclear(source: SourceText): ReturnType<typeof refuse> {
  return refuse(source, 0, 'the edited file would not say what was meant');
}
