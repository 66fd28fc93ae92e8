import type { Declaration } from '../../declare/parse/parse.js';
import { didYouMean } from '../../diagnostics/nearest.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { contextName } from '../../reconcile/filter.js';
import { type DesiredOverride, overrideKey, scopeKey } from '../../reconcile/state.js';
import type { Declared } from '../read-declarations.js';
import { coveredScopes, type ManagedScope, managedScopes } from '../scopes.js';
import { type ScopeSelection, selectScopes } from '../selection.js';
import { declarationsFor, refuseShared } from './choose-file.js';
import { type ContextId, parseContext } from './context.js';
import { contextWords } from './message.js';
import { refuseSeveral } from './scopes.js';

/** The options of an edit of what is already declared for a context. */
export interface DeclaredRequest {
  readonly context: string;
  /** Undefined for all flags. */
  readonly flag: string | undefined;
  readonly selection: ScopeSelection;
}

/** What is declared for a context, or for one of its flags. */
export interface FoundDeclared {
  readonly context: ContextId;
  /** The scopes that declare it. */
  readonly scopes: readonly ManagedScope[];
  /** Each file that declares it, with what it declares, in each of its scopes. */
  readonly files: readonly {
    readonly scope: ManagedScope;
    readonly path: string;
    readonly overrides: readonly DesiredOverride[];
  }[];
}

/**
 * Finds the declarations of a context, or of one of its flags.
 * @throws OperatorError `edit-not-declared`, `edit-scope`, `edit-shared`
 */
export function findDeclared(declared: Declared, request: DeclaredRequest): FoundDeclared {
  const context = parseContext(request.context);
  const covered = coveredScopes(declared.desired, declared.config, []);
  const selected = managedScopes(selectScopes(covered, request.selection));
  const isWanted = ({ kind, key, flag }: DesiredOverride): boolean =>
    kind === context.kind && key === context.key && (request.flag === undefined || flag === request.flag);
  const scopes = selected.filter(({ desired }) => [...desired.overrides.values()].some(isWanted));
  if (scopes.length === 0) throw notDeclared(context, request, selected);
  refuseSeveral(
    scopes.map(({ scope }) => scope),
    request.selection,
  );
  const files = scopes.flatMap((scope) =>
    declarationsFor(declared, scope.scope).flatMap((declaration: Declaration) => {
      const keys = new Set([...scope.desired.overrides.values()].filter(isWanted).map(overrideKey));
      const overrides = declaration.overrides.filter((override) => keys.has(overrideKey(override)));
      const [first] = overrides;
      if (first === undefined) return [];
      refuseShared(declaration, { scopes }, first);
      return { scope, path: declaration.at.file, overrides };
    }),
  );
  return { context, scopes, files };
}

function notDeclared(
  context: ContextId,
  { flag }: DeclaredRequest,
  scopes: readonly ManagedScope[],
): OperatorError {
  const all = scopes.flatMap(({ desired }) => [...desired.overrides.values()]);
  const flags = all.filter((id) => id.kind === context.kind && id.key === context.key).map((id) => id.flag);
  const where = scopes.map(({ scope }) => scopeKey(scope)).join(', ');
  const message = `nothing declares ${flag === undefined ? '' : `${flag} for `}${contextWords(context)}${where === '' ? '' : ` in ${where}`}`;
  const near =
    flag !== undefined && flags.length > 0
      ? (didYouMean(flag, flags) ?? `it has ${[...new Set(flags)].toSorted().join(', ')}`)
      : didYouMean(contextName(context), new Set(all.map(contextName)));
  return new OperatorError('edit-not-declared', message, {
    hint: near ?? 'flagops list shows what is declared',
  });
}
