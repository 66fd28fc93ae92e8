import { describe, expect, test } from 'vitest';
import { call, type CallOptions } from './support/call.js';
import { EDIT, pageToken, sendEdit } from './support/page.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();

/** Everything that a request could change, as text. */
function stateOf({ simulator }: Running): string {
  return JSON.stringify([simulator.world.snapshot(), simulator.requests]);
}

describe('changes made on the page', () => {
  test('a change on the page sets, changes and removes a target', async () => {
    const { simulator, url } = await start();
    const live = (): number | undefined =>
      simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice');
    const added = await sendEdit(url, '/page/targets', EDIT);
    expect(added).toMatchObject({ status: 200, body: { message: 'Targeted alice to Dark' } });
    expect(live()).toBe(1);
    await sendEdit(url, '/page/targets', { ...EDIT, variation: 2 });
    expect(live()).toBe(2);
    const same = await sendEdit(url, '/page/targets', { ...EDIT, variation: 2 });
    expect(same.body).toEqual({ message: 'Nothing to change: it is like that already' });
    const removed = await sendEdit(url, '/page/targets', { ...EDIT, variation: null });
    expect(removed.body).toEqual({ message: 'Removed the target alice' });
    expect(live()).toBeUndefined();
    expect(simulator.auditLog()).toHaveLength(3);
    expect(simulator.requests).toEqual([]);
  });

  test('the audit log names a member for a change on the page, and the token for one through the API', async () => {
    const { url, call: send } = await start();
    await sendEdit(url, '/page/targets', { ...EDIT, comment: ' By hand ' });
    await send('PUT', '/api/v2/users/storefront/production/bob/flags/theme', { body: { setting: 'dark' } });
    const { body } = await send('GET', '/api/v2/auditlog', {});
    const { items } = body as { items: readonly Readonly<Record<string, unknown>>[] };
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ token: { name: 'Writer' } });
    expect(items[1]).toMatchObject({ member: { email: 'member@example.com' }, comment: 'By hand' });
    expect(items[1]).not.toHaveProperty('token');
  });

  test.each<[string, object, number, string]>([
    ['an unknown project', { project: 'shop' }, 404, 'project'],
    ['an unknown environment', { environment: 'test' }, 404, 'environment'],
    ['an unknown flag', { flag: 'teme' }, 404, 'flag'],
    ['an unknown context kind', { kind: 'team' }, 404, 'context kind'],
    ['an empty key', { key: '' }, 400, 'key must be'],
    ['a key that is not a string', { key: 7 }, 400, 'key must be'],
    ['a variation that does not exist', { variation: 3 }, 400, 'from 0 to 2'],
    ['no variation', { variation: undefined }, 400, 'variation must be'],
    ['a comment that is not a string', { comment: {} }, 400, 'comment must be'],
    ['another field', { on: true }, 400, 'target/on'],
  ])('a change on the page with %s is refused and changes nothing', async (_, changes, status, message) => {
    const running = await start();
    const before = stateOf(running);
    const reply = await sendEdit(running.url, '/page/targets', { ...EDIT, ...changes });
    expect(reply).toMatchObject({ status, body: { message: expect.stringContaining(message) as string } });
    expect(stateOf(running)).toBe(before);
  });

  test('a change on the page waits for its turn, like any other write of the flag', async () => {
    let finish = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const { url } = await start({ writeDuration: () => waiting });
    const token = await pageToken(url);
    const first = sendEdit(url, '/page/targets', EDIT, { headers: { 'x-page-token': token } });
    const second = sendEdit(url, '/page/targets', EDIT, { headers: { 'x-page-token': token } });
    expect((await Promise.race([first, second])).status).toBe(409);
    finish();
    const [one, other] = await Promise.all([first, second]);
    expect(one.status + other.status).toBe(200 + 409);
  });
});

describe('what protects the page', () => {
  const REFUSED: readonly (readonly [string, (running: Running) => CallOptions | Promise<CallOptions>])[] = [
    ['without a token', () => ({ headers: { 'x-page-token': '' } })],
    ['with a made-up token', () => ({ headers: { 'x-page-token': 'x'.repeat(80) } })],
    [
      'with a token that was changed',
      async ({ url }) => ({ headers: { 'x-page-token': (await pageToken(url)).replace(/^\d/, '9') } }),
    ],
    [
      'with the token of another start of the simulator',
      async () => ({ headers: { 'x-page-token': await pageToken((await start()).url) } }),
    ],
    [
      'with the token of a page under another host name',
      async ({ url }) => {
        const { port } = new URL(url);
        return { headers: { 'x-page-token': await pageToken(url, `localhost:${port}`) } };
      },
    ],
    ['from a foreign origin', () => ({ headers: { origin: 'https://evil.example' } })],
    ['from an opaque origin', () => ({ headers: { origin: 'null' } })],
    ['from another port of this machine', () => ({ headers: { origin: 'http://127.0.0.1:1' } })],
    ['for a foreign host', () => ({ host: 'evil.example' })],
    [
      'for a foreign host with its origin',
      () => ({ host: 'evil.example', headers: { origin: 'http://evil.example' } }),
    ],
    ['as plain text', () => ({ contentType: 'text/plain' })],
    ['as a form', () => ({ contentType: 'application/x-www-form-urlencoded' })],
  ];

  test.each(REFUSED)('a change %s is refused and changes nothing', async (_, options) => {
    const running = await start();
    running.simulator.setTarget('storefront', 'staging', 'theme', { kind: 'user', key: 'bob', variation: 1 });
    const before = stateOf(running);
    const wrong = await options(running);
    for (const [path, body] of [
      ['/page/targets', EDIT],
      ['/page/reset', {}],
    ] as const) {
      const reply = await sendEdit(running.url, path, body, wrong);
      expect([path, reply.status]).toEqual([path, wrong.contentType === undefined ? 403 : 400]);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(stateOf(running)).toBe(before);
  });

  test('a change without Origin is refused: browsers send one with every change', async () => {
    const running = await start();
    const headers = { 'x-page-token': await pageToken(running.url) };
    const reply = await call(running.url, 'POST', '/page/targets', { token: undefined, body: EDIT, headers });
    expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test('a token is valid for 12 hours, and the refusal after that says what to do', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const { url } = await start({ clock: { now: () => now } });
    const headers = { 'x-page-token': await pageToken(url) };
    now += 12 * 60 * 60 * 1000;
    expect((await sendEdit(url, '/page/targets', EDIT, { headers })).status).toBe(200);
    now += 1;
    expect(await sendEdit(url, '/page/targets', EDIT, { headers })).toMatchObject({
      status: 403,
      body: { code: 'stale_page', message: 'this page is out of date: reload it, and try again' },
    });
  });

  test('each page has a different token', async () => {
    const { url } = await start();
    expect(await pageToken(url)).not.toBe(await pageToken(url));
  });

  test('a preflight request of another site is refused', async () => {
    const { url } = await start();
    const reply = await call(url, 'OPTIONS', '/page/targets', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(reply.status).toBe(403);
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('reading the page changes nothing', async () => {
    const running = await start();
    const before = JSON.stringify(running.simulator.world.snapshot());
    const headers = { 'x-page-token': await pageToken(running.url), origin: running.url };
    const query = '?project=storefront&flag=theme&kind=user&key=alice&variation=1&find=alice&log=all';
    for (const path of ['/', '/page/find', '/page/targets', '/page/reset', '/page/certificate.pem']) {
      for (const method of ['GET', 'HEAD']) await call(running.url, method, `${path}${query}`, { headers });
    }
    expect(JSON.stringify(running.simulator.world.snapshot())).toBe(before);
  });
});
