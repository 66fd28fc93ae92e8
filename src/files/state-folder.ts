import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { openDraft } from './draft.js';
import { findGitFolder } from './git-folder.js';
import { isOurs } from './owner.js';
import { codeOf, UnsafePath } from './unsafe-path.js';
import { writeAll } from './write-all.js';

/**
 * A folder in which flagops keeps what it can do without: caches and estimates, below the git directory. Every folder
 * on the way from the git directory must be a real one that belongs to us. If one is not, reading finds nothing,
 * writing throws, and nothing is deleted; callers go without.
 */
export class StateFolder {
  readonly #base: string;
  readonly #names: readonly string[];

  /** @param base the git directory, with no link on the way that came with the repository */
  constructor(base: string, names: readonly string[]) {
    this.#base = base;
    this.#names = names;
  }

  child(name: string): StateFolder {
    return new StateFolder(this.#base, [...this.#names, name]);
  }

  /** What is in here, in no order; nothing if the folder does not exist or must not be used. */
  names(): string[] {
    try {
      this.#check();
      return readdirSync(this.#path);
    } catch {
      return [];
    }
  }

  /** Details of a regular file in here; undefined if there is none. */
  stats(name: string): Stats | undefined {
    try {
      this.#check();
      const stats = lstatSync(join(this.#path, name));
      return stats.isFile() ? stats : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Opens a regular file for reading and closes it again.
   * @throws if there is none, or `read` throws
   */
  read<T>(name: string, read: (fd: number) => T): T {
    this.#check();
    const path = join(this.#path, name);
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) throw new UnsafePath(`${path} is not a regular file`);
      return read(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** The text of a file; undefined if it cannot be read. */
  readText(name: string): string | undefined {
    try {
      return this.read(name, (fd) => readFileSync(fd, 'utf8'));
    } catch {
      return undefined;
    }
  }

  /**
   * Writes a file that only we may read. A reader sees all of it or what was there before.
   * @throws if the disk, the folder or an item of `content` fails; nothing is left behind then
   */
  write(name: string, content: Iterable<string | Uint8Array>): void {
    this.#create();
    const draft = openDraft(join(this.#path, name), 0o600, () => this.#check());
    try {
      for (const part of content) writeAll(draft.fd, part);
      draft.replace();
    } catch (error) {
      draft.discard();
      throw error;
    }
  }

  /** Deletes a regular file, if it is one. Never throws: what cannot be deleted is left. */
  remove(name: string): void {
    if (this.stats(name) === undefined) return;
    try {
      unlinkSync(join(this.#path, name));
    } catch {
      // Another run may have deleted it.
    }
  }

  /** Deletes a folder in here if it is empty. Never throws. */
  removeEmpty(name: string): void {
    try {
      this.child(name).#check();
      rmdirSync(join(this.#path, name));
    } catch {
      // Something else is in there, or another run has deleted it.
    }
  }

  get #path(): string {
    return join(this.#base, ...this.#names);
  }

  /** @throws UnsafePath unless every folder on the way is a real one of ours */
  #check(): Stats {
    let stats = checkFolder(this.#base);
    let path = this.#base;
    for (const name of this.#names) {
      path = join(path, name);
      stats = checkFolder(path);
    }
    return stats;
  }

  #create(): void {
    checkFolder(this.#base);
    let path = this.#base;
    for (const name of this.#names) {
      path = join(path, name);
      try {
        mkdirSync(path, { mode: 0o700 });
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      checkFolder(path);
    }
  }
}

/**
 * The folder for the state of a repository, which its worktrees share.
 * @param root the folder that holds `.git`
 * @returns undefined outside git, and where flagops must not write
 */
export function openStateFolder(root: string): StateFolder | undefined {
  const gitFolder = findGitFolder(root);
  return gitFolder === undefined ? undefined : new StateFolder(gitFolder, ['flagops']);
}

function checkFolder(path: string): Stats {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw new UnsafePath(`${path} is not a directory`);
  if (!isOurs(stats)) throw new UnsafePath(`${path} belongs to another user`);
  return stats;
}
