import { type Paces, pacesOf } from '../../src/reconcile/pace.js';

/** What holds where nobody was asked and nothing is configured. */
export const CAUTIOUS_PACES: Paces = pacesOf({
  seen: {},
  api: 'users',
  rate: { writesPerSecond: null, reserve: 0 },
});
