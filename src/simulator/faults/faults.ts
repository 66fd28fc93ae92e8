import { wildcard } from '../wildcard.js';
import type { Fault, FaultEffect } from './fault.js';
import { seededRandom } from './random.js';

interface Planned {
  readonly id: number;
  readonly fault: Fault;
  readonly isAbout: (method: string, path: string) => boolean;
  /** How many requests it was about so far. */
  seen: number;
}

/** The faults that are planned, in the order in which they were. */
export class Faults {
  #planned: readonly Planned[] = [];
  #nextId = 1;
  readonly #random: () => number;

  /** @param seed where chance starts from; the same number gives the same faults for the same requests */
  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  /** Plans a fault. Gives back its number. */
  add(fault: Fault): number {
    const id = this.#nextId;
    this.#nextId += 1;
    const matches = wildcard(fault.path ?? '*');
    const method = fault.method?.toUpperCase();
    this.#planned = [
      ...this.#planned,
      { id, fault, seen: 0, isAbout: (verb, path) => (method ?? verb) === verb && matches(path) },
    ];
    return id;
  }

  /** Tells whether there was one of that number. */
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

  /** What goes wrong with one request. What happens once is spent by it. */
  match(method: string, path: string): readonly FaultEffect[] {
    return this.#planned
      .filter((planned) => planned.isAbout(method, path) && this.#happens(planned))
      .map(({ fault }) => fault.effect);
  }

  #happens(planned: Planned): boolean {
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
