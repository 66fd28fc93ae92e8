import { randomUUID } from 'node:crypto';
import type { World } from '../world/world.js';

/** Lets a page find out whether it is still current, without having to send it everything again. */
export class Revision {
  /** Differs for each start of the simulator. */
  readonly start: string = randomUUID();
  #count = 0;

  constructor(world: World) {
    const count = (): void => {
      this.#count += 1;
    };
    world.onChange(count);
    world.onReset(count);
  }

  /** Differs after every change. */
  get current(): string {
    return `${this.start}/${this.#count}`;
  }
}
