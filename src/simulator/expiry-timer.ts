import type { World } from './world/world.js';

/** The longest delay of a timer in Node, milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Removes targets when they expire. Without it they are removed by the next request, and the streams of SDKs would not
 * see the change before that.
 */
export class ExpiryTimer {
  readonly #world: World;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #isRunning = false;

  constructor(world: World) {
    this.#world = world;
    world.onChange(() => this.#arm());
    world.onReset(() => this.#arm());
  }

  /** Removes what has already expired, and waits for the next target to expire. Call it after the clock was moved. */
  start(): void {
    this.stop();
    this.#isRunning = true;
    this.#world.expireTargets();
    this.#arm();
  }

  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#armedFor = Infinity;
  }

  #arm(): void {
    const next = this.#world.earliestExpiry;
    if (!this.#isRunning || next === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = next;
    if (!Number.isFinite(next)) return;
    const delay = Math.min(LONGEST, Math.max(0, next - this.#world.now()));
    this.#timer = setTimeout(() => this.start(), delay).unref();
  }
}
