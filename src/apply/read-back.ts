import type { FlagReader } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';

/** What reading back needs. */
export interface ReadBackOptions {
  readonly reader: FlagReader;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds before each further read. LaunchDarkly does not document how soon a write can be read. */
export const READ_DELAYS = [300, 1000, 3000] as const;
