import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Seed, SeedFlag, SeedFlagEnvironment } from '../../src/simulator/seed/seed.js';
import { call } from '../simulator/support/call.js';

// Projects with random flags, for laws about what contexts are served.

export const FLAGS = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Also the keys of organizations. */
export const USERS = ['alice', 'bob', '__proto__'];
/** Two variations share a value, and one is null. */
const VARIATIONS = [{ value: true }, { value: null }, { value: 'x' }, { value: 'x' }];
/** Often the first, so that targets often select what the default rule serves. */
const index = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat({ max: VARIATIONS.length - 1 }) },
);

const config: fc.Arbitrary<SeedFlagEnvironment> = fc.record({
  on: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  fallthrough: index,
  offVariation: fc.option(index, { nil: null }),
  // These can be circular, which LaunchDarkly refuses, and name archived flags.
  prerequisites: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 2,
      arbitrary: fc.array(fc.record({ key: fc.constantFrom(...FLAGS), variation: index }), { maxLength: 2 }),
    },
  ),
  targets: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...USERS), index), { selector: ([user]) => user })
    .map((targets) => targets.map(([user, variation]) => ({ variation, values: [user] }))),
  contextTargets: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...USERS), index), { selector: ([key]) => key })
    .map((targets) =>
      targets.map(([key, variation]) => ({ contextKind: 'organization', variation, values: [key] })),
    ),
});

/** A flag, and what the seed cannot contain. */
interface RandomFlag {
  readonly flag: SeedFlag;
  readonly rules: number;
  readonly isRollout: boolean;
}

const flag: fc.Arbitrary<RandomFlag> = fc.record({
  flag: fc
    .record({ production: config, state: fc.constantFrom('live', 'live', 'live', 'deprecated', 'archived') })
    .map(({ production, state }) => ({ variations: VARIATIONS, state, environments: { production } })),
  rules: fc.constantFrom(0, 0, 0, 0, 1, 2),
  isRollout: fc.constantFrom(false, false, false, true),
});

const RULE = {
  clauses: [{ attribute: 'country', op: 'in', values: ['nz'] }],
  variation: 2,
};
const ROLLOUT = {
  rollout: {
    variations: [
      { variation: 0, weight: 50_000 },
      { variation: 2, weight: 50_000 },
    ],
  },
};

/** The flags of one project, in the order of `FLAGS`. Many projects in one world are quicker than many worlds. */
export const project = fc.tuple(...FLAGS.map(() => flag));
export type RandomProject = readonly RandomFlag[];

/** A seed with these projects, `shop-0` and so on. */
export function seedOf(projects: readonly RandomProject[]): Seed {
  const made = projects.map((flags, at) => ({
    contextKinds: ['organization'],
    environments: { production: { sdkKey: `sdk-${at}` } },
    flags: Object.fromEntries(flags.map((random, place) => [FLAGS[place] ?? '', random.flag])),
  }));
  return {
    tokens: [{ token: 'api-writer', role: 'writer' }],
    projects: Object.fromEntries(made.map((one, at) => [`shop-${at}`, one])),
  };
}

/** Adds the rules and rollouts, as an administrator does in LaunchDarkly. */
export async function addRules(url: string, projects: readonly RandomProject[]): Promise<void> {
  for (const [place, flags] of projects.entries()) {
    for (const [at, { flag: made, rules, isRollout }] of flags.entries()) {
      if (made.state === 'archived' || (rules === 0 && !isRollout)) continue;
      const path = '/environments/production';
      const body = [
        { op: 'replace', path: `${path}/rules`, value: Array.from({ length: rules }, () => RULE) },
        ...(isRollout ? [{ op: 'replace', path: `${path}/fallthrough`, value: ROLLOUT }] : []),
      ];
      const { status } = await call(url, 'PATCH', `/api/v2/flags/shop-${place}/${FLAGS[at]}`, { body });
      expect(status).toBe(200);
    }
  }
}
