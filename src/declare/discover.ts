import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { DeclarationGlobs } from '../config/globs.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';

const NOT_SEARCHED = new Set(['.git', 'node_modules']);

/** The declarations of a working tree: paths relative to its root, with `/`, in order. */
export interface Discovery {
  readonly paths: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the files that match the globs. Symbolic links to files inside the repository are read; links that leave
 * it, that lead nowhere, and links to folders (which git does not look into) are errors, never silently skipped:
 * a declaration that is overlooked would be a removal.
 */
export async function discover(root: string, globs: DeclarationGlobs): Promise<Discovery> {
  const paths = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const realRoot = await realpath(root);
  const fail = (path: string, code: string, message: string, hint: string): void => {
    diagnostics.push({ severity: 'error', code, message, hint, at: { file: path, line: 1, col: 1 } });
  };

  const visitLink = async (path: string): Promise<void> => {
    const target = await realpath(join(root, path)).catch(() => undefined);
    if (target === undefined) {
      if (globs.matches(path))
        fail(path, 'link-broken', 'the symbolic link leads nowhere', 'delete or mend the link');
      return;
    }
    const isFolder = (await stat(target)).isDirectory();
    const isInside = !relative(realRoot, target).split(sep).includes('..');
    if (isFolder) {
      fail(
        path,
        'link-to-folder',
        'the symbolic link leads to a folder',
        'add that folder to the globs instead',
      );
    } else if (globs.matches(path)) {
      if (isInside) paths.add(path);
      else
        fail(
          path,
          'link-outside',
          'the symbolic link leaves the repository',
          'copy the file into the repository',
        );
    }
  };

  const visit = async (folder: string): Promise<void> => {
    const items = await readFolder(join(root, folder), (message) => {
      fail(folder, 'folder-unreadable', message, 'make the folder readable');
    });
    for (const item of items) {
      const path = folder === '.' ? item.name : `${folder}/${item.name}`;
      if (item.isSymbolicLink()) await visitLink(path);
      else if (item.isDirectory()) {
        if (!NOT_SEARCHED.has(item.name)) await visit(path);
      } else if (globs.matches(path)) paths.add(path);
    }
  };

  for (const base of outermost(globs.bases)) {
    const kind = await stat(join(root, base)).catch(() => undefined);
    if (kind?.isDirectory()) await visit(base);
    else if (kind !== undefined && globs.matches(base)) await visitLink(base);
  }
  return { paths: [...paths].toSorted(), diagnostics };
}

async function readFolder(path: string, fail: (message: string) => void): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    fail(`the folder cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    return [];
  }
}

/** Leaves out the folders that lie in another one of the list. */
function outermost(folders: readonly string[]): string[] {
  return folders.filter(
    (folder) =>
      !folders.some((other) => other !== folder && (other === '.' || folder.startsWith(`${other}/`))),
  );
}
