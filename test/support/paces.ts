import type { Pace, Paces } from '../../src/reconcile/pace.js';

const ASSUMED: Pace = { writes: 5, seconds: 10, basis: 'assumed' };

/** The default paces, before LaunchDarkly has reported any limit. */
export const CAUTIOUS_PACES: Paces = { users: ASSUMED, contexts: ASSUMED, patches: ASSUMED, dates: ASSUMED };
