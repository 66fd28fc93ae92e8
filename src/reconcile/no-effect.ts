import { type LiveEnvironment, type LiveFlag, parseContextKey } from './state.js';

/**
 * Why an override changes nothing for any context: its flag is archived, or the fallthrough serves the same variation
 * and nothing else can decide before it.
 */
export type NoEffect = 'archived' | 'fallthrough';

/**
 * Finds the overrides without effect in one environment.
 *
 * A context can consist of several kinds (a user in an organization). If its user is targeted with one variation and its
 * organization with another, removing the first override would make the second decide. So an override only counts as
 * without effect if no context of another kind is, or will be, targeted with a variation that the fallthrough does not
 * serve.
 */
export class NoEffectFinder {
  readonly #environment: string;
  readonly #archived: string[] = [];
  /** Those that select what the fallthrough serves. */
  readonly #same: {
    readonly key: string;
    readonly kind: string;
    readonly flag: LiveFlag;
    readonly config: LiveEnvironment;
    readonly served: number;
  }[] = [];
  /** Per flag: the kinds of contexts that will be targeted with another variation. */
  readonly #planned = new Map<LiveFlag, Set<string>>();

  constructor(environment: string) {
    this.#environment = environment;
  }

  /**
   * Adds an override that is or will be live.
   * @param key its `overrideKey`
   * @param kind of its context
   * @param variation the index that it selects
   */
  add(key: string, kind: string, flag: LiveFlag, variation: number): void {
    const config = flag.environments.get(this.#environment);
    if (flag.state === 'archived') this.#archived.push(key);
    else if (config !== undefined && servesAfterTargets(config, variation)) {
      this.#same.push({ key, kind, flag, config, served: variation });
    } else {
      const kinds = this.#planned.get(flag) ?? new Set<string>();
      this.#planned.set(flag, kinds.add(kind));
    }
  }

  /** The added overrides that have no effect, by `overrideKey`. */
  find(): ReadonlyMap<string, NoEffect> {
    const found = new Map<string, NoEffect>();
    for (const key of this.#archived) found.set(key, 'archived');
    const deciding = new Map<LiveFlag, ReadonlySet<string>>();
    for (const { key, kind, flag, config, served } of this.#same) {
      const kinds = deciding.get(flag) ?? kindsDeciding(config, served, this.#planned.get(flag));
      deciding.set(flag, kinds);
      const others = kinds.has(kind) ? kinds.size - 1 : kinds.size;
      if (others === 0) found.set(key, 'fallthrough');
    }
    return found;
  }
}

/** Whether the fallthrough serves this variation to every context that is not targeted. */
function servesAfterTargets(config: LiveEnvironment, variation: number): boolean {
  const { on, prerequisites, rules, fallthrough } = config;
  return on && prerequisites.length === 0 && rules === 0 && fallthrough === variation;
}

/** The kinds of contexts that are or will be targeted with another variation than the fallthrough serves. */
function kindsDeciding(
  { targets }: LiveEnvironment,
  served: number,
  planned: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const kinds = new Set(planned);
  for (const [context, variation] of targets) {
    if (variation !== served) kinds.add(parseContextKey(context).kind);
  }
  return kinds;
}
