import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, splitNul, utf8 } from './git.js';
import type { Repository } from './repository.js';
import { coveringPaths, pathText, readTree } from './tree.js';

/** How the declarations on disk differ from HEAD. Paths are relative to the root, sorted. */
export interface WorkingTree {
  /** Paths that differ from HEAD, are untracked or are ignored by git. */
  readonly dirty: readonly string[];
  /** Paths in HEAD's tree that are absent on disk although nobody removed them in git. */
  readonly missing: readonly string[];
}

/**
 * Compares the files that matter with HEAD.
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
  const [status, missing] = await Promise.all([readStatus(repo, paths), readMissing(repo, paths, matches)]);
  const absent = new Set(missing);
  const dirty = status.filter((path) => matches(path) && !absent.has(path));
  return { dirty: [...new Set(dirty)].toSorted(), missing: missing.toSorted() };
}

async function readStatus(repo: Repository, paths: readonly string[]): Promise<string[]> {
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--ignored=traditional',
    '--no-renames',
  ];
  const output = await mustRun(repo.git, [...args, '--ignore-submodules=all', '--', ...paths]);
  return splitNul(output).map((line) => utf8(line.slice(3)));
}

async function readMissing(
  repo: Repository,
  paths: readonly string[],
  matches: (path: string) => boolean,
): Promise<string[]> {
  if (repo.head === undefined) return [];
  const [tree, index] = await Promise.all([
    readTree(repo.git, repo.head.id, paths),
    mustRun(repo.git, ['ls-files', '-z', '--', ...paths]),
  ]);
  const indexed = new Set(splitNul(index));
  const wanted = [...tree.keys()].filter((path) => indexed.has(path) && matches(pathText(path)));
  const onDisk = await Promise.all(wanted.map((path) => exists(repo.root, path)));
  return wanted.filter((_, index_) => onDisk[index_] === false).map(pathText);
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
