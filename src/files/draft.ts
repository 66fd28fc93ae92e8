import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isOurs } from './owner.js';
import { codeOf, UnsafePath } from './unsafe-path.js';

/** The name of a file that is still being written. An old file with such a name was left by a run that was killed. */
export const TEMPORARY = /^\.flagops-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** A new file that has a temporary name in the folder of its target until it is complete. */
export interface Draft {
  /** Open for writing. */
  readonly fd: number;
  /** Renames the file to its target, atomically. An existing file is replaced. */
  readonly replace: () => void;
  /** Renames the file to its target. Throws `EEXIST` if the target exists. */
  readonly create: () => void;
  /** Deletes the file unless it has been renamed. Never throws. */
  readonly discard: () => void;
}

/**
 * Creates the file that will become `target`. It cannot be a file or link that an attacker prepared: its name is random,
 * and it is opened with O_EXCL.
 *
 * One race remains, because Node cannot open a file relative to an open directory. If another process replaces a
 * directory on the path with a link between the last check and the next system call, that call follows the link: it can
 * create a file with a random name there, or replace one with the target's name. The other process needs write
 * permission for a directory on the path to do so.
 *
 * @param target absolute path, in a directory that exists
 * @param mode the permissions before the umask
 * @param checkDirectory throws if the target's directory may not be written to; otherwise returns its details
 */
export function openDraft(target: string, mode: number, checkDirectory: () => Stats): Draft {
  const before = checkDirectory();
  const check = (): void => {
    if (!isSame(before, checkDirectory()))
      throw new UnsafePath(`${dirname(target)} was replaced in the meantime`);
  };
  const temporary = join(dirname(target), `.flagops-${randomUUID()}.tmp`);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  const discard = (): void => {
    attempt(close);
    attempt(() => unlinkSync(temporary));
  };
  const finish = (name: () => void): void => {
    try {
      // Some file systems report only now that the disk is full.
      close();
      check();
      name();
    } catch (error) {
      discard();
      throw error;
    }
  };
  try {
    check();
    if (!isSame(fstatSync(fd), lstatSync(temporary))) throw new UnsafePath(`${temporary} was replaced`);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    fd,
    replace: () => finish(() => renameSync(temporary, target)),
    create: () =>
      finish(() => {
        nameNew(temporary, target);
        attempt(() => unlinkSync(temporary));
      }),
    discard,
  };
}

/** Milliseconds after which a file with a temporary name is not one that another run is still writing. */
const ABANDONED = 3_600_000;

/**
 * Deletes what killed runs left in the folder of a file: regular files with a temporary name that belong to us.
 * @param file absolute path of a file that was just written
 */
export function removeAbandoned(file: string): void {
  attempt(() => {
    const folder = dirname(file);
    const now = lstatSync(file).mtimeMs;
    for (const name of readdirSync(folder).filter((item) => TEMPORARY.test(item))) {
      const path = join(folder, name);
      const stats = lstatSync(path, { throwIfNoEntry: false });
      const isAbandoned = stats?.isFile() === true && isOurs(stats) && now - stats.mtimeMs > ABANDONED;
      if (isAbandoned) attempt(() => unlinkSync(path));
    }
  });
}

/** A hard link is the only way to take a name only if it is free. Not every file system has hard links. */
function nameNew(temporary: string, target: string): void {
  try {
    linkSync(temporary, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw error;
    renameSync(temporary, target);
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing more can be done about it.
  }
}
