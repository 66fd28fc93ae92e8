import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Commit } from '../../reconcile/state.js';
import { asCommit, findCommit, readCommit } from './commits.js';
import { type ConfigEntry, LIST_CONFIG, parseConfigList } from './git-config.js';
import { REFS } from '../refs/ref-name.js';
import { objectsOf } from './object-reader.js';
import { gitFailed, gitIn, GitFailure, gitMessage, mustRun, type Git } from './git.js';

/** A repository that was found, before anything in it is read. */
export interface FoundRepository {
  /** The folder of the working tree, absolute, symbolic links resolved. */
  readonly root: string;
  /** The folder in which git keeps flagops' refs as files, unless they are packed; absolute. It may not exist. */
  readonly refsFolder: string;
  /** The hash that object ids are computed with. */
  readonly objectFormat: 'sha1' | 'sha256';
  /** Whether git considers the clone shallow, which it does even if no history was cut off. */
  readonly isShallow: boolean;
  readonly config: readonly ConfigEntry[];
  readonly git: Git;
}

/** A repository with a working tree. */
export interface Repository extends Omit<FoundRepository, 'isShallow'> {
  /** The commit that is checked out; undefined before the first commit. */
  readonly head: Commit | undefined;
  /** Whether the clone lacks part of the history. */
  readonly shallow: boolean;
  /** Commits that have parents which the clone lacks. */
  readonly boundary: ReadonlySet<string>;
}

/**
 * Finds the repository that a folder is in, without running any program that the repository names.
 *
 * @param signal aborted when the run is interrupted, which stops every git command on the repository
 * @returns undefined if neither the folder nor one above it contains `.git`, as outside git and in a bare repository
 * @throws OperatorError if git refuses to read the repository, for example because it belongs to another user; if its
 *   working tree is another folder than the one with `.git`; or if git is not installed
 */
export async function findRepository(
  dir: string,
  signal?: AbortSignal,
): Promise<FoundRepository | undefined> {
  const folder = existsSync(dir) ? repositoryFolder(dir) : undefined;
  if (folder === undefined) return undefined;
  const plain = gitIn(dir, signal);
  const reading = readConfig(plain);
  // If git refuses the repository, `locate` reports that better.
  reading.catch(() => {});
  const place = await locate(plain, dir);
  if (!isSameFolder(place.root, folder)) throw worktreeElsewhere(place.root, folder);
  const config = await reading;
  return { ...place, config, git: gitIn(place.root, signal, config) };
}

/** Reads which commit is checked out, and where history is cut off. */
export async function openFound({ isShallow, ...place }: FoundRepository): Promise<Repository> {
  const { git, root } = place;
  const [head, boundary] = await Promise.all([
    readHead(place),
    isShallow ? readBoundary(git, root) : new Set<string>(),
  ]);
  return { ...place, head, shallow: boundary.size > 0, boundary };
}

/** Finds and opens the repository that a folder is in. Returns and throws the same as `findRepository`. */
export async function openRepository(dir: string, signal?: AbortSignal): Promise<Repository | undefined> {
  const place = await findRepository(dir, signal);
  return place && openFound(place);
}

/** The nearest folder with `.git`: `dir` or one above it. */
function repositoryFolder(dir: string): string | undefined {
  const folder = resolve(dir);
  if (existsSync(join(folder, '.git'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryFolder(above);
}

function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

/**
 * `core.worktree` can name any folder. In another repository, git would use that one's configuration, which was not
 * searched for programs.
 */
function worktreeElsewhere(root: string, folder: string): OperatorError {
  return new OperatorError(
    'git-refused',
    `git uses ${root} as the working tree of the repository in ${folder}`,
    { hint: `check core.worktree in its configuration, and that ${join(folder, '.git')} is not empty` },
  );
}

async function readConfig(git: Git): Promise<ConfigEntry[]> {
  return parseConfigList((await mustRun(git, LIST_CONFIG)).toString('utf8'));
}

const OUTPUT = new RegExp(`^(\\w+)\\n(\\w+)\\n(.*?${REFS})\\r?\\n(.*?)\\r?\\n?$`, 's');

async function locate(
  git: Git,
  dir: string,
): Promise<Pick<FoundRepository, 'root' | 'refsFolder' | 'objectFormat' | 'isShallow'>> {
  const args = ['rev-parse', '--is-shallow-repository', '--show-object-format'];
  args.push('--git-path', REFS, '--show-toplevel');
  let output: string;
  try {
    output = (await git.run(args)).toString('utf8');
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw refusal(dir, error);
  }
  // The paths come last because they may contain line breaks. Only the one that git adds at the end is removed.
  const [, isShallow, format, refs = '', root = ''] = OUTPUT.exec(output) ?? ([] as string[]);
  return {
    root: resolve(root),
    refsFolder: resolve(dir, refs),
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
        hint: 'install git, then run git status here',
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

type Place = Pick<FoundRepository, 'git' | 'refsFolder'>;

async function readHead(place: Place): Promise<Commit | undefined> {
  const { git } = place;
  const release = objectsOf(git).hold();
  try {
    const head = await findCommit(git, 'HEAD');
    if (head !== undefined) return head;
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'git-failed') throw error;
  } finally {
    release();
  }
  return explainHead(place);
}

/** Reads HEAD with a command that says what is wrong with it. */
async function explainHead(place: Place): Promise<Commit | undefined> {
  const { git } = place;
  try {
    return asCommit(await readCommit(git, 'HEAD'));
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (await isUnborn(place)) return undefined;
    throw gitFailed('git cannot read HEAD', error);
  }
}

/**
 * Whether HEAD is a branch without commits.
 * @throws OperatorError `git-failed` if git cannot read its refs
 */
async function isUnborn({ git, refsFolder }: Pick<FoundRepository, 'git' | 'refsFolder'>): Promise<boolean> {
  try {
    await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
    return false;
  } catch (error) {
    if (!(error instanceof GitFailure) || error.exitCode !== 1) return false;
  }
  // Git says the same if the ref of the branch is damaged, in its own file or in packed-refs.
  await mustRun(git, ['for-each-ref', '--format=']);
  const branch = (await mustRun(git, ['symbolic-ref', '--quiet', 'HEAD'])).toString('utf8').trimEnd();
  const file = statSync(join(refsFolder, '..', '..', branch), { throwIfNoEntry: false });
  return file?.isFile() !== true;
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

/**
 * The commits that have parents. A clone that is just deep enough to be complete lists its root commit in `shallow` too,
 * although nothing is cut off there.
 */
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
