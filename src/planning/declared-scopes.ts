import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import { type Declared, DeclarationsInvalid, type DeclareOptions, declare } from './read-declarations.js';

/** A scope that declarations name, and where they are. */
export interface DeclaredScope extends ScopeId {
  /** A glob that matches every file that declares for it and none that declares for another; undefined if there is none. */
  readonly files: string | undefined;
}

/**
 * The scopes that the declarations on disk name, sorted; for a configuration that must allow all of them.
 * @returns undefined if the declarations are not valid
 */
export async function declaredScopes(options: DeclareOptions): Promise<readonly DeclaredScope[] | undefined> {
  try {
    return await scopesOf(await declare(options));
  } catch (error) {
    if (error instanceof DeclarationsInvalid) return undefined;
    throw error;
  }
}

async function scopesOf({ byBlob, ids, workspace }: Declared): Promise<DeclaredScope[]> {
  const scopes = new Map<string, { readonly scope: ScopeId; readonly paths: string[] }>();
  for (const [path, { id }] of ids) {
    for (const { project, environment } of byBlob.get(id)?.scopes ?? []) {
      const scope = { project, environment };
      const known = scopes.get(scopeKey(scope)) ?? { scope, paths: [] };
      scopes.set(scopeKey(scope), known);
      known.paths.push(path);
    }
  }
  const all = [...scopes.values()].toSorted(
    (a, b) => Number(scopeKey(a.scope) > scopeKey(b.scope)) - Number(scopeKey(a.scope) < scopeKey(b.scope)),
  );
  return Promise.all(
    all.map(async ({ scope, paths }) => {
      const folder = `overrides/${scope.environment}/`;
      const others = all.filter((other) => other.scope !== scope).flatMap((other) => other.paths);
      const isOwn = paths.every((path) => path.startsWith(folder));
      const isShared = others.some((path) => path.startsWith(folder));
      const isPlain = isOwn && !isShared && (await haveNoLinks(workspace.root, paths));
      return { ...scope, files: isPlain ? `${folder}**` : undefined };
    }),
  );
}

/** Links may not declare for a scope that has `files`. */
async function haveNoLinks(root: string, paths: readonly string[]): Promise<boolean> {
  const real = await realpath(root);
  const resolved = await Promise.all(paths.map((path) => realpath(join(root, path))));
  return paths.every((path, index) => resolved[index] === join(real, path));
}
