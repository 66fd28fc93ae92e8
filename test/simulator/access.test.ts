import { expect, test } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import { latch } from './support/latch.js';
import { simulators } from './support/running.js';

const start = simulators();
const theme = '/api/v2/users/storefront/production/alice/flags/theme';

test.each([undefined, '', 'nobody', 'Bearer api-writer', 'sdk-production'])(
  'a request with the token %j is answered with 401',
  async (token) => {
    const { simulator, call } = await start();
    const reply = await call('PUT', theme, { token, body: { setting: 'dark' } });
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(simulator.auditLog()).toEqual([]);
  },
);

test('a reader token may read, and gets 403 for a write', async () => {
  const { call } = await start();
  expect((await call('GET', theme, { token: 'api-reader' })).status).toBe(200);
  const reply = await call('PUT', theme, { token: 'api-reader', body: { setting: 'dark' } });
  expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

test('an unknown route is answered with 404 in the API’s error format', async () => {
  const { simulator } = await start();
  const { url } = { url: `http://127.0.0.1:${String(simulator.port)}` };
  const reply = await fetch(`${url}/api/v2/unheard-of`);
  expect(reply.status).toBe(404);
  expect(await reply.json()).toMatchObject({ code: 'not_found' });
});

test('the request log contains requests and statuses, but no tokens', async () => {
  const { simulator, call } = await start({ clock: { now: () => 1_700_000_000_000 } });
  await call('PUT', `${theme}?x=%20`, { body: { setting: 'dark' } });
  await call('GET', theme, { token: 'somebody-elses-secret' });
  expect(simulator.requests).toMatchObject([
    {
      at: 1_700_000_000_000,
      method: 'PUT',
      path: `${theme}?x=%20`,
      headers: { authorization: 'writer', 'content-type': 'application/json' },
      body: { setting: 'dark' },
      status: 204,
    },
    { method: 'GET', path: theme, headers: { authorization: 'unknown' }, body: undefined, status: 401 },
  ]);
  const log = JSON.stringify(simulator.requests);
  expect(log).not.toContain('api-writer');
  expect(log).not.toContain('somebody-elses-secret');
});

test('caller-identity returns the name of the token', async () => {
  const { call } = await start();
  const { body } = await call('GET', '/api/v2/caller-identity', { token: 'api-reader' });
  expect(body).toMatchObject({ tokenName: 'Reader', serviceToken: true });
});

test('one of two overlapping writes to a flag in one environment gets 409', async () => {
  const writes = latch();
  const { simulator, call } = await start({ writeDuration: writes.opened });
  const put = (
    environment: string,
    flag: string,
    key: string,
    setting: unknown,
  ): Promise<{ status: number }> =>
    call('PUT', `/api/v2/users/storefront/${environment}/${key}/flags/${flag}`, { body: { setting } });
  const pending = [
    put('production', 'theme', 'a', 'dark'),
    put('production', 'theme', 'b', 'dark'),
    put('staging', 'theme', 'c', 'dark'),
    put('production', 'search-limit', 'd', 10),
  ];
  expect(await Promise.race(pending)).toMatchObject({
    status: 409,
    body: { code: 'optimistic_locking_error' },
  });
  writes.open();
  const replies = await Promise.all(pending);
  const statuses = replies.map(({ status }) => status);
  expect(statuses.slice(2)).toEqual([204, 204]);
  expect(statuses.slice(0, 2).toSorted((a, b) => a - b)).toEqual([204, 409]);
  expect(simulator.auditLog()).toHaveLength(3);
  expect((await put('production', 'theme', 'b', 'dark')).status).toBe(204);
});

test('starting a simulator on a port that is in use fails with cannot-listen', async () => {
  const { simulator } = await start();
  const port = simulator.port ?? 0;
  await expect(new Simulator({ port }).start()).rejects.toMatchObject({ code: 'cannot-listen' });
});
