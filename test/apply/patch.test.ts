import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { ApplyOptions } from '../../src/apply/options.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import type { Change, Side } from '../../src/reconcile/plan.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { applyWith, change, ends, stage, type Stage } from './setup.js';

const BATCH = { writes: { mode: 'batch', values: 500 } } as const;

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A change that knows the ids of its variations, as a plan that was made from the simulator does. */
function named(simulator: Simulator, ...args: Parameters<typeof change>): Change {
  const { variations } = simulator.flag('storefront', args[0]);
  const side = (one: Side | null): Side | null =>
    one && { ...one, id: variations[one.variation]?.id ?? 'no such variation' };
  const made = change(...args);
  return { ...made, before: side(made.before), after: side(made.after) };
}

async function batchStage(
  more: Parameters<typeof stage>[0] = {},
  extra: Partial<ApplyOptions> = {},
): Promise<Stage & { readonly named: (...args: Parameters<typeof change>) => Change }> {
  const made = await stage(more);
  return {
    ...made,
    named: (...args) => named(made.simulator, ...args),
    apply: (changes, given) => made.apply(changes, { ...BATCH, ...extra, ...given }),
  };
}

const sent = (simulator: Simulator): string[] =>
  simulator.requests.map(({ method, status }) => `${method} ${status}`);

describe('a patch', () => {
  test('adds, moves and removes in one request, with the message of its commit', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 0 });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'carol', variation: 2 });
    const outcomes = await apply([
      one('theme', 'alice', 1),
      one('theme', 'bob', 1, { before: 0 }),
      one('theme', 'carol', null, { before: 2 }),
      one('theme', 'acme', 2, { kind: 'organization' }),
    ]);
    expect(ends(outcomes)).toEqual(Array.from({ length: 4 }, () => 'applied written'));
    expect(sent(simulator)).toEqual(['PATCH 200']);
    expect(simulator.targets('storefront', 'production', 'theme')).toHaveLength(3);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'bob')).toBe(1);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'organization', 'acme')).toBe(2);
    expect(simulator.auditLog().flatMap(({ comment }) => comment ?? [])).toEqual(['for alice']);
  });

  test('sets variations whose value is null, or shared with another one', async () => {
    const { simulator, apply, named: one } = await batchStage();
    const outcomes = await apply([
      one('recommendation-model', 'alice', 0),
      one('recommendation-model', 'bob', 2),
    ]);
    expect(ends(outcomes)).toEqual(['applied written', 'applied written']);
    expect(simulator.variationOf('storefront', 'production', 'recommendation-model', 'user', 'alice')).toBe(
      0,
    );
    expect(simulator.variationOf('storefront', 'production', 'recommendation-model', 'user', 'bob')).toBe(2);
  });

  test('is cut where it would hold more keys than it may, and its parts go one at a time', async () => {
    const { simulator, apply, named: one } = await batchStage({ writeDuration: 5 });
    const changes = Array.from({ length: 10 }, (_, index) => one('theme', `u${index}`, 1));
    await apply(changes, { writes: { mode: 'batch', values: 4 } });
    expect(sent(simulator)).toEqual(['PATCH 200', 'PATCH 200', 'PATCH 200']);
  });

  test('does not break what is pending, unless the configuration says so', async () => {
    for (const [ignoreConflicts, query] of [
      [false, ''],
      [true, '?ignoreConflicts=true'],
    ] as const) {
      const { simulator, apply, named: one } = await batchStage();
      await apply([one('theme', 'alice', 1)], { ignoreConflicts });
      expect(simulator.requests[0]?.path).toBe(`/api/v2/flags/storefront/theme${query}`);
    }
  });
});

