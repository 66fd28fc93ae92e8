/** The faults that can occur between a client and LaunchDarkly. */
export type FaultEffect =
  /** The response is delayed by `ms` milliseconds. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** The connection breaks before the request takes effect, or after it took effect and before the response. */
  | { readonly kind: 'reset-before' | 'reset-after' }
  /**
   * A refusal before the request takes effect: 404, 405 and 410 as for an operation that no longer exists, or a server
   * error. 502 and 503 are HTML, as from a gateway.
   */
  | { readonly kind: 'status'; readonly status: FaultStatus }
  /** A server error after the request took effect. */
  | { readonly kind: 'status-after'; readonly status: LateFaultStatus }
  /** The connection breaks at once, and the request takes effect `ms` milliseconds later. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The API version in `LD-API-Version` does not have the operation. */
  | { readonly kind: 'api-version'; readonly status: 400 | 406 }
  /** A write is refused as if another one were in progress. Reads are not affected. */
  | { readonly kind: 'conflict' }
  /** A limit by IP address: 429 with `Retry-After` (seconds) and without the other headers. */
  | { readonly kind: 'ip-limit'; readonly seconds: number }
  /** The body ends half-way, and the connection with it. */
  | { readonly kind: 'truncate' }
  /** The body of a success is cut in half but sent as if complete, so it is not valid JSON. */
  | { readonly kind: 'malformed' }
  /** The body is sent in ten pieces over `ms` milliseconds. */
  | { readonly kind: 'slow-body'; readonly ms: number }
  /** The response has no headers about rate limits. */
  | { readonly kind: 'no-rate-headers' }
  /** The reset times in the headers are `ms` milliseconds in the past. */
  | { readonly kind: 'past-reset'; readonly ms: number };

/** The possible statuses of the fault `status`. */
export const FAULT_STATUSES = [404, 405, 410, 500, 502, 503] as const;
export type FaultStatus = (typeof FAULT_STATUSES)[number];

/** The possible statuses of the fault `status-after`. */
export const LATE_FAULT_STATUSES = [500, 502, 503] as const;
export type LateFaultStatus = (typeof LATE_FAULT_STATUSES)[number];

/** Which of the requests that match a fault are affected. */
export type Occurrence =
  | 'once'
  | 'always'
  /** The n-th, the 2n-th, and so on. */
  | { readonly every: number }
  /** Each with this probability, from 0 to 1. The same random seed gives the same result in every run. */
  | { readonly chance: number };

export interface Fault {
  readonly effect: FaultEffect;
  readonly when: Occurrence;
  /** Only requests with this method. */
  readonly method?: string | undefined;
  /** Only requests whose path, percent-encoded and without the query, matches; `*` matches any characters. */
  readonly path?: string | undefined;
}
