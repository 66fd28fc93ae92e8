import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isOurs } from './owner.js';

/** A file that leads to a git directory holds one path. */
const LONGEST_POINTER = 64 * 1024;

/**
 * The directory in which git keeps what belongs to a repository and all of its worktrees, if flagops may write there:
 * `.git`, or what the link or the file of that name leads to in worktrees and submodules.
 *
 * A `.git` that leads elsewhere may have come with an archive, so its target must look like a git directory to git. The
 * working tree, `.git` and the directories it leads to must belong to us, as git demands.
 * @param root the folder that holds `.git`
 * @returns an absolute path; undefined outside git, and where flagops must not write
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

/** Where a file of git's leads that holds a path. */
function pointer(path: string, from: string, format: RegExp): string {
  const stats = statSync(path);
  const isPointer = stats.isFile() && stats.size <= LONGEST_POINTER;
  const target = isPointer ? format.exec(readFileSync(path, 'utf8'))?.groups?.['target'] : undefined;
  if (target === undefined) throw new Error(`${path} leads nowhere`);
  return resolve(from, target);
}

/** What git requires of a git directory. */
function isGitFolder(folder: string): boolean {
  const isFolder = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  const head = lstatSync(join(folder, 'HEAD'), { throwIfNoEntry: false });
  return head !== undefined && !head.isDirectory() && isFolder('objects') && isFolder('refs');
}
