import { afterEach, expect, test } from 'vitest';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { applyWith, BATCH, change, recordingClock, stage, THEME, waitsAfter } from './setup.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

test.each([
  [0, 'applied'],
  [1, 'applied'],
  [7, 'applied'],
  [8, 'failed'],
])(
  'a PUT that conflicts %i times is sent at most 8 times, with a wait before each attempt',
  async (times, status) => {
    let sent = 0;
    server = await startServer((request, response) => {
      if (request.method === 'GET') json(response, 200, THEME);
      else if (sent++ < times) json(response, 409, { code: 'conflict' });
      else response.writeHead(204).end();
    });
    const clock = recordingClock();
    const outcomes = await applyWith(connectWriter(options(server.url)))([change('theme', 'alice', 1)], {
      clock,
    });
    expect(outcomes).toMatchObject([{ status }]);
    expect(sent).toBe(Math.min(times + 1, 8));
    expect(clock.waits).toEqual(waitsAfter(Math.min(times, 7)));
  },
);

test('a removal is a PUT of null', async () => {
  const { simulator, apply } = await stage();
  simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
  await apply([change('theme', 'alice', null, { before: 1 })]);
  expect(simulator.requests.map(({ body }) => body)).toEqual([{ setting: null, comment: 'for alice' }]);
});

test('a change that no PUT can make says why', async () => {
  const { simulator, apply } = await stage();
  const reason = 'not-settable';
  expect(await apply([change('recommendation-model', 'alice', 0)])).toMatchObject([
    { reason, message: 'a PUT cannot select this variation: its value is null or shared with another' },
  ]);
  // Without variation ids a change is a PUT even if patches are asked for.
  expect(await apply([change('theme', 'alice', 1)], { ...BATCH, dryRun: true })).toMatchObject([
    { reason, message: 'a PUT cannot be checked, and LaunchDarkly gave no variation id for a patch' },
  ]);
  expect(simulator.requests).toEqual([]);
});

test.each([false, true])(
  'a conflict over an override that is as the plan saw it is tried again (strict %j)',
  async (strict) => {
    for (const before of [undefined, 2]) {
      const { simulator, apply } = await stage({
        faults: [{ effect: { kind: 'conflict' }, when: 'once', method: 'PUT' }],
      });
      const target = { kind: 'user', key: 'alice' } as const;
      if (before !== undefined)
        simulator.setTarget('storefront', 'production', 'theme', { ...target, variation: before });
      const given = change('theme', 'alice', 1, before === undefined ? {} : { before });
      expect(await apply([given], { strict })).toMatchObject([{ reason: 'written' }]);
    }
  },
);

test('a removal that another write made is not sent again', async () => {
  const { simulator, apply } = await stage({
    faults: [{ effect: { kind: 'conflict' }, when: 'once', method: 'PUT' }],
  });
  const outcomes = await apply([change('theme', 'alice', null, { before: 1 })]);
  expect(outcomes).toMatchObject([{ reason: 'already-live' }]);
  expect(simulator.requests.map(({ method }) => method)).toEqual(['PUT', 'GET']);
});

test('a refused PUT fails with the response as its cause, and one that another write made says so', async () => {
  const { simulator, apply } = await stage({
    faults: [{ effect: { kind: 'conflict' }, when: 'once', method: 'PUT' }],
  });
  simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
  const wrong = { ...change('theme', 'bob', 1), after: { variation: 1, value: 'no such value' } };
  const [same, refused] = await apply([change('theme', 'alice', 1), wrong]);
  expect(same).toMatchObject({ reason: 'already-live', message: 'another write made the same change' });
  expect(refused).toMatchObject({ reason: 'refused', cause: { status: 400 } });
  expect(refused?.message).toContain('answered 400');
});

test('a change that another write made after the plan is skipped only if its override has moved', async () => {
  for (const [live, status] of [
    [0, 'applied'],
    [2, 'skipped'],
  ] as const) {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'conflict' }, when: 'once', method: 'PUT' }],
    });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: live });
    const outcomes = await apply([change('theme', 'alice', 1, { before: 0 })], { strict: true });
    expect(outcomes).toMatchObject([{ status }]);
  }
});
