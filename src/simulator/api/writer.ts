import { setTimeout as delay } from 'node:timers/promises';
import type { Flag, Project } from '../world/model.js';
import { Locks } from '../world/locks.js';
import { conflict } from './errors.js';

/** Makes writes take a little time, and refuses those that overlap. */
export class Writer {
  readonly #locks = new Locks();
  readonly #pass: () => Promise<void>;
  readonly #settled: () => Promise<void>;

  /**
   * @param duration how long a write takes: milliseconds, or what it waits for
   * @param settled resolves when everything that was changed until now is kept safe
   */
  constructor(
    duration: number | (() => Promise<void>),
    settled: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#pass = typeof duration === 'function' ? duration : () => pause(duration);
    this.#settled = settled;
  }

  /**
   * Runs a change of a flag in one environment, or (undefined) in all of them.
   * @throws ErrorResponse 409 where another write of the same flag is under way
   */
  async write<T>(project: Project, flag: Flag, environment: string | undefined, change: () => T): Promise<T> {
    const release = this.#locks.take(project.key, flag.key, environment);
    if (!release) throw conflict();
    try {
      await this.#pass();
      const result = change();
      await this.#settled();
      return result;
    } finally {
      release();
    }
  }
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds);
}
