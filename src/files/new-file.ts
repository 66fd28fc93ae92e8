import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Draft, openDraft } from './draft.js';
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
  try {
    const draft = draftNewFile(root, path, text);
    draft?.create();
    return draft !== undefined;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * As `createFile`, but the file has a temporary name until it is created.
 * @returns undefined if the path exists
 */
export function draftNewFile(root: string, path: string, text: string): Draft | undefined {
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
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return undefined;
  return filled(
    openDraft(file, 0o666, () => lastFolder(root, folders)),
    text,
  );
}

/**
 * Replaces the content of a regular file; refuses links in its path.
 * @param root the folder that the path is relative to
 * @param path with `/`
 * @throws UnsafePath or a system error; then the file is unchanged
 */
export function replaceFile(root: string, path: string, text: string): void {
  draftReplacement(root, path, text).replace();
}

/** As `replaceFile`, but the content has a temporary name until it replaces the file. */
export function draftReplacement(root: string, path: string, text: string): Draft {
  const folders = foldersOf(path);
  const file = join(root, path);
  const stats = lstatSync(file);
  if (!stats.isFile()) throw new UnsafePath(`${path} is not a regular file`);
  return filled(
    openDraft(file, stats.mode & 0o777, () => lastFolder(root, folders)),
    text,
  );
}

function filled(draft: Draft, text: string): Draft {
  try {
    writeAll(draft.fd, text);
    return draft;
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
