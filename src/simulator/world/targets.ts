/** The contexts of one kind that are individually targeted to one variation, in the order in which they were added. */
interface TargetGroup {
  readonly kind: string;
  /** Index into the flag's variations. */
  readonly variation: number;
  readonly keys: Set<string>;
}

/** A context whose target changed: the indexes of its variations, absent for none. */
export interface TargetDelta {
  readonly kind: string;
  readonly key: string;
  readonly before?: number;
  readonly after?: number;
}

/** The individual targets of one flag in one environment. A context is in at most one group. */
export class Targets {
  readonly #groups: TargetGroup[];
  /** What `takeDeltas` returns next: the contexts that were touched, with the variation that each of them had. */
  readonly #touched = new Map<string, TargetDelta>();

  constructor(groups: TargetGroup[] = []) {
    this.#groups = groups;
  }

  /** The non-empty groups, oldest first. */
  groups(): readonly TargetGroup[] {
    return this.#groups.filter((group) => group.keys.size > 0);
  }

  /** Index of the variation that a context is targeted to. */
  variationOf(kind: string, key: string): number | undefined {
    return this.#groups.find((group) => group.kind === kind && group.keys.has(key))?.variation;
  }

  /** Targets a context to a variation instead of any other. Returns whether that changed anything. */
  set(kind: string, key: string, variation: number): boolean {
    if (this.variationOf(kind, key) === variation) return false;
    this.remove(kind, key);
    this.#touch(kind, key, undefined);
    this.#group(kind, variation).keys.add(key);
    return true;
  }

  /** Removes a context's target. Returns whether there was one. */
  remove(kind: string, key: string): boolean {
    return this.#groups.some((group) => {
      if (group.kind !== kind || !group.keys.delete(key)) return false;
      this.#touch(kind, key, group.variation);
      return true;
    });
  }

  /** Removes all targets, or only those of one variation, of one kind, or of one kind and variation. */
  clear({ variation, kind }: { readonly variation?: number; readonly kind?: string }): void {
    for (const group of this.#groups) {
      if ((variation ?? group.variation) === group.variation && (kind ?? group.kind) === group.kind) {
        for (const key of group.keys) this.#touch(group.kind, key, group.variation);
        group.keys.clear();
      }
    }
  }

  /** Whether both target the same contexts to the same variations, in any order. */
  equals(other: Targets): boolean {
    const size = (targets: Targets): number => targets.groups().reduce((sum, { keys }) => sum + keys.size, 0);
    return (
      size(this) === size(other) &&
      this.#groups.every(({ kind, variation, keys }) =>
        [...keys].every((key) => other.variationOf(kind, key) === variation),
      )
    );
  }

  clone(): Targets {
    return new Targets(this.#groups.map((group) => ({ ...group, keys: new Set(group.keys) })));
  }

  /** These targets as a change of others, so that `takeDeltas` returns the difference. */
  insteadOf(others: Targets): Targets {
    const result = others.clone();
    result.clear({});
    for (const { kind, variation, keys } of this.groups()) {
      for (const key of keys) result.set(kind, key, variation);
    }
    return result;
  }

  /** What changed since the last call, or since the targets were made. */
  takeDeltas(): readonly TargetDelta[] {
    const deltas = [...this.#touched.values()].flatMap(({ kind, key, before }) => {
      const after = this.variationOf(kind, key);
      if (before === after) return [];
      return {
        kind,
        key,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
    });
    this.#touched.clear();
    return deltas;
  }

  #touch(kind: string, key: string, before: number | undefined): void {
    const id = `${kind}\n${key}`;
    if (!this.#touched.has(id))
      this.#touched.set(id, { kind, key, ...(before === undefined ? {} : { before }) });
  }

  #group(kind: string, variation: number): TargetGroup {
    const found = this.#groups.find((group) => group.kind === kind && group.variation === variation);
    if (found) return found;
    const added = { kind, variation, keys: new Set<string>() };
    this.#groups.push(added);
    return added;
  }
}
