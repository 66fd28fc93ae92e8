import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import type { Change } from '../../src/reconcile/plan.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import {
  applyWith,
  BATCH,
  batchStage,
  dark,
  ends,
  recordingClock,
  type Stage,
  THEME,
  waitsAfter,
} from './setup.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const sent = (simulator: Simulator): string[] =>
  simulator.requests.map(({ method, status }) => `${method} ${status}`);

describe('patches', () => {
  test('a patch adds, moves and removes targets in one request, with the comment of its commit', async () => {
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

  test('a patch sets variations whose value is null or shared with another', async () => {
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

  test('one patch is sent for each flag, environment and commit', async () => {
    const { simulator, apply, named: one } = await batchStage();
    const from = (id: string, change: Change): Change => ({
      ...change,
      provenance: { type: 'commit', commit: { id, subject: id, author: 'Dana', date: 0 } },
    });
    const staging = { environment: 'staging' };
    await apply(
      [
        from('first', one('theme', 'alice', 1)),
        from('first', one('theme', 'bob', 2)),
        from('second', one('theme', 'carol', 1)),
        from('first', one('theme', 'alice', 1, staging)),
        from('first', one('checkout-v2', 'alice', 1)),
      ],
      { commentOf: ({ provenance }) => (provenance.type === 'commit' ? provenance.commit.subject : '') },
    );
    const patches = simulator.requests.map(({ path, body }) => {
      const { environmentKey, comment } = body as { environmentKey: string; comment: string };
      return `${path.split('/').at(-1)} ${environmentKey} ${comment}`;
    });
    expect(patches.toSorted()).toEqual([
      'checkout-v2 production first',
      'theme production first',
      'theme production second',
      'theme staging first',
    ]);
  });

  test('a patch selects variations by id, and removes before it adds', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 0 });
    await apply([one('theme', 'alice', 1), one('theme', 'bob', 1, { before: 0 })]);
    const [lightId, darkId] = simulator.flag('storefront', 'theme').variations.map(({ id }) => id);
    expect(simulator.requests[0]?.body).toEqual({
      environmentKey: 'production',
      comment: 'for alice',
      instructions: [
        { kind: 'removeTargets', contextKind: 'user', variationId: lightId, values: ['bob'] },
        { kind: 'addTargets', contextKind: 'user', variationId: darkId, values: ['alice', 'bob'] },
      ],
    });
  });

  test('a patch is split if it has too many keys, and its parts are sent one at a time', async () => {
    const { simulator, apply, named: one } = await batchStage({ writeDuration: 5 });
    const changes = Array.from({ length: 10 }, (_, index) => one('theme', `u${index}`, 1));
    await apply(changes, { writes: { mode: 'batch', values: 4 } });
    expect(sent(simulator)).toEqual(['PATCH 200', 'PATCH 200', 'PATCH 200']);
  });

  test('a patch does not break pending changes, unless the configuration allows it', async () => {
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

describe('flags that changed since the plan', () => {
  test('a patch for a flag that changed since the plan is refused, and sent again with the targets where they are now', async () => {
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

  test('a refused patch is sent again as a whole if only some of its targets have moved', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    const outcomes = await apply([one('theme', 'alice', 1), one('theme', 'bob', 1, { before: 0 })]);
    expect(ends(outcomes)).toEqual(['applied written', 'applied written']);
    expect(sent(simulator)).toEqual(['PATCH 400', 'GET 200', 'PATCH 200']);
  });

  test('a patch for a flag that changed since the plan skips targets that moved if the plan must be applied exactly', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', 1, { before: 0 })];
    expect(ends(await apply(changes, { strict: true }))).toEqual(['applied written', 'skipped live-moved']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'bob')).toBe(2);
  });

  test('a patch for a flag that changed since the plan removes a target from where it is now if the response shows that it is still there', async () => {
    const { simulator, apply, named: one } = await batchStage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 2 });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', null, { before: 0 })];
    expect(ends(await apply(changes))).toEqual(['applied written', 'applied written']);
    expect(sent(simulator)).toEqual(['PATCH 200', 'PATCH 200']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'bob')).toBeUndefined();
  });

  test('a patch for a flag that was archived or deleted is sent once, and its changes are skipped', async () => {
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

describe('conflicts', () => {
  const conflict = { effect: { kind: 'conflict' }, when: 'once', method: 'PATCH' } as const;

  test.each([
    [0, 'applied written'],
    [1, 'applied written'],
    [7, 'applied written'],
    [8, 'failed conflict'],
  ])(
    'a patch that conflicts %i times is sent at most 8 times, with a wait before each attempt',
    async (times, end) => {
      let patches = 0;
      server = await startServer((request, response) => {
        if (request.method === 'PATCH' && patches++ < times) return json(response, 409, { code: 'conflict' });
        json(response, 200, request.method === 'PATCH' ? {} : THEME);
      });
      const clock = recordingClock();
      const outcomes = await applyWith(connectWriter(options(server.url)))([dark('alice')], {
        ...BATCH,
        clock,
      });
      expect(ends(outcomes)).toEqual([end]);
      expect(patches).toBe(Math.min(times + 1, 8));
      expect(clock.waits).toEqual(waitsAfter(Math.min(times, 7)));
    },
  );

  test('a patch that conflicts with another write is sent again after reading the flag, without what is already live', async () => {
    const { simulator, apply, named: one } = await batchStage({ faults: [conflict] });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const outcomes = await apply([one('theme', 'alice', 1), one('theme', 'bob', 1)]);
    expect(ends(outcomes)).toEqual(['applied already-live', 'applied written']);
    expect(sent(simulator)).toEqual(['PATCH 409', 'GET 200', 'PATCH 200']);
  });

  test('a patch that conflicts every time fails the changes of its flag, and no others', async () => {
    const { apply, named: one } = await batchStage({
      faults: [{ ...conflict, when: 'always', path: '*theme' }],
    });
    const changes = [one('theme', 'alice', 1), one('theme', 'bob', 1), one('checkout-v2', 'alice', 1)];
    expect(ends(await apply(changes))).toEqual(['failed conflict', 'failed conflict', 'applied written']);
  });
});

describe('refusals', () => {
  /** A server that has the flag `theme` and answers each patch with `patch`. */
  async function against(patch: (response: ServerResponse) => void): Promise<Stage['apply']> {
    server = await startServer((request, response) => {
      if (request.method === 'PATCH') patch(response);
      else json(response, 200, THEME);
    });
    const apply = applyWith(connectWriter(options(server.url)));
    return (changes, extra) => apply(changes, { ...BATCH, ...extra });
  }
  const changes = ['alice', 'bob', 'carol'].map(dark);

  test('a patch that is refused because a scheduled change would fail is reported after reading the flag once', async () => {
    const message = 'This would cause a pending scheduled change to fail';
    const apply = await against((response) => json(response, 400, { code: 'invalid_request', message }));
    const outcomes = await apply(changes);
    expect(ends(outcomes)).toEqual(changes.map(() => 'failed pending-change'));
    expect(outcomes[0]?.message).toContain('batch.ignoreConflicts');
    expect(server?.seen).toHaveLength(2);
  });

  test('a patch that is refused because approvals are required is reported for the whole flag', async () => {
    const message = 'Flags in this environment require approval';
    const apply = await against((response) => json(response, 405, { code: 'method_not_allowed', message }));
    const outcomes = await apply(changes, { writes: { mode: 'batch', values: 2 } });
    expect(ends(outcomes)).toEqual(changes.map(() => 'approval-required approval-required'));
    expect(server?.seen).toHaveLength(1);
  });

  test('a patch counts as applied if the response is a 200 that cannot be parsed', async () => {
    const apply = await against((response) => response.writeHead(200).end('{"key":'));
    expect(ends(await apply(changes))).toEqual(changes.map(() => 'applied written'));
  });
});

describe('early ends', () => {
  test('a run of patches does not send the patches after an interruption', async () => {
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

  test('a run of patches stops after a few server errors in a row', async () => {
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

describe('dry runs', () => {
  test('a dry run sends each patch with dryRun, changes nothing, and finds what would be refused', async () => {
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
