import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, Provenance, OverrideValue } from '../../src/reconcile/plan.js';
import {
  canPut,
  changesOf,
  countWrites,
  instructionsFor,
  moveFor,
  planWrites,
  type Write,
} from '../../src/reconcile/writes.js';
import type { WritePolicy } from '../../src/reconcile/write-policy.js';

const valueOf = (variation: number | null): OverrideValue | null =>
  variation === null ? null : { variation, value: `v${variation}`, id: `id-${variation}` };

const commit = (name: string): Provenance => ({
  type: 'commit',
  commit: { id: name.padEnd(40, '0'), subject: name, author: 'Dana', date: 0 },
});

interface Parts {
  readonly flag?: string;
  readonly environment?: string;
  readonly kind?: string;
  readonly key: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly provenance?: Provenance;
  readonly reason?: string | undefined;
}

function change({ before, after, reason, ...parts }: Parts): Change {
  return {
    project: 'storefront',
    environment: 'production',
    flag: 'theme',
    kind: 'user',
    provenance: commit('a'),
    action: after === null ? 'remove' : before === null ? 'add' : 'update',
    before: valueOf(before),
    after: valueOf(after),
    at: undefined,
    mark: 'pending',
    liveMoved: false,
    warnings: [],
    withheld: undefined,
    ...(reason === undefined ? {} : { reason }),
    ...parts,
  };
}

const variation = fc.option(fc.nat({ max: 3 }), { nil: null });

/** Changes of several flags, kinds and commits; each override at most once. */
const changes = fc
  .uniqueArray(
    fc
      .record({
        flag: fc.constantFrom('theme', 'checkout', 'banner'),
        environment: fc.constantFrom('production', 'staging'),
        kind: fc.constantFrom('user', 'device'),
        key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        before: variation,
        after: variation,
        provenance: fc.constantFrom<Provenance>(commit('a'), commit('b'), { type: 'none' }),
        reason: fc.constantFrom(undefined, 'beta'),
      })
      .filter(({ before, after }) => before !== after),
    {
      selector: ({ flag, environment, kind, key }) => [flag, environment, kind, key].join(' '),
      maxLength: 40,
    },
  )
  .map((parts) => parts.map(change));

const policies = fc.record<WritePolicy>({
  mode: fc.constantFrom('put', 'batch', 'auto'),
  values: fc.integer({ min: 2, max: 9 }),
});

const weight = (write: Write): number =>
  changesOf(write).reduce(
    (sum, { before, after }) => sum + Number(before !== null) + Number(after !== null),
    0,
  );

describe('requests', () => {
  test('the requests of a plan contain every change exactly once, whatever the policy', () => {
    fc.assert(
      fc.property(changes, policies, (all, policy) => {
        const found = planWrites(all, policy).flatMap(changesOf);
        expect(found).toHaveLength(all.length);
        expect(new Set(found)).toEqual(new Set(all));
      }),
    );
  });

  test('the requests of a plan are as many as countWrites counts', () => {
    const mixed = changes.map((all) =>
      all.map((one, index): Change => (index % 3 === 0 ? { ...one, withheld: 'paused' } : one)),
    );
    fc.assert(
      fc.property(mixed, policies, (all, policy) => {
        const { users, contexts, patches } = countWrites(all, policy);
        const writes = planWrites(all, policy);
        expect(patches).toBe(writes.filter(({ method }) => method === 'patch').length);
        expect(users + contexts).toBe(writes.length - patches);
      }),
    );
  });

  test('the requests of a plan combine only changes that share flag, environment, commit and reason', () => {
    fc.assert(
      fc.property(changes, policies, (all, policy) => {
        for (const together of planWrites(all, policy).map(changesOf)) {
          const shared = together.map(({ flag, environment, provenance, reason }) =>
            JSON.stringify([flag, environment, provenance, reason]),
          );
          expect(new Set(shared).size).toBe(1);
        }
      }),
    );
  });

  test('the requests of a plan are as few as the limit of context keys allows', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 2, max: 9 }), (all, values) => {
        const writes = planWrites(all, { mode: 'batch', values });
        expect(writes.every((write) => weight(write) <= values)).toBe(true);
        // The first change of the next chunk of a group would not have fitted.
        for (const [index, write] of writes.entries()) {
          const next = writes[index + 1];
          if (next === undefined || origin(next) !== origin(write)) continue;
          const [first] = changesOf(next);
          expect(weight(write) + weight({ method: 'patch', changes: [first] })).toBeGreaterThan(values);
        }
      }),
    );
  });

  test('the requests of a plan leave out withheld changes', () => {
    const held: Change = { ...change({ key: 'a', before: null, after: 1 }), withheld: 'paused' };
    for (const mode of ['put', 'batch', 'auto'] as const)
      expect(planWrites([held], { mode, values: 500 })).toEqual([]);
  });

  test('the requests of a plan with mode put are one PUT for each change', () => {
    const all = ['a', 'b'].map((key) => change({ key, before: null, after: 1 }));
    expect(planWrites(all, { mode: 'put', values: 500 })).toEqual(
      all.map((one) => ({ method: 'put', change: one })),
    );
  });

  test('the requests of a plan with mode batch are a patch even for a single override', () => {
    const one = change({ key: 'a', before: null, after: 1 });
    expect(planWrites([one], { mode: 'batch', values: 500 })).toEqual([{ method: 'patch', changes: [one] }]);
  });

  test('the requests of a plan with mode auto are a PUT if a commit changes one override of a flag, otherwise a patch', () => {
    const alone = change({ key: 'a', before: null, after: 1, provenance: commit('b') });
    const together = ['b', 'c'].map((key) => change({ key, before: null, after: 1 }));
    const methods = planWrites([alone, ...together], { mode: 'auto', values: 500 }).map(
      (write) =>
        `${write.method} ${changesOf(write)
          .map(({ key }) => key)
          .join('')}`,
    );
    expect(methods).toEqual(['put a', 'patch bc']);
  });

  test('the requests of a plan with mode auto are a patch for a single override if a PUT cannot select its variation', () => {
    const one = change({ key: 'a', before: null, after: 1 });
    const onlyById: Change = { ...one, after: { variation: 1, value: 'v1', id: 'id-1', onlyById: true } };
    expect(planWrites([onlyById], { mode: 'auto', values: 500 })[0]?.method).toBe('patch');
  });

  test('the requests of a plan are PUTs if LaunchDarkly gave no variation id', () => {
    const one: Change = {
      ...change({ key: 'a', before: null, after: 1 }),
      after: { variation: 1, value: 'v1' },
    };
    expect(planWrites([one], { mode: 'batch', values: 500 })[0]?.method).toBe('put');
  });
});

