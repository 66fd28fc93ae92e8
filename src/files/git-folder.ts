import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isOurs } from './owner.js';

/** Bytes of a file that points to a git directory; it contains one path. */
const LONGEST_POINTER = 64 * 1024;

/**
 * The git directory that a repository and its worktrees share, if flagops may write there: `.git`, or the directory that
 * a link or file of that name points to in worktrees and submodules.
 *
 * A `.git` that points elsewhere may have come with an archive, so its target must be a valid git directory. The working
 * tree, `.git` and the directories that it points to must belong to us, as git requires.
 * @param root the folder that contains `.git`
 * @returns an absolute path; undefined outside git, and if flagops must not write there
 */
export function findGitFolder(root: string): string | undefined {
  try {
    const path = join(root, '.git');
    const entry = lstatSync(path);
    if (!isOurs(statSync(root)) || !isOurs(entry)) return undefined;
    if (entry.isDirectory()) return path;
    const folder = entry.isSymbolicLink() ? realpathSync(path) : realpathSync(pointer(path, root, GITFILE));
    if (!isOurs(statSync(folder))) return undefined;
    const commonPointer = join(folder, 'commondir');
    const common = existsSync(commonPointer)
      ? realpathSync(pointer(commonPointer, folder, COMMONDIR))
      : folder;
    return isOurs(statSync(common)) && isGitFolder(common) ? common : undefined;
  } catch {
    return undefined;
  }
}

const GITFILE = /^gitdir: (?<target>[^\n]+?)\r?\n*$/;
const COMMONDIR = /^(?<target>[^\n]+?)\r?\n*$/;

/** The target of a file in which git stores a path. */
function pointer(path: string, from: string, format: RegExp): string {
  const stats = statSync(path);
  const isPointer = stats.isFile() && stats.size <= LONGEST_POINTER;
  const target = isPointer ? format.exec(readFileSync(path, 'utf8'))?.groups?.['target'] : undefined;
  if (target === undefined) throw new Error(`${path} leads nowhere`);
  return resolve(from, target);
}

/** Whether a folder has what git requires of a git directory. */
function isGitFolder(folder: string): boolean {
  const isFolder = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  const head = lstatSync(join(folder, 'HEAD'), { throwIfNoEntry: false });
  return head !== undefined && !head.isDirectory() && isFolder('objects') && isFolder('refs');
}
