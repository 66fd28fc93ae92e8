import type { FaultEffect } from '../../../src/simulator/faults/fault.js';

/** Every kind of fault that the simulator knows, with an example of it. */
const EFFECTS = {
  latency: { kind: 'latency', ms: 3 },
  'reset-before': { kind: 'reset-before' },
  'reset-after': { kind: 'reset-after' },
  status: { kind: 'status', status: 503 },
  'status-after': { kind: 'status-after', status: 502 },
  late: { kind: 'late', ms: 2 },
  'api-version': { kind: 'api-version', status: 406 },
  conflict: { kind: 'conflict' },
  'ip-limit': { kind: 'ip-limit', seconds: 1 },
  truncate: { kind: 'truncate' },
  malformed: { kind: 'malformed' },
  'slow-body': { kind: 'slow-body', ms: 10 },
  'no-rate-headers': { kind: 'no-rate-headers' },
  'past-reset': { kind: 'past-reset', ms: 60_000 },
} as const satisfies { readonly [Kind in FaultEffect['kind']]: FaultEffect & { readonly kind: Kind } };

export type FaultKind = keyof typeof EFFECTS;

export const FAULTS = Object.keys(EFFECTS) as FaultKind[];

export function effectOf(kind: FaultKind): FaultEffect {
  return EFFECTS[kind];
}

/**
 * The places of a run. At the first and the last, git is used and not LaunchDarkly: there every kind of fault is the same, a
 * remote that does not exist and a ref that is locked.
 */
export const PLACES = [
  'fetch refs',
  'read flags page',
  'write 1',
  'write n',
  'look up',
  'read back',
  'record',
] as const;