describe('what changed since the plan', () => {
  test('is taken in when the patch is refused: the moved are moved from where they are', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'carol', variation: 1 });
    const outcomes = await apply([
      one('theme', 'alice', 1),
      one('theme', 'bob', 1, { before: 0 }),
      one('theme', 'carol', 1, { before: 0 }),
    ]);
    expect(ends(outcomes)).toEqual(['applied written', 'applied written', 'applied already-live']);
    expect(sent(simulator)).toEqual(['PATCH 400', 'GET 200', 'PATCH 200']);
  });

  test('is left alone where exactly the plan was asked for', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', 1, { before: 0 })];
    expect(ends(await apply(changes, { strict: true }))).toEqual(['applied written', 'skipped live-moved']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'bob')).toBe(2);
  });

  test('shows in the answer where a removal found nothing to remove: it is removed from where it is', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', null, { before: 0 })];
    expect(ends(await apply(changes))).toEqual(['applied written', 'applied written']);
    expect(sent(simulator)).toEqual(['PATCH 200', 'PATCH 200']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'bob')).toBeUndefined();
  });

  test('skips the changes of a flag that was archived or deleted, and asks once', async () => {
    const { simulator, apply, named: one } = await batchStage();
    const changes = [
      one('theme', 'alice', 1),
      one('theme', 'bob', 1),
      one('checkout-v2', 'alice', 1),
      one('banner', 'alice', 1),
    ];
    simulator.archiveFlag('storefront', 'theme');
    simulator.deleteFlag('storefront', 'banner');
    expect(ends(await apply(changes, { writes: { mode: 'batch', values: 2 } }))).toEqual([
      'skipped flag-archived',
      'skipped flag-archived',
      'applied written',
      'skipped flag-deleted',
    ]);
    expect(simulator.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(3);
  });
});

describe('a concurrent write', () => {
  const conflict = { effect: { kind: 'conflict' }, when: 'once', method: 'PATCH' } as const;

  test('is met by reading again and sending what is left', async () => {
    const { simulator, apply, named: one } = await batchStage({ faults: [conflict] });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const outcomes = await apply([one('theme', 'alice', 1), one('theme', 'bob', 1)]);
    expect(ends(outcomes)).toEqual(['applied already-live', 'applied written']);
    expect(sent(simulator)).toEqual(['PATCH 409', 'GET 200', 'PATCH 200']);
  });

  test('that never ends fails the changes of its flag and no others', async () => {
    const { apply, named: one } = await batchStage({
      faults: [{ ...conflict, when: 'always', path: '*theme' }],
    });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', 1), one('checkout-v2', 'alice', 1)];
    expect(ends(await apply(changes))).toEqual(['failed conflict', 'failed conflict', 'applied written']);
  });
});

describe('an override that is refused', () => {
  /** The project has no such context kind, which the plan would have found. */
  const bad = { kind: 'ghost' };

  test.each([1, 2, 7, 64, 100])('among %i is found by halving, and the others go through', async (count) => {
    const { simulator, apply, named: one } = await batchStage();
    const at = Math.floor(count / 3);
    const changes = Array.from({ length: count }, (_, index) =>
      one('theme', `u${index}`, 1, index === at ? bad : {}),
    );
    const outcomes = await apply(changes);
    expect(ends(outcomes)).toEqual(
      changes.map((_, index) => (index === at ? 'failed refused' : 'applied written')),
    );
    expect(outcomes[at]?.message).toContain('ghost');
    const patches = simulator.requests.filter(({ method }) => method === 'PATCH').length;
    expect(patches).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(count)) + 2);
  });

  test('is looked for five times in one patch, and the rest is reported as failed', async () => {
    const { simulator, apply, named: one } = await batchStage();
    const changes = Array.from({ length: 64 }, (_, index) =>
      one('theme', `u${index}`, 1, index % 8 === 0 ? bad : {}),
    );
    const outcomes = await apply(changes);
    const failed = outcomes.filter(({ status }) => status === 'failed');
    expect(outcomes).toHaveLength(64);
    expect(failed.length).toBeGreaterThan(8);
    expect(failed.filter(({ message }) => message.startsWith('not tried'))).toHaveLength(failed.length - 5);
    for (const [index, { status }] of outcomes.entries()) {
      const live = simulator.variationOf('storefront', 'production', 'theme', 'user', `u${index}`);
      expect(live).toBe(status === 'applied' ? 1 : undefined);
    }
    expect(simulator.requests.length).toBeLessThanOrEqual(5 * (2 * 6 + 2));
  });
});

