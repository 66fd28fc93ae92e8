import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';
import { isTrusted } from './owner.js';
import { UnsafePath } from './unsafe-path.js';

/** The number of links that Linux follows in one path. */
const MOST_LINKS = 40;

/** A file that a user named, with all links in its path resolved. */
export interface Located {
  readonly file: string;
  /** Resolves the path again, and returns the stats of the folder. Throws if it is not the same folder. */
  readonly checkFolder: () => Stats;
}

/**
 * Resolves the path of a file that a user named. Links that the user or the system made are followed. Links that someone
 * else may have made are refused: all links in a git working tree, because they come with a checkout, and links of other
 * users in a world-writable folder. The file itself must not be a link.
 * @param path absolute
 * @throws UnsafePath; or what the system reports, for example if a folder does not exist
 */
export function locate(path: string): Located {
  const folder = realFolder(dirname(path));
  const file = join(folder, basename(path));
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw new UnsafePath('it is a symbolic link');
  return {
    file,
    checkFolder: () => {
      if (realFolder(dirname(path)) !== folder)
        throw new UnsafePath(`${folder} was replaced in the meantime`);
      return lstatSync(folder);
    },
  };
}

function realFolder(folder: string): string {
  let real = parse(folder).root;
  let links = 0;
  const names = partsOf(folder);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    const path = join(real, name);
    const stats = lstatSync(path);
    if (!stats.isSymbolicLink()) {
      real = path;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new UnsafePath(`${folder} has too many symbolic links`);
    checkLink(path, stats);
    const target = readlinkSync(path);
    if (isAbsolute(target)) real = parse(target).root;
    names.unshift(...partsOf(target));
  }
  return real;
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== '' && part !== '.');
}

function checkLink(link: string, stats: Stats): void {
  const folder = dirname(link);
  if (isInWorkingTree(folder)) throw new UnsafePath(`${link} is a symbolic link inside a repository`);
  const mayBePlanted = (lstatSync(folder).mode & 0o002) !== 0 && !isTrusted(stats);
  if (mayBePlanted) throw new UnsafePath(`${link} is a symbolic link that belongs to another user`);
}

/** Whether a folder, given without links, is the root of a working tree, or is in one or in its git directory. */
function isInWorkingTree(folder: string): boolean {
  if (lstatSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined) return true;
  return folder !== dirname(folder) && isInWorkingTree(dirname(folder));
}
