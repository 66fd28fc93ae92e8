import { type Setting, splitScopedKey } from '../../reconcile/state.js';
import { mustRun, type Git } from '../git/git.js';
import type { Walk } from './walk.js';

type IsLive = (setting: Setting) => boolean;

/** The questions of the scopes that share a last-applied commit. */
interface Group {
  readonly asked: Map<string, IsLive>;
  /** First-parent commits of HEAD that last-applied does not lead to; undefined without one: all commits count. */
  readonly commits: ReadonlySet<string> | undefined;
}

/** Finds the live overrides that were declared as they are live since their scope was last applied. */
export class OwnershipSearch {
  readonly #open: Set<Group>;
  /** Those that were, by `scopedKey`. */
  readonly declared = new Set<string>();

  private constructor(groups: Iterable<Group>) {
    this.#open = new Set(groups);
  }

  /**
   * @param asked what is live, by `scopedKey`
   * @param lastApplied ids of commits by scope key
   */
  static async of(
    git: Git,
    head: string,
    asked: ReadonlyMap<string, IsLive>,
    lastApplied: ReadonlyMap<string, string>,
  ): Promise<OwnershipSearch> {
    const groups = new Map<string | undefined, Group>();
    for (const [key, isLive] of asked) {
      const commit = lastApplied.get(splitScopedKey(key)[0]);
      const group = groups.get(commit) ?? {
        asked: new Map<string, IsLive>(),
        commits: commit === undefined ? undefined : await commitsSince(git, commit, head),
      };
      groups.set(commit, group);
      group.asked.set(key, isLive);
    }
    return new OwnershipSearch(groups.values());
  }

  /** Whether everything is known. */
  get done(): boolean {
    return this.#open.size === 0;
  }

  /** Whether this is still to be found. */
  isOpen(key: string): boolean {
    return [...this.#open].some((group) => group.asked.has(key));
  }

  /**
   * Looks at the commit where the walk is now.
   *
   * @param touched what may be declared in another way than at the last look; undefined: everything
   * @returns the keys for which it is now known that they were not declared
   */
  inspect(walk: Walk, touched?: ReadonlySet<string>): string[] {
    const not: string[] = [];
    for (const group of this.#open) {
      if (group.commits !== undefined && !group.commits.has(walk.at)) {
        for (const key of group.asked.keys()) not.push(key);
        this.#open.delete(group);
        continue;
      }
      for (const key of touched ?? [...group.asked.keys()]) {
        const setting = walk.owned(key);
        if (setting === undefined || setting.type === 'none' || group.asked.get(key)?.(setting) !== true)
          continue;
        this.declared.add(key);
        group.asked.delete(key);
      }
      if (group.asked.size === 0) this.#open.delete(group);
    }
    return not;
  }
}

/** The commits along HEAD's first parents that another commit does not lead to. */
async function commitsSince(git: Git, commit: string, head: string): Promise<ReadonlySet<string>> {
  const output = await mustRun(git, ['rev-list', '--first-parent', head, `^${commit}`]);
  return new Set(output.toString('latin1').split('\n'));
}
