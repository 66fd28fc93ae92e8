import { groupOf } from '../../declare/edit/describe.js';
import type { DesiredOverride } from '../../reconcile/state.js';
import type { Declared } from '../read-declarations.js';
import { readText } from './file-text.js';
import { contextWords } from './message.js';

/** What editing overrides means for the groups that they come from, once for each group and context. */
export function groupNotes({ workspace }: Declared, overrides: readonly DesiredOverride[]): string[] {
  const notes = overrides.flatMap((override) => {
    const path = override.at.file;
    const group = groupOf(readText(workspace.root, path).source, override);
    if (group === undefined) return [];
    const place = `the group ${JSON.stringify(group.name)} at ${path}:${group.at.line}:${group.at.col}`;
    const who = contextWords(override);
    return group.members === 1
      ? `${who} is the only member of ${place}, so the group changes`
      : `${who} leaves ${place}, and keeps its other settings; ${membersLeft(group.members - 1)}`;
  });
  return [...new Set(notes)];
}

function membersLeft(count: number): string {
  return count === 1 ? '1 other member stays' : `${count} other members stay`;
}
