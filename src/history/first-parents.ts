import { COMMIT_FIELDS, COMMIT_FORMAT, parseCommit, type LinkedCommit } from './commits.js';
import { mustRun, splitNul, type Git } from './git.js';
import { treeEntry, type TreeEntry } from './tree.js';

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

/** The commits along first parents that touch the watched paths, newest first, read in pages. */
export class FirstParents {
  readonly #git: Git;
  readonly #without: readonly string[];
  #watched: readonly string[] = [];
  #page: LoggedCommit[] = [];
  #next: string | undefined;
  #size = FIRST_PAGE;

  /** @param without commits that end the line, as do those that lead to them */
  constructor(git: Git, without: readonly string[]) {
    this.#git = git;
    this.#without = without;
  }

  /** Goes on from a commit, which is the next one if it touches one of the paths. */
  from(commit: string, watched: readonly string[]): void {
    this.#page = [];
    this.#next = commit;
    this.#watched = watched;
  }

  /** The next commit, or undefined at the end of the line. */
  async take(): Promise<LoggedCommit | undefined> {
    if (this.#page.length === 0 && this.#next !== undefined) await this.#read(this.#next);
    return this.#page.shift();
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
      'log',
      '--first-parent',
      '--raw',
      '-z',
      '--no-renames',
      '--no-abbrev',
      '--no-ext-diff',
      '--encoding=UTF-8',
      `--max-count=${size}`,
      `--format=%x01${COMMIT_FORMAT}`,
      start,
      ...this.#without.map((commit) => `^${commit}`),
      '--',
      ...this.#watched,
    ]);
    this.#page = parseLog(splitNul(output));
    this.#next = this.#page.length < size ? undefined : this.#page.at(-1)?.parents[0];
  }
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
function parseChange(token: string, path: string): PathChange {
  const [before = '', after = '', blobBefore = '', blobAfter = ''] = token.slice(1).split(' ');
  return { path, before: treeEntry(before, blobBefore), after: treeEntry(after, blobAfter) };
}
