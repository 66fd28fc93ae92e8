import { isScalar } from 'yaml';
import type { Position } from '../../diagnostics/diagnostic.js';
import type { OverrideId } from '../../reconcile/state.js';
import type { SourceText } from '../../yaml/source.js';
import { entriesOf, entryOf, openFile } from './entries.js';
import { findOverride } from './find.js';

/** The group that an override comes from. */
export interface OverrideGroup {
  readonly name: string;
  readonly members: number;
  readonly at: Position;
}

/**
 * The group that an override comes from; undefined if it is declared under its context, or not at all.
 * @param source a declaration without errors
 */
export function groupOf(source: SourceText, id: OverrideId): OverrideGroup | undefined {
  const [place] = findOverride(openFile(source), id);
  if (place?.in !== 'group') return undefined;
  const { map, members, step } = place.group;
  const name = entryOf(map, 'name')?.value;
  const start = entriesOf(step.collection)[step.index]?.start ?? 0;
  return {
    name: isScalar(name) ? String(name.value) : '',
    members: members.length,
    at: source.positionAt(start),
  };
}

/**
 * The text of a key at the top of a file, such as `expires`; undefined if it is not there.
 * @param source a declaration without errors
 */
export function fileKey(source: SourceText, key: string): string | undefined {
  const value = entryOf(openFile(source).root, key)?.value;
  return isScalar(value) ? String(value.value) : undefined;
}
