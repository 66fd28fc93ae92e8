import { posix } from 'node:path';
import { declarationGlobs, type DeclarationGlobs } from '../config/globs.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';

/**
 * Where a new declaration for a scope may be: `overrides/<environment>/<name>.yaml` if the configuration reads that file
 * for the scope, or else a file in one of the folders that it names.
 * @returns the path of the file with that name, relative to the root, with `/`
 * @throws OperatorError `import-no-place`
 */
export function placeFor(
  { config, globs, workspace }: Pick<Declared, 'config' | 'globs' | 'workspace'>,
  scope: ScopeId,
  { files }: Pick<ScopePolicy, 'files'>,
): (name: string) => string {
  const allowed = files === undefined ? globs : both(globs, declarationGlobs(files, workspace.folder));
  const usual = posix.join(workspace.folder, 'overrides', scope.environment);
  const bases = files === undefined ? globs.bases : declarationGlobs(files, workspace.folder).bases;
  const folders = [usual, ...bases.map((base) => posix.join(base, scope.environment)), ...bases];
  return (name) => {
    // A file called flagops.yaml is never a declaration.
    for (const file of [`${name}.yaml`, `${name}.yml`, `imported-${name}.yaml`]) {
      for (const folder of folders) {
        const path = posix.join(folder, file);
        if (allowed.matches(path)) return path;
      }
    }
    throw new OperatorError(
      'import-no-place',
      `no file called ${name}.yaml may declare for ${scopeKey(scope)}: ${(files ?? config.declarations).join(', ')} allows none`,
      {
        hint: `add overrides/${scope.environment}/** to declarations and to files of that scope in ${workspace.configPath}`,
      },
    );
  };
}

function both(a: DeclarationGlobs, b: DeclarationGlobs): Pick<DeclarationGlobs, 'matches'> {
  return { matches: (path) => a.matches(path) && b.matches(path) };
}
