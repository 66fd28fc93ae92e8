import { type Paces, pacesOf } from '../../src/reconcile/pace.js';

/** The default paces, before LaunchDarkly has reported any limit. */
export const CAUTIOUS_PACES: Paces = pacesOf({
  seen: {},
  api: 'users',
  rate: { writesPerSecond: null, reserve: 0 },
});
