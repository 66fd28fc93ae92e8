import { ApiError } from './http/api-error.js';
import type { Clock } from './clock.js';
import { routeKnownRemoved, routeRemoved } from './http/explain.js';

/** The endpoint for contexts of kind `user`: `api` of the configuration. */
export type UserApi = 'auto' | 'users' | 'contexts';

/** What is known about a host's user route from earlier runs. Times are epoch milliseconds. */
export interface UserRouteMemory {
  /** When a run last found the route gone, or undefined. */
  readonly goneAt: () => number | undefined;
  readonly remember: (goneAt: number) => void;
}

/** One write for a context of kind `user`, over either route. */
export interface UserWrite {
  readonly users: () => Promise<void>;
  readonly contexts: () => Promise<void>;
  /** Whether a 404 can only mean that the route is gone: the flag exists, and the key is unambiguous in a path. */
  readonly flagExists: () => Promise<boolean>;
}

export interface UserRouteOptions {
  readonly api: UserApi;
  readonly clock: Clock;
  readonly memory: UserRouteMemory | undefined;
}

/** How long a removed route is remembered, in milliseconds: a day, in case LaunchDarkly restores it. */
const REMEMBERED = 24 * 60 * 60 * 1000;

/** What to do if the user route is gone. */
interface RemovalPolicy {
  /** Makes the write without the user route, or returns undefined if that route should be tried. */
  readonly bypass: (write: UserWrite) => Promise<void> | undefined;
  /** Handles a write after a refusal that may mean that the route is gone. No other write starts in the meantime. */
  readonly handleRefusal: (write: UserWrite, error: ApiError) => Promise<void>;
}

/**
 * Returns the function that makes one write for a context of kind `user`. It throws as `Api.put` does; with `api: users`
 * also OperatorError `route-removed`, and `route-known-removed` for each write after that.
 */
export function openUserRoute({ api, clock, memory }: UserRouteOptions): (write: UserWrite) => Promise<void> {
  if (api === 'contexts') return (write) => write.contexts();
  const route = new UserRoute(
    api === 'auto' ? new FallBackToContexts(clock, memory) : new FailWithoutRoute(),
  );
  return (write) => route.put(write);
}

/** The route that writes for kind `user` will probably take, for estimates. Makes no request. */
export function expectedUserRoute(
  api: UserApi,
  memory: UserRouteMemory,
  now: number,
): Exclude<UserApi, 'auto'> {
  if (api !== 'auto') return api;
  return isRecent(memory.goneAt(), now) ? 'contexts' : 'users';
}

/** Whether `goneAt` is less than a day ago. A time in the future comes from a wrong clock and does not count. */
function isRecent(goneAt: number | undefined, now: number): boolean {
  return goneAt !== undefined && goneAt <= now && now < goneAt + REMEMBERED;
}

/**
 * Writes over the user route. While nothing is known about it, and after each refusal that may mean that it is gone, one
 * write goes ahead and the others wait for its result, because they would only be refused as well.
 */
class UserRoute {
  readonly #policy: RemovalPolicy;
  /** Resolves when the write that goes ahead is finished; never rejects. */
  #leader: Promise<void> | undefined;
  /** Whether the route has accepted a write or refused it for another reason. */
  #isAvailable = false;

  constructor(policy: RemovalPolicy) {
    this.#policy = policy;
  }

  async put(write: UserWrite): Promise<void> {
    let refusal: ApiError | undefined;
    for (;;) {
      if (this.#leader !== undefined) {
        await this.#leader;
        continue;
      }
      // There is no `await` between this check and `#lead`, so only one write can go ahead.
      const bypass = this.#policy.bypass(write);
      if (bypass !== undefined) return bypass;
      if (refusal !== undefined) return this.#lead(this.#policy.handleRefusal(write, refusal));
      if (!this.#isAvailable) return this.#lead(this.#first(write));
      refusal = await tryUserRoute(write);
      if (refusal === undefined) return undefined;
    }
  }

  async #first(write: UserWrite): Promise<void> {
    let refusal: ApiError | undefined;
    try {
      refusal = await tryUserRoute(write);
    } finally {
      // Any other error does not suggest that the route is gone.
      this.#isAvailable = refusal === undefined;
    }
    if (refusal !== undefined) await this.#policy.handleRefusal(write, refusal);
  }

