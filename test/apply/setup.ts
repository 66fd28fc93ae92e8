import { applyChanges } from '../../src/apply/apply.js';
import type { ExecutionOptions } from '../../src/apply/options.js';
import type { Outcome } from '../../src/apply/outcome.js';
import type { Clock } from '../../src/launchdarkly/clock.js';
import type { ConnectOptions } from '../../src/launchdarkly/http/api.js';
import type { FlagWriter } from '../../src/launchdarkly/client.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { backoff } from '../../src/launchdarkly/http/retry.js';
import type { Action, Change, OverrideValue } from '../../src/reconcile/plan.js';
import { Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { skippingClock, options } from '../launchdarkly/server.js';
import { atEndOfFile } from '../support/end-of-file.js';

const SCOPE = { project: 'storefront', environment: 'production' };

/** Values of the simulator's default flags, by variation. */
const VALUES: Readonly<Record<string, readonly (string | boolean | null)[]>> = {
  'checkout-v2': [true, false],
  theme: ['light', 'dark', 'contrast'],
  'kill-switch-payments': [true, false],
  'recommendation-model': [null, 'bestsellers', 'bestsellers', 'personal'],
};

/** A change as in a plan; `after` null removes. */
export function change(
  flag: string,
  key: string,
  after: number | null,
  more: { readonly before?: number; readonly environment?: string; readonly kind?: string } & Partial<
    Pick<Change, 'withheld'>
  > = {},
): Change {
  const valueOf = (variation: number | null | undefined): OverrideValue | null =>
    variation === null || variation === undefined
      ? null
      : { variation, value: VALUES[flag]?.[variation] ?? null };
  const before = valueOf(more.before);
  const action: Action = after === null ? 'remove' : before === null ? 'add' : 'update';
  return {
    project: SCOPE.project,
    environment: more.environment ?? SCOPE.environment,
    flag,
    kind: more.kind ?? 'user',
    key,
    action,
    before,
    after: valueOf(after),
    at: undefined,
    provenance: { type: 'unknown' },
    mark: 'pending',
    liveMoved: false,
    warnings: [],
    withheld: more.withheld,
  };
}

export interface Stage {
  readonly simulator: Simulator;
  readonly writer: FlagWriter;
  readonly apply: (
    changes: readonly Change[],
    more?: Partial<ExecutionOptions>,
  ) => Promise<readonly Outcome[]>;
}

/** A simulator, a writer connected to it, and an apply between them. */
export async function stage(
  more: SimulatorOptions & { readonly connection?: Partial<ConnectOptions> } = {},
): Promise<Stage> {
  const simulator = new Simulator(more);
  const { url } = await simulator.start();
  atEndOfFile(() => simulator.stop());
  const writer = connectWriter(options(url, { token: 'api-writer', ...more.connection }));
  return { simulator, writer, apply: applyWith(writer) };
}

/** How each change ended, as `status reason`. */
export function ends(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ status, reason }) => `${status} ${reason}`);
}

/** How tests apply, unless they say otherwise. Each call gets its own clock. */
export function executionOptions(writer: FlagWriter): ExecutionOptions {
  return {
    writer,
    clock: skippingClock(),
    concurrency: 4,
    writes: { mode: 'put', values: 500 },
    ignoreConflicts: false,
    dryRun: false,
    commentOf: ({ key }) => `for ${key}`,
    strict: false,
  };
}

export function applyWith(writer: FlagWriter): Stage['apply'] {
  return async (changes, extra) => {
    const { outcomes } = await applyChanges(
      { changes, dates: [] },
      { ...executionOptions(writer), ...extra },
    );
    return outcomes;
  };
}

/** A clock that records how long an apply waits between attempts. */
export function recordingClock(): Clock & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  return { ...skippingClock(), sleep, waits };
}

/** The waits after the given number of conflicts in a row. */
export function waitsAfter(conflicts: number): number[] {
  return Array.from({ length: conflicts }, (_, index) => backoff(index + 1, 0.5) / 2);
}

export const BATCH = { writes: { mode: 'batch', values: 500 } } as const;

/** A change with the ids of its variations, as in a plan that was made from the simulator. */
function named(simulator: Simulator, ...args: Parameters<typeof change>): Change {
  const { variations } = simulator.flag('storefront', args[0]);
  const withId = (value: OverrideValue | null): OverrideValue | null =>
    value && { ...value, id: variations[value.variation]?.id ?? 'no such variation' };
  const made = change(...args);
  return { ...made, before: withId(made.before), after: withId(made.after) };
}

/** A stage whose changes are written in patches. */
export async function batchStage(
  more: Parameters<typeof stage>[0] = {},
  extra: Partial<ExecutionOptions> = {},
): Promise<Stage & { readonly named: (...args: Parameters<typeof change>) => Change }> {
  const made = await stage(more);
  return {
    ...made,
    named: (...args) => named(made.simulator, ...args),
    apply: (changes, given) => made.apply(changes, { ...BATCH, ...extra, ...given }),
  };
}

/** A flag as LaunchDarkly's API represents it. */
export const THEME = {
  key: 'theme',
  variations: [
    { _id: 'id-0', value: 'light' },
    { _id: 'id-1', value: 'dark' },
  ],
  environments: { production: { on: true, targets: [], contextTargets: [], prerequisites: [] } },
};

/** A change that adds the variation `dark` of that flag. */
export function dark(key: string): Change {
  return { ...change('theme', key, 1), after: { variation: 1, value: 'dark', id: 'id-1' } };
}
