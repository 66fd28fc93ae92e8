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

/** What a file is called until it is complete. Whatever has such a name and is old was left by a run that was killed. */
export const TEMPORARY = /^\.flagops-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** A new file that has a temporary name beside its target until it is complete. */
export interface Draft {
  /** Open for writing. */
  readonly fd: number;
  /** Gives the file its name, in one step. It replaces what has that name. */
  readonly replace: () => void;
  /** Gives the file its name unless something has it already. Throws `EEXIST` then. */
  readonly create: () => void;
  /** Deletes the file if it has no name yet. Never throws. */
  readonly discard: () => void;
}

/**
 * Creates the file that is to become `target`. It cannot be a file or link that was prepared in advance: its name is
 * random, and the system is asked to create a new file.
 *
 * One race remains, because Node cannot open a file relative to an open directory: if another process exchanges a
 * directory on the way for a link between the last check and the system call that follows it, the call acts behind
 * that link. It can create a file with a random name there, or replace one that is called like the target. To do so,
 * the other process must be allowed to write to a directory on the way.
 *
 * @param target absolute path, in a directory that exists
 * @param mode the permissions before the umask
 * @param checkDirectory throws if the target's directory may not be written to; otherwise returns its details
 */
export function openDraft(target: string, mode: number, checkDirectory: () => Stats): Draft {
  const before = checkDirectory();
  const check = (): void => {
    if (!isSame(before, checkDirectory())) throw new UnsafePath(`${dirname(target)} was exchanged meanwhile`);
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
    if (!isSame(fstatSync(fd), lstatSync(temporary))) throw new UnsafePath(`${temporary} was exchanged`);
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
 * Deletes what runs that were killed left beside a file: regular files of ours with a temporary name.
 * @param file absolute path of a file that was written just now
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

/** A second name for the file is the only way to give it one that must be free. Not every file system knows those. */
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
    // What cannot be closed or deleted is left.
  }
}
