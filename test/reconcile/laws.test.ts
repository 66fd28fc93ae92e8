import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type Json } from '../../src/json/json.js';
import { type Change, compareChanges } from '../../src/reconcile/plan.js';
import type { PruneMode } from '../../src/reconcile/prune.js';
import { resolveSetting } from '../../src/reconcile/setting.js';
import {
  contextKey,
  overrideKey,
  parseContextKey,
  parseOverrideKey,
  scopedKey,
  scopeKey,
  splitScopedKey,
} from '../../src/reconcile/state.js';
import { createResolver } from '../../src/reconcile/variations.js';
import { idOf, planned, type World } from './world.js';

const NAMES = ['f', 'theme'].flatMap((flag) =>
  ['user a', 'user b', 'device a', 'user x y'].map((context) => `${flag} ${context}`),
);

/** Whether each prune mode may remove an override that is not declared. */
const MAY_REMOVE: Readonly<
  Record<PruneMode, (one: { readonly isOurs: boolean; readonly contextDeclared: boolean }) => boolean>
> = {
  never: () => false,
  owned: ({ isOurs }) => isOurs,
  contexts: ({ isOurs, contextDeclared }) => isOurs || contextDeclared,
  environment: () => true,
};
const PRUNE = Object.keys(MAY_REMOVE) as PruneMode[];

function record<Value>(value: (name: string) => fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  const each = Object.fromEntries(NAMES.map((name) => [name, value(name)]));
  return fc.record(each, { requiredKeys: [] }) as fc.Arbitrary<Record<string, Value>>;
}

const setting = (name: string): fc.Arbitrary<boolean | string | null> =>
  name.startsWith('f') ? fc.constantFrom(true, false, null) : fc.constantFrom('light', 'dark', null);

const worlds: fc.Arbitrary<World> = fc
  .record({
    live: record(() => fc.constantFrom(0, 1)),
    desired: record(setting),
    applied: fc.option(record(setting), { nil: undefined }),
    since: fc.subarray(NAMES),
    expires: record(() => fc.constantFrom(0, 10)),
    prune: fc.constantFrom(...PRUNE),
  })
  .map(({ applied, prune, ...rest }) => ({
    ...rest,
    ...(applied === undefined ? {} : { applied }),
    policy: { prune },
    now: 5,
  }));

function nameOf({ flag, kind, key }: Change): string {
  return `${flag} ${kind} ${key}`;
}

function afterApplying(world: World, changes: readonly Change[]): World {
  const live: Record<string, number> = { ...world.live };
  for (const change of changes) {
    if (change.after === null) delete live[nameOf(change)];
    else live[nameOf(change)] = change.after.variation;
  }
  return { ...world, live };
}

describe('plans', () => {
  it('a plan leaves nothing to do once its changes are live', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { changes } = planned(world);
        expect(planned(afterApplying(world, changes)).changes).toEqual([]);
      }),
    );
  });

  it('a plan makes live match what is declared', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const after = afterApplying(world, planned(world).changes).live ?? {};
        for (const [name, value] of Object.entries(world.desired ?? {})) {
          if (world.expires?.[name] === 0) continue;
          const index = [true, 'light'].includes(value as never) ? 0 : 1;
          expect(after[name]).toBe(value === null ? undefined : index);
        }
      }),
    );
  });

  it('a plan changes only what is declared, owned or removed by the prune mode', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const mayRemove = MAY_REMOVE[world.policy?.prune ?? 'owned'];
        const contexts = new Set(
          Object.keys(world.desired ?? {}).map((name) => name.slice(name.indexOf(' '))),
        );
        for (const change of planned(world).changes) {
          const name = nameOf(change);
          const isDeclared = name in (world.desired ?? {});
          const isOurs = (world.applied?.[name] ?? null) !== null || world.since?.includes(name) === true;
          const contextDeclared = contexts.has(name.slice(name.indexOf(' ')));
          const isPrunable = mayRemove({ isOurs, contextDeclared });
          expect(isDeclared || (change.action === 'remove' && isPrunable)).toBe(true);
        }
      }),
    );
  });

  it('a plan contains only differences, and each override at most once', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { changes } = planned(world);
        expect(new Set(changes.map(nameOf)).size).toBe(changes.length);
        for (const change of changes) {
          expect(change.before?.variation).toBe(world.live?.[nameOf(change)]);
          expect(change.after?.variation).not.toBe(change.before?.variation);
        }
      }),
    );
  });

  it('what repairs drift is also in the plan of the last applied commit, and the rest is left out', () => {
    const changedSince = fc.tuple(worlds, fc.constantFrom(...PRUNE));
    let repaired = 0;
    fc.assert(
      fc.property(changedSince, ([world, prune]) => {
        const now = { ...world, appliedPolicy: { prune } };
        const all = planned(now);
        const only = planned({ ...now, plan: { only: 'drift' } });
        const then = planned({ ...world, desired: world.applied ?? {}, expires: {}, policy: { prune } });
        for (const change of only.changes) {
          expect(all.changes).toContainEqual(change);
          const { before, after } = then.changes.find((one) => nameOf(one) === nameOf(change)) ?? {};
          expect({ before, after }).toEqual({ before: change.before, after: change.after });
        }
        expect(only.filtered).toBe(all.changes.length - only.changes.length);
        expect(only.guards).toEqual(all.guards);
        repaired += only.changes.length;
      }),
    );
    expect(repaired).toBeGreaterThan(20);
  });

  it('a plan does not depend on the order of its input', () => {
    const shuffle = <Value>(values: Readonly<Record<string, Value>> = {}): Record<string, Value> =>
      Object.fromEntries(Object.entries(values).toReversed());
    fc.assert(
      fc.property(worlds, (world) => {
        const other = planned({ ...world, live: shuffle(world.live) });
        expect(other).toEqual(planned(world));
        const reversed = planned({ ...world, desired: shuffle(world.desired) });
        expect(reversed.fingerprint).toBe(other.fingerprint);
        expect(reversed.changes.map(nameOf)).toEqual(other.changes.map(nameOf));
      }),
    );
  });
});

