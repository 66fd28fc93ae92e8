import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Commit } from '../../reconcile/state.js';
import { asCommit, readCommit } from './commits.js';
import { readConfig } from './git-config.js';
import { gitIn, GitFailure, gitMessage, mustRun, type Git } from './git.js';
import type { ConfigEntry } from './repository-programs.js';

/** Where a repository is, before anything in it is read. */
export interface FoundRepository {
  /** The folder of the working tree, absolute, symbolic links resolved. */
  readonly root: string;
  /** How ids are computed. */
  readonly objectFormat: 'sha1' | 'sha256';
  /** Whether git calls the clone shallow, which it does even if nothing was cut off. */
  readonly isShallow: boolean;
  readonly config: readonly ConfigEntry[];
  readonly git: Git;
}

/** A repository with a working tree. */
export interface Repository extends Omit<FoundRepository, 'isShallow'> {
  /** What is checked out; undefined before the first commit. */
  readonly head: Commit | undefined;
  /** Whether history was cut off when the repository was cloned. */
  readonly shallow: boolean;
  /** The commits whose parents were cut off. */
  readonly boundary: ReadonlySet<string>;
}

/**
 * Finds the repository that a folder is in. Nothing that belongs to it is run.
 *
 * @param signal aborted when the run is interrupted: it stops every git that works on the repository
 * @returns undefined if neither the folder nor one above it holds `.git`, as outside git and in a bare repository
 * @throws OperatorError if there is one and git refuses to read it, for example because it is another user's, or if
 *   git is not installed
 */
export async function findRepository(
  dir: string,
  signal?: AbortSignal,
): Promise<FoundRepository | undefined> {
  if (!existsSync(dir) || !isBelowGit(dir)) return undefined;
  const plain = gitIn(dir, signal);
  const reading = readConfig(plain);
  // If git refuses the repository, that is the error to show.
  reading.catch(() => {});
  const place = await locate(plain, dir);
  const config = await reading;
  return { ...place, config, git: gitIn(place.root, signal, config) };
}

/** Reads what is checked out. */
export async function openFound({ isShallow, ...place }: FoundRepository): Promise<Repository> {
  const { git, root } = place;
  const [head, boundary] = await Promise.all([
    readHead(git),
    isShallow ? readBoundary(git, root) : new Set<string>(),
  ]);
  return { ...place, head, shallow: boundary.size > 0, boundary };
}

/**
 * The repository that a folder is in, with what is checked out.
 *
 * @returns and throws what `findRepository` does
 */
export async function openRepository(dir: string, signal?: AbortSignal): Promise<Repository | undefined> {
  const place = await findRepository(dir, signal);
  return place && openFound(place);
}

function isBelowGit(dir: string): boolean {
  const folder = resolve(dir);
  const above = dirname(folder);
  return existsSync(join(folder, '.git')) || (above !== folder && isBelowGit(above));
}

async function locate(
  git: Git,
  dir: string,
): Promise<Pick<FoundRepository, 'root' | 'objectFormat' | 'isShallow'>> {
  const args = ['rev-parse', '--is-shallow-repository', '--show-object-format', '--show-toplevel'];
  let output: string;
  try {
    output = (await git.run(args)).toString('utf8');
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw refusal(dir, error);
  }
  // A folder's name may end in anything, a line break included, but for the one that git adds.
  const [, isShallow, format, root = ''] = /^(\w+)\n(\w+)\n(.*?)\r?\n?$/s.exec(output) ?? ([] as string[]);
  return {
    root: resolve(root),
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    isShallow: isShallow === 'true',
  };
}

function refusal(dir: string, error: GitFailure): OperatorError {
  const reason = gitMessage(error).replace(/^Error: /, '');
  if (error.exitCode < 0) {
    return new OperatorError(
      'git-missing',
      `there is a repository in ${dir}, but git cannot be run: ${reason}`,
      {
        hint: 'install git, and see what git status says here',
        cause: error,
      },
    );
  }
  return new OperatorError('git-refused', `git refuses to read this repository: ${reason}`, {
    hint: /dubious ownership/.test(error.message)
      ? `if you trust it, run git config --global --add safe.directory ${dir}`
      : 'run git status here to see what is wrong',
    cause: error,
  });
}

async function readHead(git: Git): Promise<Commit | undefined> {
  try {
    return asCommit(await readCommit(git, 'HEAD'));
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (await isUnborn(git)) return undefined;
    throw new OperatorError('git-failed', `git cannot read HEAD: ${gitMessage(error)}`, { cause: error });
  }
}

/** Whether there is no commit yet. */
async function isUnborn(git: Git): Promise<boolean> {
  try {
    await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  } catch (error) {
    return error instanceof GitFailure && error.exitCode === 1;
  }
  return false;
}

async function readBoundary(git: Git, root: string): Promise<ReadonlySet<string>> {
  const path = (await mustRun(git, ['rev-parse', '--git-path', 'shallow'])).toString('utf8').trim();
  let text: string;
  try {
    text = await readFile(resolve(root, path), 'latin1');
  } catch {
    return new Set();
  }
  return withParents(
    git,
    text.split('\n').filter((line) => line !== ''),
  );
}

/** A clone that is just deep enough lists the very first commit too, although nothing was cut off before it. */
async function withParents(git: Git, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const input = ids.map((id) => `${id}\n`).join('');
  const output = await mustRun(git, ['cat-file', '--batch'], { input });
  const found = new Set<string>();
  for (let start = 0; start < output.length;) {
    const end = output.indexOf('\n', start);
    const [id = '', , size = '0'] = output.toString('latin1', start, end).split(' ');
    const content = output.toString('latin1', end + 1, end + 1 + Number(size));
    if (/^tree .*\nparent /.test(content)) found.add(id);
    start = end + 1 + Number(size) + 1;
  }
  return found;
}
