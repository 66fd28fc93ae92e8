import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
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
 * Creates the file that is to become `target`. Nobody can have prepared it: its name is random, and the system is
 * asked to create a new file and to follow no link.
 *
 * Node cannot open a file relative to an open directory, so one race remains: if another process exchanges a directory
 * on the way for a link between the last check and the system's call that follows it, the call acts behind that link.
 * It creates or renames a file with a random name there; an existing file can be replaced only if it is called like
 * the target. Whoever can do that may write to the directory above, which is checked to be ours where it matters.
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
