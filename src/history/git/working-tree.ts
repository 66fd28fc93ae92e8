import { lstat, readFile, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mustRun, splitNul } from './git.js';
import type { Repository } from './repository.js';
import { coveringPaths, pathText, readTree, type Tree, treeEntry, type TreeEntry } from './tree.js';

/** How the declarations on disk differ from HEAD. Paths are relative to the root, sorted. */
export interface WorkingTree {
  /** Paths whose content is not HEAD's, or that are staged otherwise: edited, untracked, ignored, removed in git. */
  readonly dirty: readonly string[];
  /** Paths in HEAD's tree that are absent on disk although nobody removed them in git. */
  readonly missing: readonly string[];
}

/** The ids that git may give to a file's content: as it is, and with LF for CRLF if it holds any. */
interface ContentIds {
  readonly id: string;
  readonly withLf: string | undefined;
}

/** Which files matter, and what was read of them. Paths are relative to the root, with `/`. */
export interface WatchedFiles {
  /** Whether a path is a declaration or the configuration. */
  readonly matches: (path: string) => boolean;
  /** The paths outside which nothing can match. */
  readonly bases: readonly string[];
  /** What was read, by the path that it was read at: just this is compared, and not what is on disk by now. */
  readonly files: ReadonlyMap<string, ContentIds>;
  /** The ids of other content that has to be compared. */
  readonly identify: (bytes: Uint8Array) => ContentIds;
}

/** What the index holds at a path: an entry; undefined if it is in conflict. */
type Index = ReadonlyMap<string, TreeEntry | undefined>;

/**
 * Compares the files that matter with HEAD, by their content. `git status` is not asked: it overlooks what a filter
 * or another encoding makes of a file, what it is told to overlook (`update-index --assume-unchanged`), and what
 * changed without a new size or time; and it runs the filters that the repository's configuration names.
 *
 * What a link among the files leads to matters as well. Other line ends than in the commit are no difference.
 */
export async function compareWorkingTree(repo: Repository, watched: WatchedFiles): Promise<WorkingTree> {
  const paths = coveringPaths(watched.bases);
  if (paths.length === 0) return { dirty: [], missing: [] };
  const [tree, index] = await Promise.all([
    repo.head === undefined ? new Map<string, TreeEntry>() : readTree(repo.git, repo.head.id, paths),
    readIndex(repo, paths),
  ]);
  const { matches } = watched;
  const targets = (await linkTargets(repo, tree, matches)).filter((path) => !matches(path));
  if (targets.length > 0) {
    const further = new Set(targets);
    return compareWorkingTree(repo, {
      ...watched,
      matches: (path) => matches(path) || further.has(path),
      bases: [...watched.bases, ...targets],
    });
  }
  // Whatever was read is another than HEAD's until it is found to be the same.
  const dirty = new Set(watched.files.keys());
  const missing: string[] = [];
  for (const path of index.keys()) if (!tree.has(path) && matches(pathText(path))) dirty.add(pathText(path));
  for (const [path, entry] of tree) {
    const name = pathText(path);
    if (!matches(name)) continue;
    // What was removed with git is not missed on disk.
    const state = index.has(path) ? await compare(repo, path, entry, watched) : 'different';
    if (state === 'missing') missing.push(name);
    if (state === 'same' && isEntry(index.get(path), entry)) dirty.delete(name);
    else if (state !== 'missing') dirty.add(name);
  }
  return { dirty: [...dirty].toSorted(), missing: missing.toSorted() };
}

type Comparison = 'same' | 'different' | 'missing';

/** Compares what is on disk at a path with what HEAD has there. */
async function compare(
  repo: Repository,
  path: string,
  { link, blob }: TreeEntry,
  { files, identify }: WatchedFiles,
): Promise<Comparison> {
  const known = link ? undefined : files.get(pathText(path));
  if (known !== undefined) return isBlob(known, blob) ? 'same' : 'different';
  // As bytes, since a path need not be UTF-8.
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

/** Whether a file may be executed is no part of what it declares. */
function isEntry(staged: TreeEntry | undefined, { link, blob }: TreeEntry): boolean {
  return staged?.blob === blob && staged.link === link;
}

/** Reads lines of `<mode> <blob> <stage>`, a tab and the path. */
async function readIndex(repo: Repository, paths: readonly string[]): Promise<Index> {
  const output = await mustRun(repo.git, ['ls-files', '--stage', '-z', '--', ...paths]);
  const index = new Map<string, TreeEntry | undefined>();
  for (const line of splitNul(output)) {
    const tab = line.indexOf('\t');
    const [mode = '', blob = '', stage] = line.slice(0, tab).split(' ');
    const entry = treeEntry(mode, blob);
    if (entry !== undefined) index.set(line.slice(tab + 1), stage === '0' ? entry : undefined);
  }
  return index;
}

/** Where the links among the files that matter lead to, one step, within the repository. */
async function linkTargets(
  repo: Repository,
  tree: Tree,
  matches: (path: string) => boolean,
): Promise<string[]> {
  const links = [...tree].filter(([, { link }]) => link).map(([path]) => pathText(path));
  const targets: string[] = [];
  for (const link of links.filter(matches)) {
    // A link that is gone, or is none any more, shows in the comparison.
    const target = await readlink(join(repo.root, link)).catch(() => undefined);
    if (target !== undefined) targets.push(posix.join(posix.dirname(link), target));
  }
  return coveringPaths(targets.filter((target) => !target.startsWith('/')));
}
