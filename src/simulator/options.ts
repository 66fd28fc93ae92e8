import type { Quirks } from './api/route.js';
import type { Fault } from './faults/fault.js';
import type { Seed } from './seed/seed.js';
import type { RateLimits } from './server/rate-limits.js';
import type { RecordedRequest } from './server/recording.js';
import type { TlsIdentity } from './tls/identity.js';
import type { WorldSnapshot } from './world/snapshot.js';

export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  /** Serves https with this certificate; http if absent. */
  readonly tls?: TlsIdentity | undefined;
  /** Host names that it answers to in addition to loopback names, for example behind a proxy. */
  readonly hosts?: readonly string[] | undefined;
  /** The initial state: a seed, or the snapshot of another simulator's world. */
  readonly seed?: Seed | WorldSnapshot;
  /** A file that keeps the state. A write is answered only after it is on the disk. */
  readonly stateFile?: string | undefined;
  /** Shorthand for `limits.route`: requests per ten seconds to each route that writes. */
  readonly rateLimit?: number | undefined;
  readonly limits?: RateLimits;
  /**
   * The clock for rate limits, audit log and dates; epoch milliseconds. With another clock than the machine's, targets
   * expire when a request arrives or the clock is moved, and not by themselves.
   */
  readonly clock?: { now(): number };
  /**
   * How long a write takes: milliseconds, or a promise to wait for. Meanwhile other writes of the same flag and
   * environment are refused.
   */
  readonly writeDuration?: number | (() => Promise<void>);
  /** How many requests are kept in `requests`. */
  readonly keepRequests?: number;
  /** Called with each request after it was answered. */
  readonly onAnswered?: ((request: RecordedRequest) => void) | undefined;
  readonly quirks?: Quirks;
  /** `PROJECT/ENVIRONMENT`, or `ENVIRONMENT` in all projects: where changes need an approval. */
  readonly requireApprovals?: readonly string[] | undefined;
  /** Whether `/api/v2/users/...` is served; false behaves as if LaunchDarkly had removed it. Default true. */
  readonly userRoutes?: boolean | undefined;
  /** Faults that are planned from the start. */
  readonly faults?: readonly Fault[];
  /** Seed of the random numbers for faults with a probability. */
  readonly randomSeed?: number | undefined;
}
