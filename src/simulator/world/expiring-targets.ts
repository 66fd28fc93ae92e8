import type { Targets } from './targets.js';

/** The date at which one individual target is to be removed. */
export interface ExpiringTarget {
  readonly kind: string;
  readonly key: string;
  /** Index of the variation that the context is targeted to. */
  readonly variation: number;
  /** Epoch milliseconds. */
  readonly date: number;
  /** Starts at 1 and increases with each change of the date. */
  readonly version: number;
}

/** The expiring targets of one flag in one environment. A context has at most one date. */
export class ExpiringTargets {
  readonly #dates: Map<string, ExpiringTarget>;

  constructor(dates: Iterable<ExpiringTarget> = []) {
    this.#dates = new Map([...dates].map((one) => [name(one.kind, one.key), one]));
  }

  /** All of them, in the order in which they were added. */
  list(): readonly ExpiringTarget[] {
    return [...this.#dates.values()];
  }

  get(kind: string, key: string): ExpiringTarget | undefined {
    return this.#dates.get(name(kind, key));
  }

  set(one: ExpiringTarget): void {
    this.#dates.set(name(one.kind, one.key), one);
  }

  remove(kind: string, key: string): void {
    this.#dates.delete(name(kind, key));
  }

  /** Removes the dates of contexts that are no longer targeted to the variation for which the date was set. */
  prune(targets: Targets): void {
    for (const { kind, key, variation } of this.#dates.values()) {
      if (targets.variationOf(kind, key) !== variation) this.remove(kind, key);
    }
  }

  /** The earliest date, epoch milliseconds; `Infinity` if there is none. */
  earliest(): number {
    let earliest = Infinity;
    for (const { date } of this.#dates.values()) earliest = Math.min(earliest, date);
    return earliest;
  }

  equals(other: ExpiringTargets): boolean {
    return (
      this.#dates.size === other.#dates.size &&
      this.list().every((one) => {
        const found = other.get(one.kind, one.key);
        return found?.variation === one.variation && found.date === one.date && found.version === one.version;
      })
    );
  }

  clone(): ExpiringTargets {
    return new ExpiringTargets(this.#dates.values());
  }
}

/** A kind contains no line break. */
function name(kind: string, key: string): string {
  return `${kind}\n${key}`;
}
