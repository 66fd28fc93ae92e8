import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import schema from '../../schemas/explain.schema.json' with { type: 'json' };
import type { Json } from '../../src/json/json.js';
import { call } from '../simulator/support/call.js';
import { addRules, FLAGS, project, type RandomProject, seedOf, USERS } from '../support/random-flags.js';
import { startWorld } from '../support/world.js';

// The law of `explain`: it agrees with LaunchDarkly's "List flag settings for user" about the override, what is served and
// why, unless rules or rollouts decide. Then it says so.

/** Part of the response to "List flag settings for user". */
interface Setting {
  readonly _value: Json;
  readonly setting: Json;
  readonly reason: {
    readonly kind: string;
    readonly prerequisiteKey?: string;
    /** Set by the simulator if rules could decide. */
    readonly errorKind?: string;
  };
}

interface Explained {
  readonly project: string;
  readonly flag: string;
  readonly live: { readonly value: Json } | null;
  readonly served?: { readonly value: Json } | null;
  readonly why: { readonly reason: string; readonly prerequisite?: { readonly flag: string } };
}

const REASONS: Readonly<Record<string, string>> = {
  OFF: 'off',
  TARGET_MATCH: 'target',
  FALLTHROUGH: 'fallthrough',
  PREREQUISITE_FAILED: 'prerequisite',
};

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

it('explain agrees with the settings that LaunchDarkly lists for a user, unless rules or rollouts decide', async () => {
  const several = fc.array(project, { minLength: 1, maxLength: 12, size: 'max' });
  await fc.assert(
    fc.asyncProperty(several, fc.constantFrom(...USERS), async (projects, user) => {
      const declare = (at: number): string => stringify({ project: `shop-${at}`, environment: 'production' });
      const world = await startWorld({
        simulator: { seed: seedOf(projects) },
        files: Object.fromEntries(projects.map((_, at) => [`overrides/${at}.yaml`, declare(at)])),
      });
      try {
        await addRules(world.url, projects);
        const run = await world.run(['explain', user, '--format', 'json', '--local-refs']);
        expect(run).toMatchObject({ code: 0 });
        expect(validate(JSON.parse(run.stdout)) ? [] : validate.errors).toEqual([]);
        const { flags: explained } = JSON.parse(run.stdout) as { flags: Explained[] };
        for (const [at, flags] of projects.entries()) {
          const path = `/api/v2/users/shop-${at}/production/${user}/flags`;
          const { items } = (await call(world.url, 'GET', path)).body as { items: Record<string, Setting> };
          const here = explained.filter((one) => one.project === `shop-${at}`);
          checkAgreement(items, here, flags, user);
        }
      } finally {
        await world.simulator.stop();
      }
    }),
    { numRuns: 5 },
  );
});

function checkAgreement(
  items: Readonly<Record<string, Setting>>,
  explained: readonly Explained[],
  flags: RandomProject,
  user: string,
): void {
  const targeted = FLAGS.filter((key, at) => {
    const { production } = flags[at]?.flag.environments ?? {};
    return Object.hasOwn(items, key) && production?.targets?.some(({ values }) => values.includes(user));
  });
  expect(explained.map((one) => one.flag)).toEqual(targeted.toSorted());
  const hasRollout = flags.some(({ isRollout }) => isRollout);
  for (const { flag: key, live, served, why } of explained) {
    const expected = items[key];
    expect(live?.value).toEqual(expected?.setting);
    if (served === undefined) {
      expect(hasRollout || expected?.reason.errorKind === 'RULES_NOT_SIMULATED').toBe(true);
      continue;
    }
    expect(served?.value ?? null).toEqual(expected?._value);
    expect(why.reason).toBe(REASONS[expected?.reason.kind ?? '']);
    // Of several prerequisites that are not met, rules or rollouts may decide the first.
    if (expected?.reason.errorKind !== undefined || hasRollout) continue;
    expect(why.prerequisite?.flag).toBe(expected?.reason.prerequisiteKey);
  }
}