describe('a refusal that no other patch would get around', () => {
  /** A server that knows the flag theme and answers each patch as a test wants. */
  async function against(patch: (response: ServerResponse) => void): Promise<Stage['apply']> {
    const flag = {
      key: 'theme',
      variations: [
        { _id: 'id-0', value: 'light' },
        { _id: 'id-1', value: 'dark' },
      ],
      environments: { production: { on: true, targets: [], contextTargets: [], prerequisites: [] } },
    };
    server = await startServer((request, response) => {
      if (request.method === 'PATCH') patch(response);
      else json(response, 200, flag);
    });
    const apply = applyWith(connectWriter(options(server.url)));
    return (changes, extra) => apply(changes, { ...BATCH, ...extra });
  }
  const changes = ['alice', 'bob', 'carol'].map((key) => ({
    ...change('theme', key, 1),
    after: { variation: 1, value: 'dark', id: 'id-1' },
  }));

  test('since a scheduled change would fail is told as it is, after one look', async () => {
    const message = 'This would cause a pending scheduled change to fail';
    const apply = await against((response) => json(response, 400, { code: 'invalid_request', message }));
    const outcomes = await apply(changes);
    expect(ends(outcomes)).toEqual(changes.map(() => 'failed pending-change'));
    expect(outcomes[0]?.message).toContain('batch.ignoreConflicts');
    expect(server?.seen).toHaveLength(2);
  });

  test('since approvals are required is told for the whole flag', async () => {
    const message = 'Flags in this environment require approval';
    const apply = await against((response) => json(response, 405, { code: 'method_not_allowed', message }));
    const outcomes = await apply(changes, { writes: { mode: 'batch', values: 2 } });
    expect(ends(outcomes)).toEqual(changes.map(() => 'approval-required approval-required'));
    expect(server?.seen).toHaveLength(1);
  });

  test('is not made of an answer that cannot be read: the patch went through', async () => {
    const apply = await against((response) => response.writeHead(200).end('{"key":'));
    expect(ends(await apply(changes))).toEqual(changes.map(() => 'applied written'));
  });
});

describe('an end before the end', () => {
  test('leaves later patches unsent', async () => {
    const stop = new AbortController();
    const { simulator, apply, named: one } = await batchStage({ connection: { signal: stop.signal } });
    const changes = Array.from({ length: 6 }, (_, index) => one('theme', `u${index}`, 1));
    const outcomes = await apply(changes, {
      writes: { mode: 'batch', values: 2 },
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 2) stop.abort();
      },
    });
    expect(ends(outcomes).slice(2)).toEqual(Array.from({ length: 4 }, () => 'skipped interrupted'));
    expect(sent(simulator)).toEqual(['PATCH 200']);
  });

  test('comes after a few silences, not after every change', async () => {
    const {
      simulator,
      apply,
      named: one,
    } = await batchStage({
      faults: [{ effect: { kind: 'status', status: 503 }, when: 'always', method: 'PATCH' }],
    });
    const changes = Array.from({ length: 50 }, (_, index) => one('theme', `u${index}`, 1));
    const outcomes = await apply(changes, { writes: { mode: 'batch', values: 5 } });
    expect(ends(outcomes).filter((end) => end === 'failed unavailable')).toHaveLength(20);
    expect(ends(outcomes).filter((end) => end === 'skipped stopped')).toHaveLength(30);
    expect(simulator.requests.length).toBeLessThan(30);
  });
});

describe('a dry run', () => {
  test('asks with each patch, changes nothing, and finds what would be refused', async () => {
    const { simulator, apply, named: one } = await batchStage({}, { dryRun: true });
    const outcomes = await apply([
      one('theme', 'alice', 1),
      one('theme', 'bob', 1, { kind: 'ghost' }),
      one('checkout-v2', 'alice', 1),
    ]);
    expect(ends(outcomes)).toEqual(['accepted dry-run', 'failed refused', 'accepted dry-run']);
    const patches = simulator.requests.filter(({ method }) => method !== 'GET');
    expect(patches.every(({ method, path }) => method === 'PATCH' && path.endsWith('?dryRun=true'))).toBe(
      true,
    );
    expect(simulator.targets('storefront', 'production', 'theme')).toEqual([]);
    expect(simulator.targets('storefront', 'production', 'checkout-v2')).toEqual([]);
  });
});
