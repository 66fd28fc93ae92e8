import { listFirstParents } from '../git/ancestry.js';
import type { Git } from '../git/git.js';
import { type LoggedCommit, readLogPage } from '../git/log.js';
import type { FirstParentHistory } from './first-parent-history.js';

/** The commits of one first-parent history that touch the watched paths, newest first. */
export interface CommitLog {
  /** Restarts at `commit`, inclusive, with other watched paths. */
  restartAt(commit: string, watched: readonly string[]): void;
  /** The next commit; undefined at the end. */
  next(): Promise<LoggedCommit | undefined>;
  /** The oldest commit in the history of `start`, even if it touches no watched path; undefined if there is none. */
  oldest(start: string): Promise<string | undefined>;
}

/** The newest commits answer most questions, so the first page is small and each further one twice as large. */
const FIRST_PAGE = 16;
const LARGEST_PAGE = 1024;

/** Reads the log from git page by page, because a walk rarely needs all of it. */
export class GitCommitLog implements CommitLog {
  readonly #git: Git;
  readonly #members: ReadonlySet<string> | undefined;
  #watched: readonly string[] = [];
  #page: LoggedCommit[] = [];
  #next: string | undefined;
  #size = FIRST_PAGE;

  /** @param members the whole history as `listFirstParents` returns it, if it ends before the first commit */
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
    return [...(this.#members ?? (await listFirstParents(this.#git, start)))].at(-1);
  }

  async #read(start: string): Promise<void> {
    if (this.#watched.length === 0) {
      this.#next = undefined;
      return;
    }
    const size = this.#size;
    this.#size = Math.min(size * 2, LARGEST_PAGE);
    this.#page = await readLogPage(this.#git, start, size, this.#watched);
    this.#next = this.#page.length < size ? undefined : this.#page.at(-1)?.parents[0];
  }
}

/**
 * Serves commits that were read in advance, together with those of other branches. If a walk comes to watch other
 * paths than those that the commits were read for, it reads from git instead.
 */
export class PreloadedCommitLog implements CommitLog {
  readonly #history: FirstParentHistory;
  readonly #logged: ReadonlyMap<string, LoggedCommit>;
  readonly #watched: string;
  readonly #fallback: GitCommitLog;
  /** Where the next commit is in the history; undefined while reading from git. */
  #position: number | undefined;

  /** @param logged the commits of the history that touch `watched`, by id; others are ignored */
  constructor(
    git: Git,
    history: FirstParentHistory,
    logged: ReadonlyMap<string, LoggedCommit>,
    watched: readonly string[],
  ) {
    this.#history = history;
    this.#logged = logged;
    this.#watched = pathsKey(watched);
    this.#fallback = new GitCommitLog(git, history.commits);
  }

  restartAt(commit: string, watched: readonly string[]): void {
    if (pathsKey(watched) !== this.#watched) {
      this.#position = undefined;
      this.#fallback.restartAt(commit, watched);
      return;
    }
    const { commits } = this.#history;
    const position = commits.indexOf(commit);
    this.#position = position < 0 ? commits.length : position;
  }

  async next(): Promise<LoggedCommit | undefined> {
    if (this.#position === undefined) return this.#fallback.next();
    while (this.#position < this.#history.commits.length) {
      const commit = this.#logged.get(this.#history.commits[this.#position] ?? '');
      this.#position += 1;
      if (commit !== undefined) return commit;
    }
    return undefined;
  }

  async oldest(): Promise<string | undefined> {
    return this.#history.commits.at(-1);
  }
}

/** A map key for a list of paths. */
export function pathsKey(paths: readonly string[]): string {
  return paths.join('\0');
}
