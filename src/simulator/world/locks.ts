/** Which flags are being written to. LaunchDarkly refuses a write that overlaps another of the same flag and environment. */
export class Locks {
  readonly #held = new Map<string, Set<string | undefined>>();

  /**
   * Takes the right to write to a flag in one environment, or (undefined) in all of them.
   * Gives back what releases it, or undefined where somebody else is writing.
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
