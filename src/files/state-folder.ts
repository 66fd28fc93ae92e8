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
 * A folder below the git directory for data that flagops can do without: caches and estimates. Every folder between the
 * git directory and this one must be a real folder that belongs to us. If one is not, reading finds nothing, writing
 * throws, and nothing is deleted.
 */
export class StateFolder {
  readonly #base: string;
  readonly #names: readonly string[];

  /** @param base the git directory, as `findGitFolder` returns it */
  constructor(base: string, names: readonly string[]) {
    this.#base = base;
    this.#names = names;
  }

  child(name: string): StateFolder {
    return new StateFolder(this.#base, [...this.#names, name]);
  }

  /** The names in this folder, in no order; none if the folder does not exist or must not be used. */
  names(): string[] {
    try {
      this.#check();
      return readdirSync(this.#path);
    } catch {
      return [];
    }
  }

  /** The stats of a regular file in this folder; undefined if there is none. */
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
   * Opens a regular file, passes its descriptor to `read`, and closes it.
   * @throws if the file does not exist, or `read` throws
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
   * Writes a file that only we may read, atomically: other processes see either the old or the new content.
   * @throws if the disk, the folder or the iteration of `content` fails; then nothing is left behind
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

  /** Deletes a regular file if it exists. Never throws: a file that cannot be deleted stays. */
  remove(name: string): void {
    if (this.stats(name) === undefined) return;
    try {
      unlinkSync(join(this.#path, name));
    } catch {
      // Another run may have deleted it.
    }
  }

  /** Deletes a folder in this one if it is empty. Never throws. */
  removeEmpty(name: string): void {
    try {
      this.child(name).#check();
      rmdirSync(join(this.#path, name));
    } catch {
      // It is not empty, or another run has deleted it.
    }
  }

  get #path(): string {
    return join(this.#base, ...this.#names);
  }

  /** @throws UnsafePath unless every folder in the path is a real one that belongs to us */
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
 * The folder for the state of a repository; its worktrees share it.
 * @param root the folder that contains `.git`
 * @returns undefined outside git, and if flagops must not write there
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
