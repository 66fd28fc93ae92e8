import { groupOf } from '../../declare/edit/describe.js';
import { removeOverrides } from '../../declare/edit/remove-overrides.js';
import { didYouMean } from '../../diagnostics/nearest.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { contextName } from '../../reconcile/filter.js';
import { overrideKey, type OverrideId, scopeKey } from '../../reconcile/state.js';
import type { PlanningIo } from '../prepare.js';
import { declare } from '../read-declarations.js';
import { coveredScopes, type ManagedScope, managedScopes } from '../scopes.js';
import { type ScopeSelection, selectScopes } from '../selection.js';
import { declarationsFor, refuseShared } from './choose-file.js';
import { type ContextId, parseContext } from './context.js';
import { readText } from './file-text.js';
import { contextWords, unsetMessage } from './message.js';
import { changedTexts, declareEdited, type EditedOverride, editText, type PreparedEdit } from './prepared.js';
import { refuseSeveral } from './scopes.js';

/** The options of `unset`. */
export interface UnsetRequest {
  readonly context: string;
  /** Undefined for all flags. */
  readonly flag: string | undefined;
  readonly config: string | undefined;
  readonly selection: ScopeSelection;
}

/**
 * Removes the declarations of a context, or of one of its flags, in memory. What it returns is valid.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepareUnset(request: UnsetRequest, io: PlanningIo): Promise<PreparedEdit> {
  const context = parseContext(request.context);
  const source = { cwd: io.cwd, config: request.config, allowEmpty: true, now: io.now(), signal: io.signal };
  const declared = await declare(source);
  const covered = coveredScopes(declared.desired, declared.config, []);
  const selected = managedScopes(selectScopes(covered, request.selection));
  const declaring = selected.filter(
    ({ desired }) => idsIn(desired.overrides, context, request.flag).length > 0,
  );
  if (declaring.length === 0) throw notDeclared(context, request, selected);
  refuseSeveral(
    declaring.map(({ scope }) => scope),
    request.selection,
  );
  const removed = new Map<string, OverrideId[]>();
  const overrides: EditedOverride[] = [];
  for (const { scope, desired } of declaring) {
    const ids = idsIn(desired.overrides, context, request.flag);
    const keys = new Set(ids.map(overrideKey));
    for (const declaration of declarationsFor(declared, scope)) {
      const here = declaration.overrides.filter((override) => keys.has(overrideKey(override)));
      const [first] = here;
      if (first === undefined) continue;
      refuseShared(declaration, { scopes: declaring }, first);
      removed.set(declaration.at.file, ids);
      overrides.push(
        ...here.map(({ flag, kind, key, at }) => ({ ...scope, flag, kind, key, path: at.file })),
      );
    }
  }
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
      declaring.map(({ scope }) => scope),
    ),
  };
}

function idsIn(
  overrides: ReadonlyMap<string, OverrideId>,
  { kind, key }: ContextId,
  flag: string | undefined,
): OverrideId[] {
  return [...overrides.values()]
    .filter((id) => id.kind === kind && id.key === key && (flag === undefined || id.flag === flag))
    .map((id) => ({ flag: id.flag, kind, key }));
}

function notDeclared(
  context: ContextId,
  { flag }: UnsetRequest,
  scopes: readonly ManagedScope[],
): OperatorError {
  const all = scopes.flatMap(({ desired }) => [...desired.overrides.values()]);
  const flags = all.filter((id) => id.kind === context.kind && id.key === context.key).map((id) => id.flag);
  const where = scopes.map(({ scope }) => scopeKey(scope)).join(', ');
  const message = `nothing declares ${flag === undefined ? '' : `${flag} for `}${contextWords(context)} in ${where}`;
  const near =
    flag !== undefined && flags.length > 0
      ? (didYouMean(flag, flags) ?? `it has ${[...new Set(flags)].toSorted().join(', ')}`)
      : didYouMean(contextName(context), new Set(all.map(contextName)));
  return new OperatorError('edit-not-declared', message, {
    hint: near ?? 'flagops list shows what is declared',
  });
}
