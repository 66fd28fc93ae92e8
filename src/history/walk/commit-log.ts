import { COMMIT_FIELDS, COMMIT_FORMAT, parseCommit, type LinkedCommit } from '../git/commits.js';
import { mustRun, splitNul, type Git } from '../git/git.js';
import { treeEntry, type TreeEntry } from '../git/tree.js';

/** What a commit did to one path, against its first parent. */
export interface PathChange {
  readonly path: string;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

/** A commit with what it did to the watched paths. */
export interface LoggedCommit extends LinkedCommit {
  readonly changes: readonly PathChange[];
}

/** Most questions are answered by the newest commits, so the first page is small and each one twice the last. */
const FIRST_PAGE = 16;
const LARGEST_PAGE = 1024;

/** What is read of a commit: who and when, and what it did to the watched paths against its first parent. */
const LOG = [
  'log',
  '--raw',
  '-z',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--no-textconv',
  '--encoding=UTF-8',
  `--format=%x01${COMMIT_FORMAT}`,
];

/** The commits along first parents that touch watched paths, newest first. */
export interface CommitLog {
  /** Goes on from a commit, which is the next one if it touches one of the paths. */
  restartAt(commit: string, watched: readonly string[]): void;
  /** The next commit, or undefined at the end of the line. */
  next(): Promise<LoggedCommit | undefined>;
  /** The oldest commit of the line from a commit on, whatever it touches; undefined where there is none. */
  oldest(start: string): Promise<string | undefined>;
}

/**
 * The commits along first parents that some others do not lead to, the newest first.
 * (`log` cannot be asked for these and for paths at once: it then leaves out a merge whose first parent does not count.)
 */
export async function listFirstParents(git: Git, start: string, without: readonly string[]): Promise<string[]> {
  const args = ['rev-list', '--first-parent', start, ...without.map((commit) => `^${commit}`)];
  const output = await mustRun(git, args);
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

/** Reads a line in pages, since most of it is mostly not needed. */
export class GitCommitLog implements CommitLog {
  readonly #git: Git;
  readonly #members: ReadonlySet<string> | undefined;
  #watched: readonly string[] = [];
  #page: LoggedCommit[] = [];
  #next: string | undefined;
  #size = FIRST_PAGE;

  /** @param members the line as `readLine` gives it, where it does not go down to the first commit */
  constructor(git: Git, members?: readonly string[]) {
    this.#git = git;
    this.#members = members && new Set(members);
  }

  restartAt(commit: string, watched: readonly string[]): void {
    this.#page = [];
    this.#next = commit;
    this.#watched = watched;
  }

  async next(): Promise<LoggedCommit | undefined> {
    if (this.#page.length === 0 && this.#next !== undefined) await this.#read(this.#next);
    const commit = this.#page.shift();
    if (commit === undefined || this.#members?.has(commit.id) !== false) return commit;
    this.#page = [];
    this.#next = undefined;
    return undefined;
  }

  async oldest(start: string): Promise<string | undefined> {
    return [...(this.#members ?? (await listFirstParents(this.#git, start, [])))].at(-1);
  }

  async #read(start: string): Promise<void> {
    // Without a path git would list every commit.
    if (this.#watched.length === 0) {
      this.#next = undefined;
      return;
    }
    const size = this.#size;
    this.#size = Math.min(size * 2, LARGEST_PAGE);
    const output = await mustRun(this.#git, [
      ...LOG,
      '--first-parent',
      `--max-count=${size}`,
      start,
      '--',
      ...this.#watched,
    ]);
    this.#page = parseLog(splitNul(output));
    this.#next = this.#page.length < size ? undefined : this.#page.at(-1)?.parents[0];
  }
}

/** Those of some commits that touch the watched paths, by id. */
export async function readLogged(
  git: Git,
  commits: readonly string[],
  watched: readonly string[],
): Promise<Map<string, LoggedCommit>> {
  // Without a path git would compare everything, and without a commit start from HEAD.
  if (commits.length === 0 || watched.length === 0) return new Map();
  const output = await mustRun(
    git,
    [...LOG, '--diff-merges=first-parent', '--no-walk=unsorted', '--stdin', '--', ...watched],
    { input: commits.map((commit) => `${commit}\n`).join('') },
  );
  const logged = parseLog(splitNul(output)).filter(({ changes }) => changes.length > 0);
  return new Map(logged.map((commit) => [commit.id, commit]));
}

/** Reads `log --raw -z`: the fields of a commit (the first one marked), then a pair of tokens for each path. */
function parseLog(tokens: readonly string[]): LoggedCommit[] {
  const commits: LoggedCommit[] = [];
  let changes: PathChange[] = [];
  for (let index = 0; index < tokens.length;) {
    const token = (tokens[index] ?? '').replace(/^\n/, '');
    if (token.startsWith('\u0001')) {
      const fields = [token.slice(1), ...tokens.slice(index + 1, index + COMMIT_FIELDS)];
      changes = [];
      commits.push({ ...parseCommit(fields), changes });
      index += COMMIT_FIELDS;
    } else if (token.startsWith(':')) {
      changes.push(parseChange(token, tokens[index + 1] ?? ''));
      index += 2;
    } else {
      index += 1;
    }
  }
  return commits;
}

/** `:<mode before> <mode after> <blob before> <blob after> <status>` and the path. */
export function parseChange(token: string, path: string): PathChange {
  const [before = '', after = '', blobBefore = '', blobAfter = ''] = token.slice(1).split(' ');
  return { path, before: treeEntry(before, blobBefore), after: treeEntry(after, blobAfter) };
}
