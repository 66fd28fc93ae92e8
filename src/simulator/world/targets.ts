/** The contexts of one kind that are individually targeted to one variation, in the order in which they were added. */
interface TargetGroup {
  readonly kind: string;
  /** Index into the flag's variations. */
  readonly variation: number;
  readonly keys: Set<string>;
}

/** The individual targets of one flag in one environment. A context is in at most one group. */
export class Targets {
  readonly #groups: TargetGroup[];

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
    this.#group(kind, variation).keys.add(key);
    return true;
  }

  /** Removes a context's target. Returns whether there was one. */
  remove(kind: string, key: string): boolean {
    return this.#groups.some((group) => group.kind === kind && group.keys.delete(key));
  }

  /** Removes all targets, or only those of one variation, of one kind, or of one kind and variation. */
  clear({ variation, kind }: { readonly variation?: number; readonly kind?: string }): void {
    for (const group of this.#groups) {
      if ((variation ?? group.variation) === group.variation && (kind ?? group.kind) === group.kind) {
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

  #group(kind: string, variation: number): TargetGroup {
    const found = this.#groups.find((group) => group.kind === kind && group.variation === variation);
    if (found) return found;
    const added = { kind, variation, keys: new Set<string>() };
    this.#groups.push(added);
    return added;
  }
}
