/** Counts what histories met: `faults` by kind and place, everything else by name. */
export class Statistics {
  readonly counts: Record<string, number> = {};

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** Adds the counts of another process. */
  add(counts: Readonly<Record<string, number>>): void {
    for (const [name, by] of Object.entries(counts)) this.count(name, by);
  }
}
