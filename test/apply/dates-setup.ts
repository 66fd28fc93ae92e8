import { applyChanges } from '../../src/apply/apply.js';
import type { ExecutionOptions } from '../../src/apply/options.js';
import type { DateOutcome, Outcome } from '../../src/apply/outcome.js';
import type { ExpiryChange } from '../../src/reconcile/dates.js';
import type { Change } from '../../src/reconcile/plan.js';
import { expiryChange } from '../support/dates.js';
import { storefrontSeed } from '../support/seeds.js';
import { change, executionOptions, stage, type Stage } from './setup.js';

export const JUNE = Date.UTC(2099, 5, 1);
export const JULY = Date.UTC(2099, 6, 1);

/** For faults: the requests for dates. */
export const PATH = 'path=*/expiring-targets/*';

export interface DatesStage extends Stage {
  readonly theme: (key: string, before: number | null, after: number | null) => ExpiryChange;
  /** Applies changes and dates. */
  readonly all: (
    dates: readonly ExpiryChange[],
    changes?: readonly Change[],
    more?: Partial<ExecutionOptions>,
  ) => Promise<{ readonly outcomes: readonly Outcome[]; readonly dates: readonly DateOutcome[] }>;
  /** The live dates by user. */
  readonly live: () => Readonly<Record<string, number>>;
}

/** A simulator on which alice, bob and carol have `dark`, and bob has the date `JUNE`. */
export async function datesStage(more: Parameters<typeof stage>[0] = {}): Promise<DatesStage> {
  const targets = [
    { variation: 1, values: ['alice', 'carol'] },
    { variation: 1, values: ['bob'], expires: new Date(JUNE).toISOString() },
  ];
  const seed = storefrontSeed({ flags: { theme: { environments: { production: { targets } } } } });
  const made = await stage({ seed, ...more });
  const { simulator, writer } = made;
  const theme = simulator.flag('storefront', 'theme');
  return {
    ...made,
    theme: (key, before, after) =>
      expiryChange(change('theme', key, 1), before, after, {
        variationId: theme.variations[1]?.id ?? 'no such variation',
      }),
    all: (dates, changes = [], options = {}) =>
      applyChanges({ changes, dates }, { ...executionOptions(writer), ...options }),
    live: () => {
      const { expiring } = simulator.flag('storefront', 'theme').configs.get('production') ?? {};
      return Object.fromEntries((expiring?.list() ?? []).map((one) => [one.key, one.date]));
    },
  };
}

/** How each date ended, as `status reason`. */
export function ended(dates: readonly DateOutcome[]): string[] {
  return dates.map(({ status, reason }) => `${status} ${reason}`);
}
