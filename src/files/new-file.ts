import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDraft } from './draft.js';
import { codeOf, UnsafePath } from './unsafe-path.js';
import { writeAll } from './write-all.js';

/**
 * Creates a file and the folders that it needs; refuses links in its path.
 * @param root the folder that the path is relative to
 * @param path with `/`
 * @returns false if the path exists; it is left unchanged
 * @throws UnsafePath or a system error; then no incomplete file is left behind
 */
export function createFile(root: string, path: string, text: string): boolean {
  const folders = foldersOf(path);
  for (const folder of folders) {
    try {
      mkdirSync(join(root, folder));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    checkFolder(root, folder);
  }
  const file = join(root, path);
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return false;
  const draft = openDraft(file, 0o666, () => lastFolder(root, folders));
  try {
    writeAll(draft.fd, text);
    draft.create();
    return true;
  } catch (error) {
    draft.discard();
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Replaces the content of a regular file; refuses links in its path.
 * @param root the folder that the path is relative to
 * @param path with `/`
 * @throws UnsafePath or a system error; then the file is unchanged
 */
export function replaceFile(root: string, path: string, text: string): void {
  const folders = foldersOf(path);
  const file = join(root, path);
  const stats = lstatSync(file);
  if (!stats.isFile()) throw new UnsafePath(`${path} is not a regular file`);
  const draft = openDraft(file, stats.mode & 0o777, () => lastFolder(root, folders));
  try {
    writeAll(draft.fd, text);
    draft.replace();
  } catch (error) {
    draft.discard();
    throw error;
  }
}

function foldersOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join('/'));
}

function lastFolder(root: string, folders: readonly string[]): Stats {
  let stats = statSync(root);
  for (const folder of folders) stats = checkFolder(root, folder);
  return stats;
}

function checkFolder(root: string, folder: string): Stats {
  const stats = lstatSync(join(root, folder));
  if (stats.isSymbolicLink()) throw new UnsafePath(`${folder} is a symbolic link`);
  if (!stats.isDirectory()) throw new UnsafePath(`${folder} is not a directory`);
  return stats;
}
