import { wildcard } from '../wildcard.js';
import type { Fault, FaultEffect } from './fault.js';
import { seededRandom } from './random.js';

interface PlannedFault {
  readonly id: number;
  readonly fault: Fault;
  readonly matches: (method: string, path: string) => boolean;
  /** How many requests have matched so far. */
  seen: number;
}

/** The planned faults, oldest first. */
export class Faults {
  #planned: readonly PlannedFault[] = [];
  #nextId = 1;
  readonly #random: () => number;

  /** @param seed of the random numbers: the same seed gives the same faults for the same requests */
  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  /** Plans a fault. Returns its id. */
  add(fault: Fault): number {
    const id = this.#nextId;
    this.#nextId += 1;
    const matchesPath = wildcard(fault.path ?? '*');
    const only = fault.method?.toUpperCase();
    this.#planned = [
      ...this.#planned,
      { id, fault, seen: 0, matches: (method, path) => (only ?? method) === method && matchesPath(path) },
    ];
    return id;
  }

  /** Removes a fault. Returns whether there was one with this id. */
  remove(id: number): boolean {
    const before = this.#planned.length;
    this.#planned = this.#planned.filter((planned) => planned.id !== id);
    return this.#planned.length < before;
  }

  clear(): void {
    this.#planned = [];
  }

  list(): readonly { readonly id: number; readonly fault: Fault }[] {
    return this.#planned.map(({ id, fault }) => ({ id, fault }));
  }

  /** The effects of all faults on one request. Faults that happen once are removed. */
  match(method: string, path: string): readonly FaultEffect[] {
    return this.#planned
      .filter((planned) => planned.matches(method, path) && this.#happens(planned))
      .map(({ fault }) => fault.effect);
  }

  #happens(planned: PlannedFault): boolean {
    const { when } = planned.fault;
    planned.seen += 1;
    if (when === 'always') return true;
    if (when === 'once') {
      this.remove(planned.id);
      return true;
    }
    if ('every' in when) return planned.seen % when.every === 0;
    return this.#random() < when.chance;
  }
}