test.each([
  [null, true],
  [{ variation: 1, value: 'v1' }, true],
  [{ variation: 1, value: false }, true],
  [{ variation: 1, value: null }, false],
  [{ variation: 1, value: 'v1', onlyById: true as const }, false],
])('a PUT that makes an override %j is possible: %s', (after, expected) => {
  expect(canPut({ ...change({ key: 'a', before: null, after: null }), after })).toBe(expected);
});

function origin(write: Write): string {
  const [{ flag, environment, provenance, reason }] = changesOf(write);
  return JSON.stringify([flag, environment, provenance, reason]);
}

describe('instructions', () => {
  test('the instructions of a patch turn live into desired, and never put a key into two variations', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 2, max: 9 }), (all, values) => {
        const targets = new Map<string, string>();
        const place = ({ flag, environment, kind, key }: Change): string =>
          [flag, environment, kind, key].join(' ');
        for (const one of all) if (one.before?.id !== undefined) targets.set(place(one), one.before.id);
        for (const together of planWrites(all, { mode: 'batch', values }).map(changesOf)) {
          for (const { kind, contextKind, variationId, values: keys } of instructionsFor(
            together.map(moveFor),
          )) {
            for (const key of keys) {
              const at = place({ ...together[0], kind: contextKind, key });
              if (kind === 'removeTargets') {
                expect(targets.get(at)).toBe(variationId);
                targets.delete(at);
              } else {
                expect(targets.has(at)).toBe(false);
                targets.set(at, variationId);
              }
            }
          }
        }
        const desired = all.flatMap((one): [string, string][] =>
          one.after?.id === undefined ? [] : [[place(one), one.after.id]],
        );
        expect(targets).toEqual(new Map(desired));
      }),
    );
  });

  test('the instructions of a patch contain all removals before all additions', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const kinds = instructionsFor(all.map(moveFor)).map(({ kind }) => kind);
        expect(kinds).toEqual(kinds.toSorted((a, b) => b.localeCompare(a)));
      }),
    );
  });

  test('the instructions of a patch combine the keys of one kind and variation', () => {
    const all = [
      change({ key: 'a', before: null, after: 1 }),
      change({ key: 'b', before: 0, after: 1 }),
      change({ key: 'c', before: 0, after: null, kind: 'device' }),
    ];
    expect(instructionsFor(all.map(moveFor))).toEqual([
      { kind: 'removeTargets', contextKind: 'user', variationId: 'id-0', values: ['b'] },
      { kind: 'removeTargets', contextKind: 'device', variationId: 'id-0', values: ['c'] },
      { kind: 'addTargets', contextKind: 'user', variationId: 'id-1', values: ['a', 'b'] },
    ]);
  });
});
