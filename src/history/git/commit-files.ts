import { posix } from 'node:path';
import { type Git, mustRun, splitNul } from './git.js';
import { type ObjectReader, objectsOf } from './object-reader.js';
import { pathBytes, pathText, readFolders, resolvePath } from './tree.js';

/** Reads single files of commits. Symbolic links are followed within the commit. */
export class CommitFiles {
  readonly #git: Git;
  readonly #reader: ObjectReader;
  /** Ends the process that reads, unless others use it. */
  readonly close: () => void;

  constructor(git: Git) {
    this.#git = git;
    this.#reader = objectsOf(git);
    this.close = this.#reader.hold();
  }

  /**
   * The first of some paths that exists in a commit.
   * @param paths relative to the root, with `/`
   * @returns the path and the file's content, which is undefined if it is too large; undefined if none exists
   */
  async first(
    commit: string,
    paths: readonly string[],
  ): Promise<{ readonly path: string; readonly bytes: Uint8Array | undefined } | undefined> {
    for (const path of paths) {
      const blob = await this.#blob(commit, path, paths);
      if (blob !== undefined) return { path, bytes: await this.#reader.blob(blob) };
    }
    return undefined;
  }

  /** The paths of all files in a commit that have this name. */
  async named(commit: string, name: string): Promise<string[]> {
    const output = await mustRun(this.#git, ['ls-tree', '-r', '-z', '--full-tree', '--name-only', commit]);
    return splitNul(output)
      .filter((path) => posix.basename(path) === name)
      .map(pathText);
  }

  /** @param near paths that are about to be asked for, too */
  async #blob(commit: string, path: string, near: readonly string[]): Promise<string | undefined> {
    const paths = new Set(near);
    for (;;) {
      const tree = await readFolders(this.#git, commit, [...paths]);
      const found = await resolvePath(tree, pathBytes(path), async (link) =>
        ((await this.#reader.blob(link)) ?? Buffer.from('/')).toString('latin1'),
      );
      const further = found.through.map(pathText).filter((target) => !paths.has(target));
      if (further.length === 0) return found.blob;
      for (const target of further) paths.add(target);
    }
  }
}
