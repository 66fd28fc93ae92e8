import { setTimeout as delay } from 'node:timers/promises';
import type { Flag, Project } from '../world/model.js';
import { Locks } from '../world/locks.js';
import { conflict } from './errors.js';

/** Makes writes take some time, and refuses writes that overlap. */
export class Writer {
  readonly #locks = new Locks();
  readonly #wait: () => Promise<void>;
  readonly #saved: () => Promise<void>;

  /**
   * @param duration how long a write takes: milliseconds, or a promise to wait for
   * @param saved resolves when every change so far is saved
   */
  constructor(
    duration: number | (() => Promise<void>),
    saved: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#wait = typeof duration === 'function' ? duration : () => pause(duration);
    this.#saved = saved;
  }

  /**
   * Runs a change of a flag in one environment, or (undefined) in all of them.
   * @throws ErrorResponse 409 if another write of the same flag is in progress
   */
  async write<T>(project: Project, flag: Flag, environment: string | undefined, change: () => T): Promise<T> {
    const release = this.#locks.take(project.key, flag.key, environment);
    if (!release) throw conflict();
    try {
      return await this.run(change);
    } finally {
      release();
    }
  }

  /** Runs a change that does not exclude others. */
  async run<T>(change: () => T): Promise<T> {
    await this.#wait();
    try {
      return change();
    } finally {
      await this.#saved();
    }
  }
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds);
}
