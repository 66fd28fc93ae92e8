import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/reconcile/plan.js';
import { parseShard, withholdOtherShards } from '../../src/reconcile/shard.js';

const name = fc.constantFrom('a', 'b', 'checkout-v2', 'theme', 'x/y', 'x', 'y', 'zoë');

const change = fc
  .record({
    project: name,
    environment: name,
    flag: fc.oneof(
      name,
      fc.nat(500).map((number) => `flag-${number}`),
    ),
    kind: fc.constantFrom('user', 'organization'),
    key: fc.string(),
    withheld: fc.constantFrom<Change['withheld']>(undefined, undefined, 'paused', 'drift-report'),
  })
  .map(changeOf);

function changeOf(more: Pick<Change, 'flag'> & Partial<Change>): Change {
  return {
    project: 'storefront',
    environment: 'production',
    kind: 'user',
    key: 'alice',
    action: 'remove',
    before: { variation: 0, value: true },
    after: null,
    at: undefined,
    provenance: { type: 'unknown' },
    mark: 'unknown',
    liveMoved: false,
    warnings: [],
    withheld: undefined,
    ...more,
  };
}

const plans = fc.array(change, { maxLength: 60 });
const counts = fc.integer({ min: 1, max: 20 });

const shards = (count: number) => Array.from({ length: count }, (_, index) => ({ index: index + 1, count }));

const open = (changes: readonly Change[], count: number): number[][] =>
  shards(count).map((shard) =>
    withholdOtherShards(changes, shard).flatMap(({ withheld }, index) =>
      withheld === undefined ? [index] : [],
    ),
  );

describe('shards', () => {
  it('shards contain each change of the plan exactly once, and none that was withheld before', () => {
    fc.assert(
      fc.property(plans, counts, (changes, count) => {
        const all = open(changes, count)
          .flat()
          .toSorted((a, b) => a - b);
        expect(all).toEqual(
          changes.flatMap(({ withheld }, index) => (withheld === undefined ? [index] : [])),
        );
      }),
    );
  });

  it('shards never split the changes of a flag in an environment', () => {
    fc.assert(
      fc.property(plans, counts, (changes, count) => {
        const shardsOf = new Map<string, Set<number>>();
        for (const [shard, indices] of open(changes, count).entries()) {
          for (const index of indices) {
            const { project, environment, flag } = changes[index] ?? changeOf({ flag: '' });
            const key = JSON.stringify([project, environment, flag]);
            shardsOf.set(key, (shardsOf.get(key) ?? new Set()).add(shard));
          }
        }
        expect([...shardsOf.values()].filter(({ size }) => size > 1)).toEqual([]);
      }),
    );
  });

  it('shards keep all changes of the plan in order, and differ only in `withheld`', () => {
    fc.assert(
      fc.property(plans, counts, fc.nat(), (changes, count, at) => {
        const shard = { index: (at % count) + 1, count };
        const result = withholdOtherShards(changes, shard);
        expect(result.map((one) => ({ ...one, withheld: undefined }))).toEqual(
          changes.map((one) => ({ ...one, withheld: undefined })),
        );
        for (const [index, { withheld }] of result.entries()) {
          const before = changes[index]?.withheld;
          expect(before === undefined ? [undefined, 'other-shard'] : [before]).toContain(withheld);
        }
      }),
    );
  });

  it('shards do not depend on the other changes, so that a process that starts late agrees', () => {
    fc.assert(
      fc.property(plans, counts, fc.nat(59), (changes, count, from) => {
        for (const shard of shards(count)) {
          expect(withholdOtherShards(changes.slice(from), shard)).toEqual(
            withholdOtherShards(changes, shard).slice(from),
          );
        }
      }),
    );
  });

  it('shards are of similar size: with 1,000 flags, each of 8 shards is within a third of an eighth', () => {
    const changes = Array.from({ length: 1000 }, (_, number) => changeOf({ flag: `flag-${number}` }));
    for (const part of open(changes, 8)) {
      expect(part.length).toBeGreaterThan((1000 / 8) * (2 / 3));
      expect(part.length).toBeLessThan((1000 / 8) * (4 / 3));
    }
  });

  it('shards put flags of the same name in different environments into different shards', () => {
    const environments = Array.from({ length: 16 }, (_, number) => `environment-${number}`);
    const changes = environments.map((environment) => changeOf({ flag: 'theme', environment }));
    expect(open(changes, 4).filter((part) => part.length > 0).length).toBeGreaterThan(1);
  });

  it('shards contain everything if there is no shard or only one', () => {
    const changes = [changeOf({ flag: 'theme' })];
    expect(withholdOtherShards(changes, undefined)).toBe(changes);
    expect(withholdOtherShards(changes, { index: 1, count: 1 })).toEqual(changes);
  });
});

describe('parseShard', () => {
  it('parseShard parses INDEX/COUNT', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(), (count, at) => {
        const shard = { index: (at % count) + 1, count };
        expect(parseShard(`${shard.index}/${shard.count}`)).toEqual(shard);
      }),
    );
  });

  it.each([
    '',
    '1',
    '/',
    '1/',
    '/8',
    '0/8',
    '9/8',
    '1/0',
    '-1/8',
    '01/8',
    '1/08',
    '1.5/8',
    '1/8/2',
    ' 1/8',
    '1/8\n',
    '1/10000',
  ])('parseShard returns undefined for %j', (text) => {
    expect(parseShard(text)).toBeUndefined();
  });

  it('parseShard never returns an index outside 1 to count', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const shard = parseShard(text);
        if (shard === undefined) return;
        expect(shard.index).toBeGreaterThanOrEqual(1);
        expect(shard.index).toBeLessThanOrEqual(shard.count);
      }),
    );
  });
});
