import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { applyWith, BATCH, batchStage, dark, ends, THEME } from './setup.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('halving', () => {
  /** A context kind that the project does not have; a plan would have found that. */
  const bad = { kind: 'ghost' };

  /** Applies `count` changes, of which those at the given places are refused. */
  async function applyWithBad(
    count: number,
    places: ReadonlySet<number>,
  ): Promise<{
    readonly outcomes: readonly Outcome[];
    readonly simulator: Simulator;
    readonly patches: number;
  }> {
    const { simulator, apply, named: one } = await batchStage();
    const changes = Array.from({ length: count }, (_, index) =>
      one('theme', `u${index}`, 1, places.has(index) ? bad : {}),
    );
    const outcomes = await apply(changes);
    const patches = simulator.requests.filter(({ method }) => method === 'PATCH').length;
    return { outcomes, simulator, patches };
  }

  test.each([1, 2, 7, 64, 100])(
    'a refused patch of %i is halved until the refused one is found, and the others are applied',
    async (count) => {
      const at = Math.floor(count / 3);
      const { outcomes, patches } = await applyWithBad(count, new Set([at]));
      expect(ends(outcomes)).toEqual(
        outcomes.map((_, index) => (index === at ? 'failed refused' : 'applied written')),
      );
      expect(outcomes[at]?.message).toContain('ghost');
      expect(patches).toBeLessThanOrEqual(2 * Math.log2(count) + 2);
    },
  );

  test('halving finds up to five refused overrides at any position, with 2 log2(n) + 2 patches each', async () => {
    const cases = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        places: fc.uniqueArray(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: Math.min(5, count) }),
      }),
    );
    const found = async ({ count, places }: { count: number; places: readonly number[] }): Promise<void> => {
      const wrong = new Set(places);
      const { outcomes, patches } = await applyWithBad(count, wrong);
      // Only after the fifth refused override are others not tried.
      for (const [index, { status, message }] of outcomes.entries()) {
        const isLeft = message.startsWith('not tried');
        expect(status).toBe(wrong.has(index) || isLeft ? 'failed' : 'applied');
        if (isLeft) expect(wrong.size).toBe(5);
      }
      expect(patches).toBeLessThanOrEqual(places.length * (2 * Math.log2(count) + 2));
    };
    await fc.assert(fc.asyncProperty(cases, found), { numRuns: 60 });
  });

  test('halving stops after five refused overrides, and reports the rest as failed', async () => {
    const places = new Set(Array.from({ length: 8 }, (_, index) => index * 8));
    const { outcomes, simulator, patches } = await applyWithBad(64, places);
    const failed = outcomes.filter(({ status }) => status === 'failed');
    expect(outcomes).toHaveLength(64);
    expect(failed.length).toBeGreaterThan(8);
    expect(failed.filter(({ message }) => message.startsWith('not tried'))).toHaveLength(failed.length - 5);
    for (const [index, { status }] of outcomes.entries()) {
      const live = simulator.variationOf('storefront', 'production', 'theme', 'user', `u${index}`);
      expect(live).toBe(status === 'applied' ? 1 : undefined);
    }
    expect(patches).toBeLessThanOrEqual(5 * (2 * 6 + 2));
    expect(new Set(ends(failed))).toEqual(new Set(['failed refused']));
    expect(failed.map(({ cause }) => cause)).toEqual(
      failed.map(() => expect.objectContaining({ status: 400 })),
    );
  });

  test('a patch of one override is sent once if it is refused', async () => {
    const { outcomes, simulator } = await applyWithBad(1, new Set([0]));
    expect(ends(outcomes)).toEqual(['failed refused']);
    expect(simulator.requests.map(({ method }) => method)).toEqual(['PATCH', 'GET']);
  });
});

describe('size', () => {
  test.each([
    [20, 70],
    [2, 40],
    [1, 30],
  ])(
    'patches of more than %i overrides are refused, and applied in parts without a failure',
    async (maxKeys, count) => {
      const seen: string[] = [];
      server = await startServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.once('end', () => {
          if (request.method !== 'PATCH') return json(response, 200, THEME);
          const { instructions } = JSON.parse(body) as {
            instructions: readonly { values: readonly string[] }[];
          };
          const keys = instructions.flatMap(({ values }) => values);
          if (keys.length > maxKeys) return json(response, 400, { message: 'the request is too large' });
          seen.push(...keys);
          json(response, 200, {});
        });
      });
      const apply = applyWith(connectWriter(options(server.url)));
      const changes = Array.from({ length: count }, (_, index) => dark(`u${index}`));
      const outcomes = await apply(changes, BATCH);
      expect(new Set(ends(outcomes))).toEqual(new Set(['applied written']));
      expect(seen.toSorted()).toEqual(changes.map(({ key }) => key).toSorted());
    },
  );
});
