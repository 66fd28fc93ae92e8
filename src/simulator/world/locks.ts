/** The flags that are being written. LaunchDarkly refuses a write that overlaps another of the same flag and environment. */
export class Locks {
  readonly #held = new Map<string, Set<string | undefined>>();

  /**
   * Locks a flag in one environment, or (undefined) in all of them.
   * @returns a function that releases the lock, or undefined if another write holds it
   */
  take(project: string, flag: string, environment: string | undefined): (() => void) | undefined {
    const name = `${project}/${flag}`;
    const held = this.#held.get(name) ?? new Set();
    const taken = environment === undefined ? held.size > 0 : held.has(environment) || held.has(undefined);
    if (taken) return undefined;
    held.add(environment);
    this.#held.set(name, held);
    return () => {
      held.delete(environment);
      if (held.size === 0) this.#held.delete(name);
    };
  }
}
