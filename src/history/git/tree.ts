import { posix } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { mustRun, splitNul, utf8, type Git } from './git.js';
import { objectsOf } from './object-reader.js';

/** A file or a symbolic link in a commit's tree. */
export interface TreeEntry {
  readonly link: boolean;
  /** Id of its blob. */
  readonly blob: string;
}

/** Files and links by path. Paths have one character for each byte, as `splitNul` returns them. */
export type Tree = Map<string, TreeEntry>;

/** The entry for a mode of git's; undefined for folders and submodules, which cannot be read. */
export function treeEntry(mode: string, blob: string): TreeEntry | undefined {
  if (mode === '120000') return { link: true, blob };
  return mode.startsWith('100') ? { link: false, blob } : undefined;
}

/** The trees that were read last in each repository. Planning asks for the same ones several times. */
const recent = new WeakMap<Git, Map<string, ReadonlyMap<string, TreeEntry>>>();

/** How many trees are remembered: each may have as many entries as the repository has files. */
const MOST_RECENT = 2;

/** Reads the part of a commit's tree at or under the given paths. */
export async function readTree(git: Git, commit: string, paths: readonly string[]): Promise<Tree> {
  if (paths.length === 0) return new Map();
  const known = recent.get(git) ?? new Map<string, ReadonlyMap<string, TreeEntry>>();
  recent.set(git, known);
  const key = [commit, ...paths.toSorted()].join('\0');
  const tree =
    known.get(key) ??
    parseTree(await mustRun(git, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]));
  known.delete(key);
  known.set(key, tree);
  for (const oldest of [...known.keys()].slice(0, -MOST_RECENT)) known.delete(oldest);
  // A copy, because the walk through history changes it.
  return new Map(tree);
}

/** Parses `ls-tree`: `<mode> <type> <blob>`, a tab and the path. */
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

/**
 * Reads the entries of the folder that each given path is in, not recursively, through the reader that others hold.
 */
export async function readFolders(git: Git, commit: string, paths: readonly string[]): Promise<Tree> {
  const tree: Tree = new Map();
  for (const folder of new Set(paths.map((path) => posix.dirname(path)))) {
    const prefix = folder === '.' ? '' : `${pathBytes(folder)}/`;
    for (const { mode, name, id } of await readFolder(git, commit, prefix)) {
      const entry = treeEntry(mode, id);
      if (entry !== undefined) tree.set(`${prefix}${name}`, entry);
    }
  }
  return tree;
}

interface FolderEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/**
 * The entries of one folder of a commit; none if there is no such folder.
 * @param prefix its path with a slash at the end, or nothing for the root; with one character for each byte
 */
async function readFolder(git: Git, commit: string, prefix: string): Promise<readonly FolderEntry[]> {
  let entries = await readTreeObject(git, `${commit}^{tree}`);
  for (const segment of prefix.split('/').slice(0, -1)) {
    const folder = entries.find(({ mode, name }) => mode === FOLDER && name === segment);
    if (folder === undefined) return [];
    entries = await readTreeObject(git, folder.id);
  }
  return entries;
}

/** The mode of a folder. */
const FOLDER = '40000';

/** Parses a tree object: for each entry its mode, a space, its name, NUL, and the bytes of its id. */
async function readTreeObject(git: Git, name: string): Promise<readonly FolderEntry[]> {
  const object = await objectsOf(git).object(name);
  if (object?.type !== 'tree' || object.content === undefined) {
    throw new OperatorError('git-object-missing', `git has no tree ${name}, which a commit refers to`, {
      hint: 'run git fsck, or clone again',
    });
  }
  const { id, content } = object;
  const entries: FolderEntry[] = [];
  for (let start = 0; start < content.length;) {
    const space = content.indexOf(' ', start);
    const end = content.indexOf(0, space);
    const next = end + 1 + id.length / 2;
    entries.push({
      mode: content.toString('latin1', start, space),
      name: content.toString('latin1', space + 1, end),
      id: content.toString('hex', end + 1, next),
    });
    start = next;
  }
  return entries;
}

/** A path with one character for each byte, as `splitNul` returns it. */
export function pathBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** Whether a path is at or under one of the given ones. */
export function isUnder(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => folder === '.' || path === folder || path.startsWith(`${folder}/`));
}

/** The fewest paths that cover all the given ones, without those outside the repository. */
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

/** How many links in a row are followed, so that a cycle ends. */
const MAX_LINKS = 8;

/** The result of following a path through links. */
export interface ResolvedPath {
  /** Undefined if the path leads to no file in the tree. */
  readonly blob: string | undefined;
  /** Paths that links led to on the way. If one of them changes, the result may change. */
  readonly through: readonly string[];
}

/**
 * Follows a path through symbolic links within the tree. A link that leaves the tree leads to no file.
 *
 * @param readLink reads the target from a link's blob, with one character for each byte
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

/** Decodes a path for messages and globs. */
export function pathText(path: string): string {
  return utf8(path);
}
