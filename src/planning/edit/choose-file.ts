import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Declaration } from '../../declare/parse/parse.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import {
  type DesiredOverride,
  overrideKey,
  type OverrideId,
  type ScopeId,
  scopeKey,
} from '../../reconcile/state.js';
import { showOverride } from '../../reconcile/show.js';
import { placeFor } from '../import-place.js';
import type { Declared } from '../read-declarations.js';
import type { ManagedScope } from '../scopes.js';

/** The files that fit equally well are listed up to this number. */
const LISTED = 5;

/** Where an override is or will be declared. */
export interface ChosenFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** The declaration as it is; undefined if the file does not declare the override yet. */
  readonly existing: DesiredOverride | undefined;
  /** The scope of a file to create; undefined for an existing file. */
  readonly create: ScopeId | undefined;
}

/** What the choice depends on, besides the override. */
export interface Choice {
  readonly declared: Declared;
  /** All scopes that the edit is for. */
  readonly scopes: readonly ManagedScope[];
  /** From `--file`, relative to the root, with `/`. */
  readonly file: string | undefined;
  /** Whether a file that does not declare the context is suitable for it. */
  readonly isSuitable: (declaration: Declaration) => boolean;
}

/**
 * Chooses the file in which an override of a scope is set: the one that declares it; or else one that declares the
 * context, or else one that declares for the scope. If several are left, the only one that declares the flag. If none
 * is left, a new file.
 * @throws OperatorError `edit-ambiguous`, `edit-shared`, `import-no-place`
 */
export function chooseFile(choice: Choice, scope: ManagedScope, id: OverrideId): ChosenFile {
  const declarations = declarationsFor(choice.declared, scope.scope);
  const declaring = declarations.filter((declaration) => find(declaration, id) !== undefined);
  const [first, second] = declaring;
  if (first !== undefined && second !== undefined) throw declaredTwice(first, second, id);
  if (first !== undefined) {
    refuseShared(first, choice, id);
    return { path: first.at.file, existing: find(first, id), create: undefined };
  }
  if (choice.file !== undefined) return namedFile(choice, choice.file, scope, declarations);
  const candidates = declarations.filter((declaration) => isWithin(declaration, choice.scopes));
  const withContext = candidates.filter(({ overrides }) =>
    overrides.some(({ kind, key }) => kind === id.kind && key === id.key),
  );
  const best = withContext.length > 0 ? withContext : candidates.filter(choice.isSuitable);
  const withFlag = best.filter(({ overrides }) => overrides.some(({ flag }) => flag === id.flag));
  const [only, ...others] = best.length > 1 && withFlag.length === 1 ? withFlag : best;
  if (only === undefined) return newFile(choice.declared, scope);
  if (others.length > 0) throw ambiguous(best, withContext.length > 0, scope.scope, id);
  return { path: only.at.file, existing: undefined, create: undefined };
}

/** The declarations for a scope, sorted by path. */
export function declarationsFor(
  { declarations }: Pick<Declared, 'declarations'>,
  scope: ScopeId,
): Declaration[] {
  return declarations.filter(({ scopes }) =>
    scopes.some((declared) => scopeKey(declared) === scopeKey(scope)),
  );
}

/**
 * Refuses a file that declares for scopes which the edit is not for.
 * @throws OperatorError `edit-shared`
 */
export function refuseShared(
  declaration: Declaration,
  { scopes }: Pick<Choice, 'scopes'>,
  id: OverrideId,
): void {
  if (isWithin(declaration, scopes)) return;
  const { at } = find(declaration, id) ?? declaration;
  const names = declaration.scopes.map(({ environment }) => environment);
  throw new OperatorError(
    'edit-shared',
    `${at.file}:${at.line}:${at.col} declares ${showOverride(id)} in ${names.join(' and ')}`,
    {
      hint: `pass ${names.map((name) => `--environment ${name}`).join(' ')}, or split the file by environment`,
    },
  );
}

function find({ overrides }: Declaration, id: OverrideId): DesiredOverride | undefined {
  const key = overrideKey(id);
  return overrides.find((override) => override.flag === id.flag && overrideKey(override) === key);
}

function isWithin({ scopes }: Declaration, edited: readonly ManagedScope[]): boolean {
  const keys = new Set(edited.map(({ scope }) => scopeKey(scope)));
  return scopes.every((scope) => keys.has(scopeKey(scope)));
}

function namedFile(
  { declared, scopes }: Choice,
  file: string,
  scope: ManagedScope,
  declarations: readonly Declaration[],
): ChosenFile {
  const path = posix.normalize(file);
  if (!declared.globs.matches(path)) {
    const { declarations: globs } = declared.config;
    throw new OperatorError('edit-argument', `--file ${file} is not a declaration`, {
      hint: `name a file that matches ${globs.join(', ')}, relative to the root of the repository`,
    });
  }
  const existing = declarations.find(({ at }) => at.file === path);
  if (existing !== undefined && isWithin(existing, scopes))
    return { path, existing: undefined, create: undefined };
  if (!existsSync(join(declared.workspace.root, path)))
    return { path, existing: undefined, create: scope.scope };
  throw new OperatorError('edit-shared', `${path} declares for other scopes than ${scopeKey(scope.scope)}`, {
    hint: 'name another file, or select all scopes of this one with --project and --environment',
  });
}

function newFile(declared: Declared, { scope, policy }: ManagedScope): ChosenFile {
  const place = placeFor(declared, scope, policy);
  for (let number = 1; ; number += 1) {
    const path = place(number === 1 ? 'overrides' : `overrides-${number}`);
    if (!existsSync(join(declared.workspace.root, path))) return { path, existing: undefined, create: scope };
  }
}

function declaredTwice(first: Declaration, second: Declaration, id: OverrideId): OperatorError {
  const [a, b] = [first, second].map((declaration) => {
    const at = find(declaration, id)?.at ?? declaration.at;
    return `${at.file}:${at.line}:${at.col}`;
  });
  return new OperatorError('edit-ambiguous', `${showOverride(id)} is declared twice, at ${a} and ${b}`, {
    hint: 'keep one of them',
  });
}

function ambiguous(
  candidates: readonly Declaration[],
  haveContext: boolean,
  scope: ScopeId,
  id: OverrideId,
): OperatorError {
  const paths = candidates.map(({ at }) => at.file);
  const more = paths.length > LISTED ? ` and ${paths.length - LISTED} more` : '';
  const why = haveContext ? `declare ${id.kind} ${JSON.stringify(id.key)}` : `declare for ${scopeKey(scope)}`;
  return new OperatorError(
    'edit-ambiguous',
    `several files ${why}: ${paths.slice(0, LISTED).join(', ')}${more}`,
    { hint: `choose one, for example --file ${paths[0] ?? ''}` },
  );
}
