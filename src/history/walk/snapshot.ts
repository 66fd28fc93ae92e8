import type { DeclarationGlobs } from '../../config/globs.js';
import { shortId } from '../../reconcile/commit.js';
import type { DeclaredState } from '../../reconcile/state.js';
import type { Git } from '../git/git.js';
import type { PathChange } from '../git/log.js';
import {
  coveringPaths,
  isUnder,
  pathBytes,
  pathText,
  readFolders,
  readTree,
  resolvePath,
  type Tree,
} from '../git/tree.js';
import type { BlobCache } from './blob-cache.js';

/** Everything needed to read the files of a commit. */
export interface Source {
  readonly git: Git;
  readonly blobs: BlobCache;
  /** Relative to the root, with `/`. */
  readonly configPath: string;
  /** Called for each file in history that does not parse; the same key may come again. */
  readonly warn: (key: string, message: string) => void;
  /** Called with the declarations of each file that the walk sees. */
  readonly onDeclared?: (declared: DeclaredState) => void;
}

/** What a file declares at a commit; undefined, with a warning, if it does not parse. */
export async function readFile(
  { blobs, warn, onDeclared }: Source,
  commit: string,
  path: string,
  blob: string,
): Promise<DeclaredState | undefined> {
  const name = pathText(path);
  const declared = await blobs.declarations(blob, name);
  if (declared !== undefined) onDeclared?.(declared);
  else {
    const consequence = 'what it declares there does not count as ours';
    warn(`${path}\n${blob}`, `in commit ${shortId(commit)} ${name} does not parse: ${consequence}`);
  }
  return declared;
}

/** The same from the cache, without a promise for each file; undefined if `readFile` has to be called. */
export function knownFile({ blobs, onDeclared }: Source, blob: string): DeclaredState | undefined {
  const declared = blobs.known(blob);
  if (declared !== undefined) onDeclared?.(declared);
  return declared;
}

/**
 * Which files are declarations at one commit, and which blob each has. It can be moved back commit by commit.
 *
 * A commit is read with its own configuration, because its globs decide which files were declarations then. Git is
 * asked only about watched paths: the configuration, the folders that the globs start in, and what symbolic links
 * among them lead to.
 */
export class Snapshot {
  readonly #source: Source;
  #tree: Tree = new Map();
  #globs: DeclarationGlobs = { matches: () => false, bases: [] };
  /** The paths that the configuration leads through if it is a link. */
  #configThrough: readonly string[] = [];
  /** Whether this commit's configuration parses. If it does not, the nearest newer one that does is used. */
  readable = false;
  /** Paths at or under which a change can matter. */
  watched: readonly string[] = [];
  /** Links that match the globs, each with the paths that it leads through. */
  readonly #links = new Map<string, readonly string[]>();
  /** The declarations: blob by path. */
  readonly files = new Map<string, string>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** An independent copy. */
  copy(): Snapshot {
    const copy = new Snapshot(this.#source);
    copy.#tree = new Map(this.#tree);
    copy.#globs = this.#globs;
    copy.#configThrough = this.#configThrough;
    copy.readable = this.readable;
    copy.watched = this.watched;
    for (const [path, through] of this.#links) copy.#links.set(path, through);
    for (const [path, blob] of this.files) copy.files.set(path, blob);
    return copy;
  }

  /** Reads a commit's tree at or under the paths to watch. Returns the paths that were added, removed or changed. */
  async load(commit: string): Promise<Set<string>> {
    await this.#readConfig(commit);
    const changed = new Set<string>();
    for (;;) {
      this.#watch();
      this.#tree = await readTree(this.#source.git, commit, this.watched);
      const found = await this.#match(new Set([...this.#tree.keys(), ...this.files.keys()]));
      // If a link leads to a path that is not watched, a further round reads that as well.
      for (const path of found) changed.add(path);
      if (this.covered) return changed;
    }
  }

  /**
   * Undoes what a commit changed.
   *
   * @param parent the commit that the snapshot is of afterwards
   * @returns the paths whose blob changed. If `covered` is false afterwards, the tree must be loaded again, because the
   *   globs of `parent` include paths that were not watched.
   */
  async undo(changes: readonly PathChange[], parent: string): Promise<Set<string>> {
    const paths = new Set<string>();
    for (const { path, before } of changes) {
      if (before === undefined) this.#tree.delete(path);
      else this.#tree.set(path, before);
      paths.add(path);
    }
    for (const [link, through] of this.#links) {
      if (through.some((path) => paths.has(path))) paths.add(link);
    }
    const globs = this.#globs;
    const configs = [pathBytes(this.#source.configPath), ...this.#configThrough];
    if (configs.some((path) => paths.has(path))) await this.#useConfig(this.#tree, parent);
    if (this.#globs !== globs)
      for (const path of [...this.#tree.keys(), ...this.files.keys()]) paths.add(path);
    return this.#match(paths);
  }

  /** Whether every path that can matter is watched. */
  get covered(): boolean {
    const watched = this.watched.map(pathBytes);
    return this.#wanted().every((path) => isUnder(pathBytes(path), watched));
  }

  #wanted(): string[] {
    const links = [...this.#configThrough, ...[...this.#links.values()].flat()].map(pathText);
    return coveringPaths([this.#source.configPath, ...this.#globs.bases, ...links]);
  }

  #watch(): void {
    this.watched = coveringPaths([...this.watched, ...this.#wanted()]);
  }

  async #readConfig(commit: string): Promise<void> {
    const paths = [this.#source.configPath];
    for (;;) {
      const tree = await readFolders(this.#source.git, commit, paths);
      await this.#useConfig(tree, commit);
      const further = this.#configThrough.map(pathText).filter((path) => !paths.includes(path));
      if (further.length === 0) return;
      paths.push(...further);
    }
  }

  async #useConfig(tree: Tree, commit: string): Promise<void> {
    const { blobs, configPath, warn } = this.#source;
    const { blob, through } = await resolvePath(tree, pathBytes(configPath), (link) => blobs.link(link));
    this.#configThrough = through;
    const globs = await blobs.globs(blob);
    this.readable = globs !== undefined;
    if (globs !== undefined) this.#globs = globs;
    else {
      warn(
        `${configPath}\n${blob ?? ''}`,
        `in commit ${shortId(commit)} ${configPath} does not parse: nothing declared in that commit counts as ours`,
      );
    }
  }

  async #match(paths: ReadonlySet<string>): Promise<Set<string>> {
    const changed = new Set<string>();
    for (const path of paths) {
      const blob = await this.#blobAt(path);
      if (blob === this.files.get(path)) continue;
      if (blob === undefined) this.files.delete(path);
      else this.files.set(path, blob);
      changed.add(path);
    }
    return changed;
  }

  async #blobAt(path: string): Promise<string | undefined> {
    const entry = this.#tree.get(path);
    const isFile = entry !== undefined && this.#globs.matches(pathText(path));
    if (!isFile || !entry.link) this.#links.delete(path);
    if (!isFile) return undefined;
    if (!entry.link) return entry.blob;
    const { blob, through } = await resolvePath(this.#tree, path, (link) => this.#source.blobs.link(link));
    this.#links.set(path, through);
    return blob;
  }
}
