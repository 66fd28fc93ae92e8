/** What can go wrong between a client and LaunchDarkly. */
export type FaultEffect =
  /** The answer comes `ms` milliseconds later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** The connection breaks before the request has any effect, or after it had and before the answer. */
  | { readonly kind: 'reset-before' | 'reset-after' }
  /**
   * A refusal before the request has any effect: 404, 405 and 410 as for an operation that is not there any more, or
   * a server error; 502 and 503 are not JSON, as from a gateway.
   */
  | { readonly kind: 'status'; readonly status: FaultStatus }
  /** The version in `LD-API-Version` does not have the operation. */
  | { readonly kind: 'api-version'; readonly status: 400 | 406 }
  /** A write is refused as if another one were under way; reads are not touched. */
  | { readonly kind: 'conflict' }
  /** A limit by IP address: 429 with `Retry-After` (seconds) and without the other headers. */
  | { readonly kind: 'ip-limit'; readonly seconds: number }
  /** The body ends half-way, and the connection with it. */
  | { readonly kind: 'truncate' }
  /** The body of a success ends half-way, as if it were whole: it is no JSON. */
  | { readonly kind: 'malformed' }
  /** The body comes in ten pieces, over `ms` milliseconds. */
  | { readonly kind: 'slow-body'; readonly ms: number }
  /** No header tells of any limit. */
  | { readonly kind: 'no-rate-headers' }
  /** The reset times are `ms` milliseconds ago. */
  | { readonly kind: 'past-reset'; readonly ms: number };

/** The statuses that the fault `status` can answer with. */
export const FAULT_STATUSES = [404, 405, 410, 500, 502, 503] as const;
export type FaultStatus = (typeof FAULT_STATUSES)[number];

/** When a fault happens among the requests that it is about. */
export type Occurrence =
  | 'once'
  | 'always'
  /** With the n-th, the 2n-th, and so on. */
  | { readonly every: number }
  /** With each by chance, from 0 to 1; the same in every run that starts from the same number. */
  | { readonly chance: number };

export interface Fault {
  readonly effect: FaultEffect;
  readonly when: Occurrence;
  /** Only requests with this verb. */
  readonly method?: string | undefined;
  /** Only requests of which the path, percent-encoded and without the query, is this; `*` stands for anything. */
  readonly path?: string | undefined;
}
