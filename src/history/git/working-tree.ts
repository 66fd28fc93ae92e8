import { lstat, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mustRun, splitNul, utf8 } from './git.js';
import type { Repository } from './repository.js';
import { coveringPaths, pathText, readTree, type Tree } from './tree.js';

/** How the declarations on disk differ from HEAD. Paths are relative to the root, sorted. */
export interface WorkingTree {
  /** Paths that differ from HEAD, are untracked or are ignored by git. */
  readonly dirty: readonly string[];
  /** Paths in HEAD's tree that are absent on disk although nobody removed them in git. */
  readonly missing: readonly string[];
}

/**
 * Compares the files that matter with HEAD. What a link among them leads to matters as well.
 *
 * @param matches whether a path, relative to the root and with `/`, is a declaration or the configuration
 * @param bases the paths outside which nothing can match
 */
export async function workingTree(
  repo: Repository,
  matches: (path: string) => boolean,
  bases: readonly string[],
): Promise<WorkingTree> {
  const paths = coveringPaths(bases);
  if (paths.length === 0) return { dirty: [], missing: [] };
  const tree: Tree = repo.head === undefined ? new Map() : await readTree(repo.git, repo.head.id, paths);
  const targets = (await linkTargets(repo, tree, matches)).filter((path) => !matches(path));
  if (targets.length > 0) {
    const further = new Set(targets);
    return workingTree(repo, (path) => matches(path) || further.has(path), [...bases, ...targets]);
  }
  const [status, { missing, overlooked }] = await Promise.all([
    readStatus(repo, paths),
    compareWithHead(repo, tree, paths, matches),
  ]);
  const absent = new Set(missing);
  const dirty = status.filter((path) => matches(path) && !absent.has(path));
  return { dirty: [...new Set([...dirty, ...overlooked])].toSorted(), missing: [...missing].toSorted() };
}

async function readStatus(repo: Repository, paths: readonly string[]): Promise<string[]> {
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--ignored=traditional',
    '--no-renames',
    // The line about the branch spares a wait: simple-git gives a command that prints nothing time to do so.
    '--branch',
    '--no-ahead-behind',
  ];
  const output = await mustRun(repo.git, [...args, '--ignore-submodules=all', '--', ...paths]);
  return splitNul(output)
    .filter((line) => !line.startsWith('## '))
    .map((line) => utf8(line.slice(3)));
}

/**
 * What the index hides from `git status`: files that were left out on disk, and edits of files that git was told to
 * overlook (`update-index --assume-unchanged`, `--skip-worktree`).
 */
async function compareWithHead(
  repo: Repository,
  tree: Tree,
  paths: readonly string[],
  matches: (path: string) => boolean,
): Promise<{ missing: readonly string[]; overlooked: readonly string[] }> {
  if (tree.size === 0) return { missing: [], overlooked: [] };
  const output = await mustRun(repo.git, ['ls-files', '-v', '-z', '--', ...paths]);
  const missing: string[] = [];
  const hidden: string[] = [];
  for (const line of splitNul(output)) {
    const path = line.slice(2);
    if (!tree.has(path) || !matches(pathText(path))) continue;
    if (!(await exists(repo.root, path))) missing.push(path);
    else if (!line.startsWith('H ')) hidden.push(path);
  }
  const blobs = await hashFiles(repo, hidden);
  const overlooked = hidden.filter((path, index) => tree.get(path)?.blob !== blobs[index]);
  return { missing: missing.map(pathText), overlooked: overlooked.map(pathText) };
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
    // A link that is gone, or is none any more, shows in the status.
    const target = await readlink(join(repo.root, link)).catch(() => undefined);
    if (target !== undefined) targets.push(posix.join(posix.dirname(link), target));
  }
  return coveringPaths(targets.filter((target) => !target.startsWith('/')));
}

/** The ids that files on disk would have as blobs. */
async function hashFiles(repo: Repository, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const output = await mustRun(repo.git, ['hash-object', '--', ...paths.map(pathText)]);
  return output.toString('latin1').split('\n');
}

async function exists(root: string, path: string): Promise<boolean> {
  try {
    // As bytes, since a path need not be UTF-8.
    await lstat(Buffer.concat([Buffer.from(join(root, '/')), Buffer.from(path, 'latin1')]));
    return true;
  } catch {
    return false;
  }
}
