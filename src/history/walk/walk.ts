import type { Setting } from '../../reconcile/state.js';
import { GitCommitLog, listFirstParents, type CommitLog, type LoggedCommit } from './commit-log.js';
import type { Repository } from '../git/repository.js';
import { knownFile, readFile, Snapshot, type Source } from './snapshot.js';
import { sameSetting, type DeclarationIndex } from './declaration-index.js';

/** One step back along first parents. */
export interface WalkStep {
  /** The commit that was taken back. */
  readonly commit: LoggedCommit;
  /** Overrides that this commit made what they are after it, with what they were after it. */
  readonly changed: ReadonlyMap<string, Setting | undefined>;
  /** Overrides that other files, or files that parse, declare now. */
  readonly touched: ReadonlySet<string>;
}

/** Why there is no further step: the line begins here (or leads to an excluded commit), or the clone was cut off here. */
export type WalkEnd = 'beginning' | 'cut off';

/** Walks from a commit along first parents and knows at each one what the overrides in the tally are declared as. */
export class Walk {
  readonly index: DeclarationIndex;
  readonly #repo: Repository;
  readonly #source: Source;
  readonly #snapshot: Snapshot;
  readonly #line: CommitLog;
  readonly #start: string;
  /** The newest commit at which everything is as it is now. */
  at: string;
  end: WalkEnd | undefined;
  /** How many commits were taken back. */
  steps = 0;

  private constructor(
    repo: Repository,
    source: Source,
    tally: DeclarationIndex,
    start: string,
    snapshot: Snapshot,
    line: CommitLog,
  ) {
    this.#repo = repo;
    this.#source = source;
    this.#snapshot = snapshot;
    this.#line = line;
    this.index = tally;
    this.#start = start;
    this.at = start;
  }

  /** @param without commits that end the walk, as do those that lead to them */
  static async from(
    repo: Repository,
    source: Source,
    tally: DeclarationIndex,
    start: string,
    without: readonly string[] = [],
  ): Promise<Walk> {
    const snapshot = new Snapshot(source);
    await snapshot.load(start);
    const members = without.length === 0 ? undefined : await listFirstParents(repo.git, start, without);
    return Walk.on(repo, source, tally, start, snapshot, new GitCommitLog(repo.git, members));
  }

  /**
   * Walks on a snapshot that is there already.
   * @param snapshot of the start; the walk takes it along
   */
  static async on(
    repo: Repository,
    source: Source,
    tally: DeclarationIndex,
    start: string,
    snapshot: Snapshot,
    line: CommitLog,
  ): Promise<Walk> {
    const walk = new Walk(repo, source, tally, start, snapshot, line);
    for (const key of await walk.#update(new Set(snapshot.files.keys()))) tally.resolve(key);
    line.restartAt(start, snapshot.watched);
    return walk;
  }

  /** What an override is declared to be here, as far as that gives ownership. */
  owned(key: string): Setting | undefined {
    return this.#snapshot.readable ? this.index.owned(key) : undefined;
  }

  /** Takes the next commit back; undefined at the end, and then `end` says why. */
  async stepBack(): Promise<WalkStep | undefined> {
    const commit = this.end === undefined ? await this.#line.next() : undefined;
    if (commit === undefined || this.#repo.boundary.has(commit.id)) {
      this.end ??= await this.#whichEnd();
      return undefined;
    }
    this.steps += 1;
    const parent = commit.parents[0];
    const readable = this.#snapshot.readable;
    const paths = await this.#snapshot.undo(commit.changes, parent ?? commit.id);
    this.at = parent ?? commit.id;
    if (parent === undefined) this.end = 'beginning';
    else if (!this.#snapshot.covered) {
      for (const path of await this.#snapshot.load(parent)) paths.add(path);
      this.#line.restartAt(parent, this.#snapshot.watched);
    }
    const touched = await this.#update(paths);
    const changed = this.#settle(touched);
    if (readable === this.#snapshot.readable) return { commit, changed, touched };
    return { commit, changed, touched: new Set(this.index.keys) };
  }

  #settle(touched: ReadonlySet<string>): Map<string, Setting | undefined> {
    const changed = new Map<string, Setting | undefined>();
    for (const key of touched) {
      const after = this.index.resolved(key);
      if (!sameSetting(after, this.index.resolve(key))) changed.set(key, after);
    }
    return changed;
  }

  async #update(paths: ReadonlySet<string>): Promise<Set<string>> {
    const touched = new Set<string>();
    for (const path of paths) {
      const blob = this.#snapshot.files.get(path);
      if (blob === undefined) {
        this.index.replaceFile(path, [], touched);
        continue;
      }
      const declared = knownFile(this.#source, blob) ?? (await readFile(this.#source, this.at, path, blob));
      this.index.replaceFile(path, declared && this.index.settingsIn(declared), touched);
    }
    return touched;
  }

  async #whichEnd(): Promise<WalkEnd> {
    if (!this.#repo.shallow) return 'beginning';
    const last = await this.#line.oldest(this.#start);
    return last !== undefined && this.#repo.boundary.has(last) ? 'cut off' : 'beginning';
  }
}
