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
  const names = path.split('/');
  const folders = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join('/'));
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
  const draft = openDraft(file, 0o666, () => {
    let stats = statSync(root);
    for (const folder of folders) stats = checkFolder(root, folder);
    return stats;
  });
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

function checkFolder(root: string, folder: string): Stats {
  const stats = lstatSync(join(root, folder));
  if (stats.isSymbolicLink()) throw new UnsafePath(`${folder} is a symbolic link`);
  if (!stats.isDirectory()) throw new UnsafePath(`${folder} is not a directory`);
  return stats;
}
