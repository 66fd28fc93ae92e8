import { lstat, readFile, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mustRun, splitNul } from './git.js';
import type { FoundRepository, Repository } from './repository.js';
import {
  coveringPaths,
  isUnder,
  pathBytes,
  pathText,
  readTree,
  type Tree,
  treeEntry,
  type TreeEntry,
} from './tree.js';

/** How the declarations on disk differ from HEAD. Paths are relative to the root, sorted. */
export interface WorkingTree {
  /** Paths whose content, on disk or staged, differs from HEAD: edited, untracked, ignored, or removed with git. */
  readonly dirty: readonly string[];
  /** Paths in HEAD that are missing on disk although they were not removed with git. */
  readonly missing: readonly string[];
  /** All paths of the index with the name that was asked for, in any folder. */
  readonly named: readonly string[];
}

/** The ids that git may give to a file's content: unchanged, and with CRLF replaced by LF if it contains any. */
interface ContentIds {
  readonly id: string;
  readonly withLf: string | undefined;
}

/** Which files to compare, and the content that was read from them. Paths are relative to the root, with `/`. */
export interface FileSelection {
  /** Whether a path is a declaration or the configuration. */
  readonly matches: (path: string) => boolean;
  /** Files or folders that contain everything that can match. */
  readonly bases: readonly string[];
  /** Ids of content that was already read, by path. They are compared even if the file has changed since. */
  readonly files: ReadonlyMap<string, ContentIds>;
  /** Computes the ids of content that was not read yet. */
  readonly identify: (bytes: Uint8Array) => ContentIds;
  /** The name of the files to list in `named`. They are listed by a git process that is needed anyway. */
  readonly name: string;
}

/** Git's index by path; undefined for a path in conflict. */
type Index = ReadonlyMap<string, TreeEntry | undefined>;

/**
 * Compares files on disk with HEAD by their content, including the files that symbolic links lead to. Different line
 * endings do not count.
 *
 * `git status` is not used. It misses what a filter or another encoding changes, files that it was configured to ignore
 * (`update-index --assume-unchanged`), and edits that keep size and time; and it runs filters that the repository's
 * configuration names.
 *
 * @param listing what `listIndex` returned for the same selection; it can be called before HEAD is known
 */
export async function compareWorkingTree(
  repo: Repository,
  selection: FileSelection,
  listing: Promise<ListedIndex> = listIndex(repo, selection),
): Promise<WorkingTree> {
  const paths = coveringPaths(selection.bases);
  if (paths.length === 0) return { dirty: [], missing: [], named: [] };
  const [tree, { index, named }] = await Promise.all([
    repo.head === undefined ? new Map<string, TreeEntry>() : readTree(repo.git, repo.head.id, paths),
    listing,
  ]);
  const { matches } = selection;
  const targets = (await linkTargets(repo, tree, matches)).filter((path) => !matches(path));
  if (targets.length > 0) {
    const further = new Set(targets);
    return compareWorkingTree(repo, {
      ...selection,
      matches: (path) => matches(path) || further.has(path),
      bases: [...selection.bases, ...targets],
    });
  }
  // Every file that was read is dirty until it is found to be the same as in HEAD.
  const dirty = new Set(selection.files.keys());
  const missing: string[] = [];
  for (const path of index.keys()) if (!tree.has(path) && matches(pathText(path))) dirty.add(pathText(path));
  for (const [path, entry] of tree) {
    const name = pathText(path);
    if (!matches(name)) continue;
    // A file that was removed with git is dirty, not missing.
    const state = index.has(path) ? await compare(repo, path, entry, selection) : 'different';
    if (state === 'missing') missing.push(name);
    if (state === 'same' && isEntry(index.get(path), entry)) dirty.delete(name);
    else if (state !== 'missing') dirty.add(name);
  }
  return { dirty: [...dirty].toSorted(), missing: missing.toSorted(), named };
}

type Comparison = 'same' | 'different' | 'missing';

/** Compares a file on disk with HEAD's. */
async function compare(
  repo: Repository,
  path: string,
  { link, blob }: TreeEntry,
  { files, identify }: FileSelection,
): Promise<Comparison> {
  const known = link ? undefined : files.get(pathText(path));
  if (known !== undefined) return isBlob(known, blob) ? 'same' : 'different';
  // As bytes, because a path may not be UTF-8.
  const place = Buffer.concat([Buffer.from(join(repo.root, '/')), Buffer.from(path, 'latin1')]);
  try {
    const stats = await lstat(place);
    if (link ? !stats.isSymbolicLink() : !stats.isFile()) return 'different';
    const bytes = link ? await readlink(place, { encoding: 'buffer' }) : await readFile(place);
    const ids = identify(bytes);
    return (link ? ids.id === blob : isBlob(ids, blob)) ? 'same' : 'different';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'different';
  }
}

function isBlob({ id, withLf }: ContentIds, blob: string): boolean {
  return id === blob || withLf === blob;
}

/** Whether the staged entry is the same, apart from whether the file is executable. */
function isEntry(staged: TreeEntry | undefined, { link, blob }: TreeEntry): boolean {
  return staged?.blob === blob && staged.link === link;
}

/** The entries of git's index at or under the selected paths, and the files of the whole index with the name, sorted. */
interface ListedIndex {
  readonly index: Index;
  readonly named: readonly string[];
}

/** Reads the index. Git prints `<mode> <blob> <stage>`, a tab and the path. */
export async function listIndex(
  repo: Pick<FoundRepository, 'git'>,
  { bases, name }: Pick<FileSelection, 'bases' | 'name'>,
): Promise<ListedIndex> {
  const paths = coveringPaths(bases);
  if (paths.length === 0) return { index: new Map(), named: [] };
  const pathspecs = [...paths.map((path) => `:(literal)${path}`), `:(glob)**/${name}`];
  const output = await mustRun(repo.git, ['ls-files', '--stage', '-z', '--', ...pathspecs], {
    pathspecs: true,
  });
  const folders = paths.map(pathBytes);
  const index = new Map<string, TreeEntry | undefined>();
  const named = new Set<string>();
  for (const line of splitNul(output)) {
    const tab = line.indexOf('\t');
    const [mode = '', blob = '', stage] = line.slice(0, tab).split(' ');
    const path = line.slice(tab + 1);
    const entry = treeEntry(mode, blob);
    if (entry === undefined) continue;
    if (posix.basename(path) === name) named.add(pathText(path));
    if (isUnder(path, folders)) index.set(path, stage === '0' ? entry : undefined);
  }
  return { index, named: [...named].toSorted() };
}

/** The targets within the repository of links that match, following one link each. */
async function linkTargets(
  repo: Repository,
  tree: Tree,
  matches: (path: string) => boolean,
): Promise<string[]> {
  const links = [...tree].filter(([, { link }]) => link).map(([path]) => pathText(path));
  const targets: string[] = [];
  for (const link of links.filter(matches)) {
    // If this is no longer a link, the comparison reports it.
    const target = await readlink(join(repo.root, link)).catch(() => undefined);
    if (target !== undefined) targets.push(posix.join(posix.dirname(link), target));
  }
  return coveringPaths(targets.filter((target) => !target.startsWith('/')));
}