describe('the order of changes', () => {
  const part = fc.constantFrom('a', 'b', 'B', 'a-b', 'é', '😀', '');
  const id = fc.record({ project: part, environment: part, flag: part, kind: part, key: part });

  it('the order of changes is a total order', () => {
    fc.assert(
      fc.property(id, id, id, (a, b, c) => {
        expect(compareChanges(a, b) + compareChanges(b, a)).toBe(0);
        expect(compareChanges(a, b) === 0).toBe(isDeepStrictEqual({ ...a }, { ...b }));
        if (compareChanges(a, b) <= 0 && compareChanges(b, c) <= 0)
          expect(compareChanges(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('canonical JSON', () => {
  const json = fc.jsonValue() as fc.Arbitrary<Json>;

  it('canonical JSON is equal for two values if and only if they are deeply equal', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        // JSON text has neither negative zero nor an order of keys.
        const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value));
        expect(canonical(a) === canonical(b)).toBe(isDeepStrictEqual(plain(a), plain(b)));
        expect(canonical(JSON.parse(canonical(a)) as Json)).toBe(canonical(a));
      }),
    );
  });
});

describe('map keys', () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/);

  it('map keys split into the parts that they were joined from, whatever the context key contains', () => {
    const contextKeys = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => `\n${text}\n`),
    );
    fc.assert(
      fc.property(plain, plain, contextKeys, plain, plain, (flag, kind, key, project, environment) => {
        const id = { flag, kind, key };
        const scope = { project, environment };
        expect(parseContextKey(contextKey(kind, key))).toEqual({ kind, key });
        expect(parseOverrideKey(overrideKey(id))).toEqual(id);
        expect(splitScopedKey(scopedKey(scope, id))).toEqual([scopeKey(scope), overrideKey(id)]);
      }),
    );
    expect(parseOverrideKey(overrideKey(idOf('f user a b')))).toEqual({
      flag: 'f',
      kind: 'user',
      key: 'a b',
    });
  });
});

describe('resolving settings', () => {
  const value = fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>;

  it('resolving a setting gives the same result with and without a memo, and a variation with that value', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), value, (values, wanted) => {
        const variations = values.map((each) => ({ id: undefined, name: undefined, value: each }));
        const resolve = createResolver(variations);
        const asked = { type: 'value' as const, value: wanted };
        const found = resolveSetting(asked, variations);
        expect(resolve(asked)).toEqual(found);
        expect(resolve(asked)).toEqual(found);
        const equal = values.filter((each) => canonical(each) === canonical(wanted)).length;
        expect(found.type).toBe(['unknown', 'variation'][equal] ?? 'ambiguous');
        if (found.type === 'variation')
          expect(canonical(values[found.index] ?? null)).toBe(canonical(wanted));
      }),
    );
  });
});
