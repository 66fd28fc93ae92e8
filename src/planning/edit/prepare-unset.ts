import { groupOf } from '../../declare/edit/describe.js';
import { removeOverrides } from '../../declare/edit/remove-overrides.js';
import type { OverrideId } from '../../reconcile/state.js';
import type { PlanningIo } from '../prepare.js';
import { declare } from '../read-declarations.js';
import { readText } from './file-text.js';
import { type DeclaredRequest, findDeclared } from './find-declared.js';
import { contextWords, unsetMessage } from './message.js';
import { changedTexts, declareEdited, type EditedOverride, editText, type PreparedEdit } from './prepared.js';

/** The options of `unset`. */
export interface UnsetRequest extends DeclaredRequest {
  readonly config: string | undefined;
}

/**
 * Removes the declarations of a context, or of one of its flags, in memory. What it returns is valid.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepareUnset(request: UnsetRequest, io: PlanningIo): Promise<PreparedEdit> {
  const source = { cwd: io.cwd, config: request.config, allowEmpty: true, now: io.now(), signal: io.signal };
  const declared = await declare(source);
  const { context, scopes, files: found } = findDeclared(declared, request);
  const removed = new Map<string, readonly OverrideId[]>();
  for (const { path, overrides } of found) removed.set(path, overrides);
  const overrides = found.flatMap(({ scope: { scope }, path, overrides: here }) =>
    here.map(({ flag, kind, key }): EditedOverride => ({ ...scope, flag, kind, key, path })),
  );
  const files = [...removed].map(([path, ids]) =>
    editText(declared, path, undefined, (text) => removeOverrides(text, ids)),
  );
  const changed = changedTexts(files);
  await declareEdited(source, changed);
  const notes = [...removed].flatMap(([path, ids]) => {
    const { source: text } = readText(declared.workspace.root, path);
    return ids.flatMap((id) => {
      const group = groupOf(text, id);
      if (group === undefined || group.members === 1) return [];
      return `${contextWords(id)} got ${id.flag} from the group ${JSON.stringify(group.name)} at ${path}:${group.at.line}:${group.at.col}, whose other members are not changed`;
    });
  });
  const flags = [...new Set(overrides.map(({ flag }) => flag))];
  return {
    declared,
    files: changed,
    overrides,
    notes,
    message: unsetMessage(
      context,
      flags,
      scopes.map(({ scope }) => scope),
    ),
  };
}
