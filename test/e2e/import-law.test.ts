import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../src/json/json.js';
import type { Seed, SeedFlag, SeedVariation } from '../../src/simulator/seed/seed.js';
import { startWorld } from '../support/world.js';

// The law of `import`: a plan after it shows no difference and would write nothing, and every override that was live is
// either declared then or listed as left out.

const KEYS = [
  'null',
  '1',
  '1.0',
  '-0',
  '~',
  'yes',
  'true',
  '<<',
  '__proto__',
  'constructor',
  'a: b',
  'a #b',
  '- a',
  '? a',
  '&a',
  '*a',
  '!a',
  '{a}',
  '[a]',
  '"a"',
  "'a'",
  '|',
  '>',
  '%a',
  '@a',
  '`a`',
  ' a',
  'a ',
  ' ',
  'a\tb',
  'a\nb',
  '\n',
  '2026-01-01',
  '0x10',
  '1e3',
  '.inf',
  'user:alice',
  'alice@example.com',
  'ünï@例え.jp',
  '👩‍👩‍👧',
  'e\u0301',
  '\u200b',
  '\ufeff',
  '\u0085',
  '\u2028',
  '\u0000',
  '\u007f',
  'k'.repeat(1200),
  '\u0007'.repeat(400),
];

const VALUES: readonly Json[] = [
  0,
  -0,
  1,
  1.5,
  1e21,
  1e-7,
  -1e300,
  9_007_199_254_740_992,
  '',
  ' ',
  'true',
  'null',
  '~',
  '1',
  '1e3',
  'yes',
  '2026-01-01',
  'a: b',
  '# a',
  'line\nbreak',
  'line\r\nbreak\n',
  '- a',
  '<<',
  '\u0000\u0085\u2028\ufeff',
  {},
  [],
  { $variation: 0 },
  { $value: 1 },
  { $ref: 'a', b: null },
  { a: { $value: 1 }, '<<': 2 },
  { '1': [null, { '': '' }], null: 'null' },
  JSON.parse('{"__proto__": 1}') as Json,
  [[], {}, null, 'null', false],
  null,
];

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...KEYS) },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...VALUES) },
  fc.jsonValue({ maxDepth: 3, noUnicodeString: false }) as fc.Arbitrary<Json>,
);
const name = fc.option(fc.constantFrom('A', 'B', 'null', '0', ' ', 'Größe: 1'), { nil: undefined });
const variation: fc.Arbitrary<SeedVariation> = fc
  .record({ value, name })
  .map(({ value: of, name: called }) => ({ value: of, ...(called === undefined ? {} : { name: called }) }));
const KINDS = ['user', 'organization', 'device', '1', 'null', 'constructor', 'yes'];

/** Targets of one flag in one environment: each context with the index of a variation. */
function targets(variations: number): fc.Arbitrary<NonNullable<SeedFlag['environments']>[string]> {
  return fc
    .uniqueArray(
      fc.record({ kind: fc.constantFrom(...KINDS), key, index: fc.nat({ max: variations - 1 }) }),
      { maxLength: 8, selector: (target) => `${target.kind}\n${target.key}` },
    )
    .map((chosen) => ({
      targets: chosen
        .filter(({ kind }) => kind === 'user')
        .map(({ key: of, index }) => ({ variation: index, values: [of] })),
      contextTargets: chosen
        .filter(({ kind }) => kind !== 'user')
        .map(({ kind, key: of, index }) => ({ contextKind: kind, variation: index, values: [of] })),
    }));
}

const flag: fc.Arbitrary<SeedFlag> = fc
  .record({
    variations: fc.oneof(
      fc.constant([{ value: true }, { value: false }]),
      fc.array(variation, { minLength: 2, maxLength: 5 }),
    ),
    state: fc.constantFrom('live', 'live', 'live', 'deprecated', 'archived'),
  })
  .chain(({ variations, state }) =>
    fc
      .record({ production: targets(variations.length), staging: targets(variations.length) })
      .map((environments) => ({ variations, state, environments })),
  );

const FLAGS = ['checkout-v2', '1', 'null', 'flagops', '.', '..', 'Theme', 'theme', 'true'];

const seed: fc.Arbitrary<Seed> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...FLAGS), flag), { selector: ([of]) => of, maxLength: 5 })
  .map((flags) => ({
    tokens: [{ token: 'api-reader', role: 'reader' as const }],
    projects: {
      shop: {
        contextKinds: KINDS.slice(1),
        environments: { production: {}, staging: {} },
        flags: Object.fromEntries(flags),
      },
    },
  }));

const split = fc.constantFrom([], ['--split', 'flag'], ['--split', '*a*', '--split', 'organization:*']);
/** What was imported earlier, if anything; then the import completes or replaces that. */
const earlier = fc.constantFrom(undefined, [], ['--flag', '*e*'], ['--context', '*:*a*']);
const force = fc.constantFrom([], ['--force']);
const READER = { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } };
const SCOPES = ['--project', 'shop', '--environment', 'production', '--environment', 'staging'];

/** How many overrides of the seed are in flags that are or are not archived. */
function count({ projects }: Seed, archived: boolean): number {
  return Object.values(projects['shop']?.flags ?? {})
    .filter(({ state }) => (state === 'archived') === archived)
    .flatMap(({ environments = {} }) => Object.values(environments))
    .reduce(
      (sum, { targets: users = [], contextTargets = [] }) => sum + users.length + contextTargets.length,
      0,
    );
}

it('after an import a plan shows no difference, and what was not imported is listed', async () => {
  await fc.assert(
    fc.asyncProperty(seed, split, earlier, force, async (state, splitting, before, forcing) => {
      const world = await startWorld({ simulator: { seed: state }, files: { 'README.md': 'hi' } });
      const production = ['--project', 'shop', '--environment', 'production'];
      try {
        // A filter that matches nothing is an error, after which nothing is written.
        if (before !== undefined) await world.run(['import', ...production, ...before], READER);
        const importWith = (...args: string[]) =>
          world.run(['import', '--format', 'json', ...SCOPES, ...args, ...forcing], READER);
        const asked = await importWith(...splitting);
        // So is a split that matches nothing.
        const isEmpty = asked.code === 1 && /--split \S+ matches no known context/.test(asked.stderr);
        const imported = isEmpty ? await importWith() : asked;
        expect(imported).toMatchObject({ code: 0 });
        const { leftOut } = JSON.parse(imported.stdout) as { leftOut: { reason: string }[] };
        expect(leftOut.filter(({ reason }) => reason !== 'flag-archived')).toEqual([]);
        expect(leftOut.length).toBe(count(state, true));

        const plan = await world.run(
          ['plan', '--format', 'json', '--detailed-exitcode', '--allow-empty', '--local-refs'],
          READER,
        );
        expect(plan).toMatchObject({ code: 0 });
        const { changes, scopes } = JSON.parse(plan.stdout) as {
          changes: unknown[];
          scopes: { adopts: number; unmanaged: object }[];
        };
        expect(changes).toEqual([]);
        expect(scopes.reduce((sum, { adopts }) => sum + adopts, 0)).toBe(count(state, false));
        expect(scopes.every(({ unmanaged }) => Object.keys(unmanaged).length === 0)).toBe(true);

        const again = await world.run(['import', ...SCOPES, ...splitting], READER);
        expect(again.stdout).not.toContain('written');
        expect(world.writes).toEqual([]);
      } finally {
        await world.simulator.stop();
      }
    }),
    { numRuns: 12 },
  );
});
