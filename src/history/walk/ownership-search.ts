import type { Question } from '../../reconcile/ownership.js';
import { splitScopedKey } from '../../reconcile/state.js';
import { listFirstParents } from '../git/ancestry.js';
import type { Git } from '../git/git.js';
import type { Walk } from './walk.js';

type Asked = Pick<Question, 'isLive' | 'isReleased'>;

/** Questions about the scopes that share a last-applied commit. */
interface Group {
  /** Overrides that have not been found yet, by `scopedKey`. */
  readonly asked: Map<string, Asked>;
  /** Those of them that a commit declared already. Older ones do not count for whether they were released. */
  readonly seen: Set<string>;
  /** HEAD's first-parent history without ancestors of last-applied; undefined (all commits) if nothing was applied. */
  readonly commits: ReadonlySet<string> | undefined;
}

/**
 * Finds live overrides that a commit since last-applied declared with the value that is live now. Such an override is
 * ours although last-applied does not declare it: an apply that did not finish may have written it.
 *
 * The search does not walk itself. It inspects each commit that a walk from HEAD reaches.
 */
export class OwnershipSearch {
  readonly #open: Set<Group>;
  /** Overrides that were found, by `scopedKey`. */
  readonly declared = new Set<string>();
  /** Overrides that the newest commit that declared them released, by `scopedKey`. */
  readonly released = new Set<string>();

  private constructor(groups: Iterable<Group>) {
    this.#open = new Set(groups);
  }

  /**
   * @param asked by `scopedKey`, with what a setting that was declared once means for each
   * @param lastApplied ids of commits by scope key
   */
  static async of(
    git: Git,
    head: string,
    asked: ReadonlyMap<string, Asked>,
    lastApplied: ReadonlyMap<string, string>,
  ): Promise<OwnershipSearch> {
    const groups = new Map<string | undefined, Group>();
    for (const [key, question] of asked) {
      const commit = lastApplied.get(splitScopedKey(key)[0]);
      const group = groups.get(commit) ?? {
        asked: new Map<string, Asked>(),
        seen: new Set<string>(),
        commits: commit === undefined ? undefined : new Set(await listFirstParents(git, head, [commit])),
      };
      groups.set(commit, group);
      group.asked.set(key, question);
    }
    return new OwnershipSearch(groups.values());
  }

  /** Whether there is nothing left to find. */
  get done(): boolean {
    return this.#open.size === 0;
  }

  /** Whether the search for this override continues. */
  isOpen(key: string): boolean {
    return [...this.#open].some((group) => group.asked.has(key));
  }

  /**
   * Inspects the commit that the walk has reached.
   *
   * @param touched overrides that may be declared differently than at the last commit inspected; undefined: all
   * @returns the overrides now known not to have been declared, because the walk has reached last-applied
   */
  inspect(walk: Walk, touched?: ReadonlySet<string>): string[] {
    const notDeclared: string[] = [];
    for (const group of this.#open) {
      if (group.commits !== undefined && !group.commits.has(walk.at)) {
        for (const key of group.asked.keys()) notDeclared.push(key);
        this.#open.delete(group);
        continue;
      }
      for (const key of touched ?? [...group.asked.keys()]) {
        const question = group.asked.get(key);
        const setting = question && walk.owned(key);
        if (setting === undefined || setting.type === 'none') continue;
        const isReleased = !group.seen.has(key) && question?.isReleased?.(setting) === true;
        group.seen.add(key);
        if (!isReleased && question?.isLive?.(setting) !== true) continue;
        (isReleased ? this.released : this.declared).add(key);
        group.asked.delete(key);
      }
      if (group.asked.size === 0) this.#open.delete(group);
    }
    return notDeclared;
  }
}
