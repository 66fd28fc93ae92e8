import { posix } from 'node:path';
import { mustRun, splitNul, utf8, type Git } from './git.js';

/** A file or a symbolic link in a commit's tree. */
export interface TreeEntry {
  readonly link: boolean;
  /** Id of its blob. */
  readonly blob: string;
}

/** Files and links by path, with the paths as `splitNul` gives them. */
export type Tree = Map<string, TreeEntry>;

/** What stands in a tree under a mode; folders and submodules are nothing that could be read. */
export function treeEntry(mode: string, blob: string): TreeEntry | undefined {
  if (mode === '120000') return { link: true, blob };
  return mode.startsWith('100') ? { link: false, blob } : undefined;
}

/** Reads the part of a commit's tree that lies at or under the given paths. */
export async function readTree(git: Git, commit: string, paths: readonly string[]): Promise<Tree> {
  if (paths.length === 0) return new Map();
  return parseTree(await mustRun(git, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]));
}

/** Lines of `<mode> <type> <blob>`, a tab and the path. */
function parseTree(output: Buffer): Tree {
  const tree: Tree = new Map();
  for (const line of splitNul(output)) {
    const tab = line.indexOf('\t');
    const [mode = '', , blob = ''] = line.slice(0, tab).split(' ');
    const entry = treeEntry(mode, blob);
    if (entry !== undefined) tree.set(line.slice(tab + 1), entry);
  }
  return tree;
}

/** Reads what stands in the folder of each of the given paths, without the folders in it. */
export async function readFolders(git: Git, commit: string, paths: readonly string[]): Promise<Tree> {
  const folders = [...new Set(paths.map((path) => posix.dirname(path)))];
  // A whole folder rather than the path alone, which need not be there: simple-git gives a command that prints
  // nothing time to do so.
  const listed = folders.map((folder) => (folder === '.' ? folder : `${folder}/`));
  return parseTree(await mustRun(git, ['ls-tree', '-z', '--full-tree', commit, '--', ...listed]));
}

/** The path as `splitNul` gives it. */
export function pathBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** Whether a path lies at or under one of the given ones. */
export function isUnder(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => folder === '.' || path === folder || path.startsWith(`${folder}/`));
}

/** The fewest paths that cover all the given ones; those that leave the repository are dropped. */
export function coveringPaths(paths: Iterable<string>): string[] {
  const inside = [...new Set([...paths].map((path) => posix.normalize(path).replace(/\/$/, '')))].filter(
    (path) => path !== '..' && !path.startsWith('../') && !path.startsWith('/'),
  );
  return inside.filter(
    (path) =>
      !isUnder(
        path,
        inside.filter((other) => other !== path),
      ),
  );
}

/** Links that lead to links are followed this often, as a limit against circles. */
const MAX_LINKS = 8;

/** Where following a link led. */
export interface ResolvedPath {
  readonly blob: string | undefined;
  /** Paths that the link leads through; where one of them changes, so does what the link stands for. */
  readonly through: readonly string[];
}

/**
 * Follows a path through links that stay in the tree; a link that leaves it leads nowhere.
 *
 * @param readLink the text of a link's blob, as `splitNul` would give it
 */
export async function resolvePath(
  tree: Tree,
  path: string,
  readLink: (blob: string) => Promise<string>,
): Promise<ResolvedPath> {
  const through: string[] = [];
  let place = path;
  for (let hops = 0; hops <= MAX_LINKS; hops += 1) {
    const entry = tree.get(place);
    if (entry === undefined || !entry.link) return { blob: entry?.blob, through };
    const target = await readLink(entry.blob);
    if (target.startsWith('/')) return { blob: undefined, through };
    place = posix.join(posix.dirname(place), target);
    if (place === '..' || place.startsWith('../')) return { blob: undefined, through };
    through.push(place);
  }
  return { blob: undefined, through };
}

/** A path for messages and globs. */
export function pathText(path: string): string {
  return utf8(path);
}
