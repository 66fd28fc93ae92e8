import type { DeclaredSetting, Setting } from '../../reconcile/state.js';
import { listFirstParents } from '../git/ancestry.js';
import type { LoggedCommit } from '../git/log.js';
import type { Repository } from '../git/repository.js';
import { type CommitLog, GitCommitLog } from './commit-log.js';
import { type DeclarationIndex, sameSetting } from './declaration-index.js';
import { knownFile, readFile, Snapshot, type Source } from './snapshot.js';

/** One step back: from the state after a commit to the state before it. */
export interface WalkStep {
  /** The commit that was undone. */
  readonly commit: LoggedCommit;
  /** Overrides that this commit changed, each with its setting after the commit. */
  readonly changed: ReadonlyMap<string, Setting | undefined>;
  /** Overrides whose files changed, or began or ceased to parse. The setting may be the same. */
  readonly touched: ReadonlySet<string>;
}

/** Why the walk ended: at the beginning of the history (or an excluded commit), or where a shallow clone is cut off. */
export type WalkEnd = 'beginning' | 'cut off';

/**
 * Walks back along first parents and knows, at each commit, what the tracked overrides are declared to be.
 *
 * First-parent history is used because it is the sequence of states that the branch had. A commit on a merged branch
 * was never the state of this branch, so it neither owns an override nor has to be undone.
 *
 * The walk starts from a snapshot of the newest commit. Each step asks git only which watched paths the commit changed
 * and undoes those, so that a commit is never read as a whole and only files that differ are parsed. Commits that
 * touch no watched path are skipped. If undoing a commit brings a configuration with other globs into effect, the tree
 * is read again at that commit and the log restarts there with the new watched paths.
 */
export class Walk {
  /** The settings of the tracked overrides at `at`. */
  readonly declarations: DeclarationIndex;
  readonly #repo: Repository;
  readonly #source: Source;
  readonly #snapshot: Snapshot;
  readonly #log: CommitLog;
  readonly #start: string;
  /** The newest commit that has the current state. */
  at: string;
  end: WalkEnd | undefined;
  /** How many commits were undone. */
  steps = 0;

  private constructor(
    repo: Repository,
    source: Source,
    declarations: DeclarationIndex,
    start: string,
    snapshot: Snapshot,
    log: CommitLog,
  ) {
    this.#repo = repo;
    this.#source = source;
    this.#snapshot = snapshot;
    this.#log = log;
    this.declarations = declarations;
    this.#start = start;
    this.at = start;
  }

  /**
   * Starts a walk at `start`, inclusive.
   *
   * @param without the walk ends before these commits and their ancestors
   */
  static async from(
    repo: Repository,
    source: Source,
    declarations: DeclarationIndex,
    start: string,
    without: readonly string[] = [],
  ): Promise<Walk> {
    const snapshot = new Snapshot(source);
    await snapshot.load(start);
    const members = without.length === 0 ? undefined : await listFirstParents(repo.git, start, without);
    return Walk.on(repo, source, declarations, start, snapshot, new GitCommitLog(repo.git, members));
  }

  /**
   * Starts a walk from an existing snapshot.
   *
   * @param snapshot of `start`; the walk changes it
   */
  static async on(
    repo: Repository,
    source: Source,
    declarations: DeclarationIndex,
    start: string,
    snapshot: Snapshot,
    log: CommitLog,
  ): Promise<Walk> {
    const walk = new Walk(repo, source, declarations, start, snapshot, log);
    for (const key of await walk.#update(new Set(snapshot.files.keys()))) declarations.resolve(key);
    log.restartAt(start, snapshot.watched);
    return walk;
  }

  /** The declared setting of an override at `at`, if files that parse give ownership of it; else undefined. */
  owned(key: string): DeclaredSetting | undefined {
    return this.#snapshot.readable ? this.declarations.owned(key) : undefined;
  }

  /** Undoes the next commit. Returns undefined at the end, and then `end` says why. */
  async stepBack(): Promise<WalkStep | undefined> {
    const commit = this.end === undefined ? await this.#log.next() : undefined;
    if (commit === undefined || this.#repo.boundary.has(commit.id)) {
      this.end ??= await this.#findEnd();
      return undefined;
    }
    this.steps += 1;
    const parent = commit.parents[0];
    const wasReadable = this.#snapshot.readable;
    const paths = await this.#snapshot.undo(commit.changes, parent ?? commit.id);
    this.at = parent ?? commit.id;
    if (parent === undefined) this.end = 'beginning';
    else if (!this.#snapshot.covered) {
      for (const path of await this.#snapshot.load(parent)) paths.add(path);
      this.#log.restartAt(parent, this.#snapshot.watched);
    }
    const touched = await this.#update(paths);
    const changed = this.#resolve(touched);
    if (wasReadable === this.#snapshot.readable) return { commit, changed, touched };
    // The configuration began or ceased to parse, which gives or takes ownership of everything.
    return { commit, changed, touched: new Set(this.declarations.keys) };
  }

  /** Returns those of the touched overrides that the commit changed, each with its setting after the commit. */
  #resolve(touched: ReadonlySet<string>): Map<string, Setting | undefined> {
    const changed = new Map<string, Setting | undefined>();
    for (const key of touched) {
      const after = this.declarations.resolved(key);
      if (!sameSetting(after, this.declarations.resolve(key))) changed.set(key, after);
    }
    return changed;
  }

  /** Passes files of the snapshot on to the index. Returns the overrides that this touched. */
  async #update(paths: ReadonlySet<string>): Promise<Set<string>> {
    const touched = new Set<string>();
    for (const path of paths) {
      const blob = this.#snapshot.files.get(path);
      if (blob === undefined) {
        this.declarations.replaceFile(path, [], touched);
        continue;
      }
      const declared = knownFile(this.#source, blob) ?? (await readFile(this.#source, this.at, path, blob));
      this.declarations.replaceFile(path, declared && this.declarations.settingsIn(declared), touched);
    }
    return touched;
  }

  async #findEnd(): Promise<WalkEnd> {
    if (!this.#repo.shallow) return 'beginning';
    const last = await this.#log.oldest(this.#start);
    return last !== undefined && this.#repo.boundary.has(last) ? 'cut off' : 'beginning';
  }
}
