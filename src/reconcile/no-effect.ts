import { type LiveFlag, type OverrideId, overrideKey, parseContextKey } from './state.js';

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
  /** What each flag serves after its targets; undefined if that is not one variation for every context. */
  readonly #served = new Map<LiveFlag, number | undefined>();
  /** Per flag: the kinds of contexts that will be targeted with another variation. */
  readonly #planned = new Map<LiveFlag, Set<string>>();
  readonly #archived: OverrideId[] = [];
  readonly #same: { readonly flag: LiveFlag; readonly id: OverrideId }[] = [];

  constructor(environment: string) {
    this.#environment = environment;
  }

  /** Adds an override that is or will be live, and the index of its variation. */
  add(flag: LiveFlag, id: OverrideId, variation: number): void {
    if (flag.state === 'archived') {
      this.#archived.push(id);
      return;
    }
    const served = this.#servedBy(flag);
    if (served === undefined) return;
    if (variation === served) this.#same.push({ flag, id });
    else this.#kindsPlanned(flag).add(id.kind);
  }

  /** The added overrides that have no effect, by `overrideKey`. */
  find(): ReadonlyMap<string, NoEffect> {
    const found = new Map<string, NoEffect>();
    for (const id of this.#archived) found.set(overrideKey(id), 'archived');
    const deciding = new Map<LiveFlag, ReadonlySet<string>>();
    for (const { flag, id } of this.#same) {
      const kinds = deciding.get(flag) ?? this.#kindsDeciding(flag);
      deciding.set(flag, kinds);
      if (kinds.size === 0 || (kinds.size === 1 && kinds.has(id.kind))) {
        found.set(overrideKey(id), 'fallthrough');
      }
    }
    return found;
  }

  #servedBy(flag: LiveFlag): number | undefined {
    if (this.#served.has(flag)) return this.#served.get(flag);
    const served = servedAfterTargets(flag, this.#environment);
    this.#served.set(flag, served);
    return served;
  }

  #kindsPlanned(flag: LiveFlag): Set<string> {
    const kinds = this.#planned.get(flag) ?? new Set<string>();
    this.#planned.set(flag, kinds);
    return kinds;
  }

  /** The kinds of contexts that are or will be targeted with another variation than the fallthrough serves. */
  #kindsDeciding(flag: LiveFlag): ReadonlySet<string> {
    const kinds = new Set(this.#planned.get(flag));
    const served = this.#servedBy(flag);
    for (const [context, variation] of flag.environments.get(this.#environment)?.targets ?? []) {
      if (variation !== served) kinds.add(parseContextKey(context).kind);
    }
    return kinds;
  }
}

/** The variation that the fallthrough serves to every context that is not targeted; undefined if other things decide. */
function servedAfterTargets(flag: LiveFlag, environment: string): number | undefined {
  const config = flag.environments.get(environment);
  if (!config?.on || config.prerequisites.length > 0 || config.rules > 0) return undefined;
  return config.fallthrough.type === 'variation' ? config.fallthrough.variation : undefined;
}
