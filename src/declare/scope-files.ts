import type { Workspace } from '../config/find.js';
import { type DeclarationGlobs, declarationGlobs } from '../config/globs.js';
import type { Diagnostic, Position } from '../diagnostics/diagnostic.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';

/** What `scopes[].files` is relative to, and which declarations are links. */
export interface ScopeFilesPlace extends Pick<Workspace, 'configPath' | 'folder'> {
  /** The targets of declarations that are symbolic links, by path; relative to the root, with `/`. */
  readonly links: ReadonlyMap<string, string>;
}

/** Returns the error for a file that must not declare for a scope; undefined if it may. */
type FileCheck = (scope: ScopeId, policy: ScopePolicy, at: Position) => Diagnostic | undefined;

/**
 * Checks that declarations are in the files that the configuration allows for their scope.
 *
 * Reviewers are assigned to paths (`CODEOWNERS`), so the path as git has it decides: globs distinguish upper and lower
 * case on every file system. Links are refused even if they lead to an allowed file, because each link on the way, and
 * each folder that one leads through, could have another owner than the scope.
 */
export function scopeFiles({ configPath, folder, links }: ScopeFilesPlace): FileCheck {
  const compiled = new Map<string, DeclarationGlobs>();
  return (scope, { files }, at) => {
    if (files === undefined) return undefined;
    const key = scopeKey(scope);
    const globs = compiled.get(key) ?? declarationGlobs(files, folder);
    compiled.set(key, globs);
    const target = links.get(at.file);
    const isAllowed = globs.matches(at.file);
    if (isAllowed && target === undefined) return undefined;
    const base = { severity: 'error', code: 'file-not-allowed', at } as const;
    const allowed = `${files.join(', ')}${folder === '.' ? '' : ` in ${folder}`}`;
    if (!isAllowed || target === undefined) {
      const message = `this file may not declare for ${key}, only files that match ${allowed}`;
      const hint = `move the declaration to one of those, or add this file to files of that scope in ${configPath}`;
      return { ...base, message, hint };
    }
    const message = `this symbolic link may not declare for ${key}, only regular files that match ${allowed}`;
    return { ...base, message, hint: `replace the link with a copy of ${target}` };
  };
}
