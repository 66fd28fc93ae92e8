import { ApiError } from './http/api-error.js';
import type { Clock } from './clock.js';
import { routeKnownRemoved, routeRemoved } from './http/explain.js';
import { mayMeanRouteRemoved } from './removed-route.js';

/** The endpoint for kind `user`, as `api` of the configuration has it. */
export type UserApi = 'auto' | 'users' | 'contexts';

/** What is known about a host's user route beyond one process. Epoch milliseconds. */
export interface UserRouteMemory {
  /** When the route was last found to be gone, or undefined. */
  readonly goneAt: () => number | undefined;
  readonly remember: (goneAt: number) => void;
}

/** One write for a context of kind `user`, by either route. */
export interface UserWrite {
  readonly users: () => Promise<void>;
  readonly contexts: () => Promise<void>;
  /** Whether a 404 can only mean the route: there is such a flag, and nothing in the key leads paths astray. */
  readonly flagExists: () => Promise<boolean>;
}

export interface UserRouteOptions {
  readonly api: UserApi;
  readonly clock: Clock;
  readonly memory: UserRouteMemory | undefined;
}

/** How long it is remembered that the route is gone, milliseconds: a day, in case LaunchDarkly brings it back. */
const REMEMBERED = 24 * 60 * 60 * 1000;

/** What to do if the user route is gone. */
interface Policy {
  /** Handles a write without the user route; undefined if that route is to be asked. */
  readonly instead: (write: UserWrite) => Promise<void> | undefined;
  /** Handles a write that the user route refused as if it were gone; no other write starts meanwhile. */
  readonly refused: (write: UserWrite, error: ApiError) => Promise<void>;
}

/**
 * Gives the function that makes one write for a context of kind `user`. It throws as `Api.put` does; with `api: users`
 * also OperatorError `route-removed`, and `route-known-removed` for every write after that.
 */
export function openUserRoute({ api, clock, memory }: UserRouteOptions): (write: UserWrite) => Promise<void> {
  if (api === 'contexts') return (write) => write.contexts();
  const route = new UserRoute(api === 'auto' ? new FallBack(clock, memory) : new Refuse());
  return (write) => route.put(write);
}

/** The route that writes for users are expected to take, for estimates: no request is made to find out. */
export function expectedUserRoute(
  api: UserApi,
  memory: UserRouteMemory,
  now: number,
): Exclude<UserApi, 'auto'> {
  if (api !== 'auto') return api;
  return isRecent(memory.goneAt(), now) ? 'contexts' : 'users';
}

/** Whether the route counts as gone. A time in the future was written by a wrong clock, and does not count. */
function isRecent(goneAt: number | undefined, now: number): boolean {
  return goneAt !== undefined && goneAt <= now && now < goneAt + REMEMBERED;
}

/**
 * Asks the user route. As long as nothing is known about it, and whenever it refuses as if it were gone, one write
 * goes ahead and the others wait for what it finds out: they would only be refused as well.
 */
class UserRoute {
  readonly #policy: Policy;
  /** Settles when the write that goes ahead is through; never rejects. */
  #ahead: Promise<void> | undefined;
  #isKnown = false;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  async put(write: UserWrite): Promise<void> {
    let refusal: ApiError | undefined;
    for (;;) {
      if (this.#ahead !== undefined) {
        await this.#ahead;
        continue;
      }
      // There is no `await` between this check and `#goAhead`, so only one write can go ahead.
      const instead = this.#policy.instead(write);
      if (instead !== undefined) return instead;
      if (refusal !== undefined) return this.#goAhead(this.#policy.refused(write, refusal));
      if (!this.#isKnown) return this.#goAhead(this.#first(write));
      refusal = await ask(write);
      if (refusal === undefined) return undefined;
    }
  }

  async #first(write: UserWrite): Promise<void> {
    let refusal: ApiError | undefined;
    try {
      refusal = await ask(write);
    } finally {
      // Any other answer, or none, is no sign that the route is gone.
      this.#isKnown = refusal === undefined;
    }
    if (refusal !== undefined) await this.#policy.refused(write, refusal);
  }

  #goAhead(work: Promise<void>): Promise<void> {
    this.#ahead = this.#end(work);
    return work;
  }

  async #end(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch {
      // The caller of `put` gets it.
    } finally {
      this.#ahead = undefined;
    }
  }
}

/** Sends a write to the user route. Gives the refusal if that may mean that the route is gone, else throws. */
async function ask(write: UserWrite): Promise<ApiError | undefined> {
  try {
    await write.users();
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && mayMeanRouteRemoved(error)) return error;
    throw error;
  }
}

/** Writes that both routes may refuse before some go to the successor alone. */
const DOUBTS = 3;

/** The most writes that go to the successor alone before the user route is asked again. */
const MOST_DIRECT = 64;

/** Sends the same write to the successor (`api: auto`). */
class FallBack implements Policy {
  readonly #clock: Clock;
  readonly #memory: UserRouteMemory | undefined;
  #goneAt: number | undefined;
  #hasLooked = false;
  /** Writes that both routes refused, which proves nothing about either. */
  #doubts = 0;
  /** Writes that go to the successor next, without asking the user route. */
  #direct = 0;

  constructor(clock: Clock, memory: UserRouteMemory | undefined) {
    this.#clock = clock;
    this.#memory = memory;
  }

  readonly instead = (write: UserWrite): Promise<void> | undefined => {
    if (this.#isGone()) return write.contexts();
    if (this.#direct === 0) return undefined;
    this.#direct -= 1;
    return write.contexts();
  };

  readonly refused = async (write: UserWrite): Promise<void> => {
    try {
      await write.contexts();
    } catch (error) {
      this.#doubt();
      throw error;
    }
    this.#goneAt = this.#clock.now();
    this.#memory?.remember(this.#goneAt);
  };

  #isGone(): boolean {
    if (!this.#hasLooked) {
      this.#hasLooked = true;
      this.#goneAt = this.#memory?.goneAt();
    }
    return isRecent(this.#goneAt, this.#clock.now());
  }

  /**
   * Asking both routes again and again would double the requests of a run in which every change is refused. What the
   * successor says decides in any case, so it is the user route that is left out: for 2 writes after the fourth such
   * refusal, then 4, 8 and so on up to 64. A thousand refusals cost some 25 requests more.
   */
  #doubt(): void {
    this.#doubts += 1;
    if (this.#doubts > DOUBTS) this.#direct = Math.min(2 ** (this.#doubts - DOUBTS), MOST_DIRECT);
  }
}

/** Takes no other route, and reports once that the user route is gone (`api: users`). */
class Refuse implements Policy {
  #removed: ApiError | undefined;

  readonly instead = (): Promise<void> | undefined =>
    this.#removed === undefined ? undefined : Promise.reject(routeKnownRemoved(this.#removed));

  readonly refused = async (write: UserWrite, error: ApiError): Promise<void> => {
    if (error.status === 404 && !(await write.flagExists())) throw error;
    this.#removed = error;
    throw routeRemoved(error);
  };
}