  #lead(work: Promise<void>): Promise<void> {
    this.#leader = this.#untilFinished(work);
    return work;
  }

  async #untilFinished(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch {
      // The caller of `put` handles the error.
    } finally {
      this.#leader = undefined;
    }
  }
}

/** Sends a write over the user route. Returns a refusal that may mean that the route is gone; throws other errors. */
async function tryUserRoute(write: UserWrite): Promise<ApiError | undefined> {
  try {
    await write.users();
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && mayMeanRouteRemoved(error)) return error;
    throw error;
  }
}

/**
 * Whether a refusal may mean that LaunchDarkly no longer serves the route. It does not prove it: a 404 may also mean an
 * unknown flag, a 405 a required approval, and LaunchDarkly does not document how it refuses a removed route.
 */
export function mayMeanRouteRemoved(error: ApiError): boolean {
  const words = `${error.code} ${error.detail}`;
  switch (error.status) {
    case 404:
    case 410:
      return true;
    case 405:
      return !/approv/i.test(words);
    case 400:
    case 406:
      // The version in LD-API-Version does not have the route, or is no longer supported.
      return /(?:^|[^a-z])versions?(?:$|[^a-z])/i.test(words);
    default:
      return false;
  }
}

/** How many writes both routes may refuse before some skip the user route. */
const MAX_DOUBTS = 3;

/** The most writes that skip the user route before it is tried again. */
const MAX_SKIPPED = 64;

/** Makes the same write over the context route instead (`api: auto`). */
class FallBackToContexts implements RemovalPolicy {
  readonly #clock: Clock;
  readonly #memory: UserRouteMemory | undefined;
  #goneAt: number | undefined;
  #hasReadMemory = false;
  /** How many writes both routes refused, which proves nothing about either. */
  #doubts = 0;
  /** How many of the next writes skip the user route. */
  #toSkip = 0;

  constructor(clock: Clock, memory: UserRouteMemory | undefined) {
    this.#clock = clock;
    this.#memory = memory;
  }

  readonly bypass = (write: UserWrite): Promise<void> | undefined => {
    if (this.#isGone()) return write.contexts();
    if (this.#toSkip === 0) return undefined;
    this.#toSkip -= 1;
    return write.contexts();
  };

  readonly handleRefusal = async (write: UserWrite): Promise<void> => {
    try {
      await write.contexts();
    } catch (error) {
      this.#recordDoubt();
      throw error;
    }
    this.#goneAt = this.#clock.now();
    this.#memory?.remember(this.#goneAt);
  };

  #isGone(): boolean {
    if (!this.#hasReadMemory) {
      this.#hasReadMemory = true;
      this.#goneAt = this.#memory?.goneAt();
    }
    return isRecent(this.#goneAt, this.#clock.now());
  }

  /**
   * Trying both routes each time would double the requests of a run in which every change is refused. The context route
   * decides in any case, so the user route is skipped: for 2 writes after the fourth such refusal, then 4, 8 and so on
   * up to 64. A thousand refusals then cost about 25 extra requests.
   */
  #recordDoubt(): void {
    this.#doubts += 1;
    if (this.#doubts > MAX_DOUBTS) this.#toSkip = Math.min(2 ** (this.#doubts - MAX_DOUBTS), MAX_SKIPPED);
  }
}

/** Uses no other route, and reports once that the user route is gone (`api: users`). */
class FailWithoutRoute implements RemovalPolicy {
  #removed: ApiError | undefined;

  readonly bypass = (): Promise<void> | undefined =>
    this.#removed === undefined ? undefined : Promise.reject(routeKnownRemoved(this.#removed));

  readonly handleRefusal = async (write: UserWrite, error: ApiError): Promise<void> => {
    if (error.status === 404 && !(await write.flagExists())) throw error;
    this.#removed = error;
    throw routeRemoved(error);
  };
}
