import { afterEach, describe, expect, test, vi } from 'vitest';
import { startControl } from '../../src/simulator/control.js';
import { Faults } from '../../src/simulator/faults/faults.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { call } from './support/call.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();
const theme = (key: string): string => `/api/v2/users/storefront/production/${key}/flags/theme`;
const dark = { body: { setting: 'dark' } };

async function disturbed(...faults: readonly string[]): Promise<Running> {
  return start({ faults: faults.map((fault) => parseFault(fault)) });
}

/** The number of targets, which shows which writes took effect. */
const effects = ({ simulator }: Running): number =>
  simulator.targets('storefront', 'production', 'theme').length;

describe('a fault', () => {
  test.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ])('the fault %s breaks the connection after %i writes took effect', async (fault, count) => {
    const running = await disturbed(`${fault},once`);
    await expect(running.call('PUT', theme('a'), dark)).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(effects(running)).toBe(count);
    expect(running.simulator.requests).toMatchObject([{ status: 0 }]);
    expect((await running.call('PUT', theme('b'), dark)).status).toBe(204);
  });

  test.each([
    ['status=404', 404],
    ['status=405', 405],
    ['status=410', 410],
    ['status=500', 500],
    ['status=502', 502],
    ['status=503', 503],
    ['api-version', 400],
    ['api-version=406', 406],
  ])('the fault %s answers %i before the write takes effect', async (fault, status) => {
    const running = await disturbed(`${fault},once`);
    expect((await running.call('PUT', theme('a'), dark)).status).toBe(status);
    expect(effects(running)).toBe(0);
    expect((await running.call('PUT', theme('a'), dark)).status).toBe(204);
  });

  test.each([500, 502, 503])(
    'the fault status-after=%i answers after the write took effect',
    async (status) => {
      const running = await disturbed(`status-after=${status},once`);
      expect((await running.call('PUT', theme('a'), dark)).status).toBe(status);
      expect(effects(running)).toBe(1);
    },
  );

  test('the fault late breaks the connection at once, and the write takes effect later', async () => {
    const running = await disturbed('late=50,once');
    await expect(running.call('PUT', theme('a'), dark)).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(effects(running)).toBe(0);
    await vi.waitFor(() => expect(effects(running)).toBe(1), { interval: 5 });
  });

  test('the fault conflict refuses writes but not reads', async () => {
    const running = await disturbed('conflict');
    expect(await running.call('PUT', theme('a'), dark)).toMatchObject({
      status: 409,
      body: { code: 'optimistic_locking_error' },
    });
    expect((await running.call('GET', theme('a'))).status).toBe(200);
  });

  test('the fault ip-limit answers 429 with Retry-After and without rate limit headers', async () => {
    const running = await disturbed('ip-limit=7,once');
    const { status, headers } = await running.call('PUT', theme('a'), dark);
    expect([status, headers['retry-after']]).toEqual([429, '7']);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });

  test('the fault malformed sends half of the JSON as if it were complete', async () => {
    const running = await disturbed('malformed,once');
    const { status, body } = await running.call('GET', theme('a'));
    expect(status).toBe(200);
    expect(body).toMatch(/^\{"_links"/);
  });

  test('the fault truncate closes the connection in the middle of the body', async () => {
    const running = await disturbed('truncate,once');
    await expect(running.call('GET', theme('a'))).rejects.toThrow('aborted');
  });

  test('the fault slow-body sends the same body in pieces', async () => {
    const running = await disturbed('slow-body=20,once');
    const slow = await running.call('GET', theme('a'));
    expect(slow.body).toEqual((await running.call('GET', theme('a'))).body);
    expect(slow.headers['x-ratelimit-global-remaining']).toBe('19999');
  });

  test('the fault latency delays the response', async () => {
    const running = await disturbed('latency=40,method=PUT');
    const order: string[] = [];
    await Promise.all([
      running.call('PUT', theme('a'), dark).then(() => order.push('PUT')),
      running.call('GET', theme('a')).then(() => order.push('GET')),
    ]);
    expect(order).toEqual(['GET', 'PUT']);
  });

  test('the faults no-rate-headers and past-reset change only headers', async () => {
    const now = Date.UTC(2026, 0, 1);
    const running = await start({ clock: { now: () => now }, limits: { token: 5 } });
    running.simulator.faults.add(parseFault('past-reset=5000,once'));
    const past = await running.call('PUT', theme('a'), dark);
    expect(past).toMatchObject({
      status: 204,
      headers: {
        'x-ratelimit-reset': String(now - 5000),
        'x-ratelimit-auth-token-reset': String(now - 5000),
        'x-ratelimit-auth-token-remaining': '4',
      },
    });
    running.simulator.faults.add(parseFault('no-rate-headers,once'));
    const bare = await running.call('PUT', theme('a'), dark);
    expect(Object.keys(bare.headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
    expect((await running.call('PUT', theme('a'), dark)).headers).toHaveProperty('x-ratelimit-reset');
  });
});

/** One character for each of `count` requests: `!` if a fault happened, `.` if not. */
function pattern(faults: Faults, count: number, method = 'PUT', path = '/x'): string {
  return Array.from({ length: count }, () => (faults.match(method, path).length > 0 ? '!' : '.')).join('');
}

function planned(text: string, seed?: number): Faults {
  const faults = new Faults(seed);
  faults.add(parseFault(text));
  return faults;
}

describe('when faults happen', () => {
  test('faults happen once, always, or with every n-th request', () => {
    expect(pattern(planned('conflict,once'), 5)).toBe('!....');
    expect(pattern(planned('conflict'), 3)).toBe('!!!');
    expect(pattern(planned('conflict,every=3'), 9)).toBe('..!..!..!');
  });

  test('faults with a probability happen to the same requests for the same seed', () => {
    const first = pattern(planned('conflict,chance=0.3', 7), 200);
    expect(pattern(planned('conflict,chance=0.3', 7), 200)).toBe(first);
    expect(pattern(planned('conflict,chance=0.3', 8), 200)).not.toBe(first);
    const affected = first.replaceAll('.', '').length;
    expect(affected).toBeGreaterThan(30);
    expect(affected).toBeLessThan(90);
    expect(pattern(planned('conflict,chance=0'), 50)).toBe('.'.repeat(50));
    expect(pattern(planned('conflict,chance=1'), 50)).toBe('!'.repeat(50));
  });

  test('faults happen only to requests with their method and path, and count only those', () => {
    const faults = planned('conflict,every=2,method=put,path=/api/*/flags/theme');
    expect(pattern(faults, 2, 'GET', '/api/x/flags/theme')).toBe('..');
    expect(pattern(faults, 2, 'PUT', '/api/x/flags/other')).toBe('..');
    expect(pattern(faults, 4, 'PUT', '/api/x/flags/theme')).toBe('.!.!');
  });

  test('several faults can happen to one request, in the order in which they were planned', () => {
    const faults = planned('latency=5');
    faults.add(parseFault('conflict'));
    expect(faults.match('PUT', '/x').map(({ kind }) => kind)).toEqual(['latency', 'conflict']);
  });

  test.each([
    '',
    'explode',
    'status=403',
    'api-version=404',
    'reset-before=3',
    'latency=soon',
    'conflict,sometimes',
    'conflict,chance=2',
  ])('the fault %j is refused with an explanation of the syntax', (text) => {
    expect(() => parseFault(text)).toThrow(
      expect.objectContaining({ name: 'OperatorError', code: 'bad-fault' }),
    );
  });
});

describe('the control API', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  async function controlled(): Promise<Running & { readonly control: string }> {
    const running = await start();
    const { url, stop } = await startControl(running.simulator, 0);
    stops.push(stop);
    return { ...running, control: url };
  }

  test('the control API plans, lists and removes faults', async () => {
    const { call: ask, control } = await controlled();
    const added = await call(control, 'POST', '/faults', { body: { fault: 'status=503' } });
    expect(added).toMatchObject({ status: 201, body: { id: 1 } });
    expect((await ask('GET', theme('a'))).status).toBe(503);
    expect((await call(control, 'GET', '/faults')).body).toMatchObject({
      faults: [{ id: 1, fault: { effect: { kind: 'status', status: 503 }, when: 'always' } }],
    });
    expect((await call(control, 'DELETE', '/faults/1')).status).toBe(204);
    expect((await call(control, 'DELETE', '/faults/1')).status).toBe(404);
    expect((await ask('GET', theme('a'))).status).toBe(200);
    await call(control, 'POST', '/faults', { body: { fault: 'status=503' } });
    expect((await call(control, 'DELETE', '/faults')).status).toBe(204);
    expect((await ask('GET', theme('a'))).status).toBe(200);
  });

  test('the control API sets limits and shows the requests', async () => {
    const { call: ask, control } = await controlled();
    await ask('PUT', theme('a'), dark);
    const put = await call(control, 'PUT', '/limits', { body: { route: 1, global: null } });
    expect(put).toMatchObject({ status: 200, body: { limits: { route: 1 } } });
    expect((await ask('PUT', theme('a'), dark)).status).toBe(429);
    const log = await call(control, 'GET', '/requests');
    expect(log.body).toMatchObject({ requests: [{ status: 204 }, { status: 429 }] });
    expect(JSON.stringify(log.body)).not.toContain('api-writer');
    await call(control, 'DELETE', '/requests');
    expect((await call(control, 'GET', '/requests')).body).toEqual({ requests: [] });
  });

  test('the control API explains errors, and refuses what a form in a browser could send', async () => {
    const { control } = await controlled();
    const status = async (method: string, path: string, options: object): Promise<number> =>
      (await call(control, method, path, options)).status;
    expect(await status('POST', '/faults', { body: { fault: 'explode' } })).toBe(400);
    expect(await status('POST', '/faults', { body: { faul: 'conflict' } })).toBe(400);
    expect(await status('PUT', '/limits', { body: { route: -1 } })).toBe(400);
    expect(await status('PUT', '/limits', { body: { rout: 1 } })).toBe(400);
    expect(await status('POST', '/faults', { body: { fault: 'conflict' }, contentType: 'text/plain' })).toBe(
      415,
    );
    expect(await status('GET', '/other', {})).toBe(404);
  });

  test('the control API shows and moves the clock, but not that of the rate limits', async () => {
    const { call: ask, control, simulator } = await controlled();
    const move = (body: unknown): Promise<unknown> => call(control, 'PUT', '/clock', { body });
    expect(await move({ now: '2100-01-01T00:00:00Z' })).toMatchObject({ status: 200 });
    const { body } = await call(control, 'GET', '/clock');
    expect(body).toHaveProperty('now', expect.stringMatching(/^2100-01-01T00:00:/));
    await move({ now: 5_000_000_000_000 });
    await move({ advance: 1_000_000_000_000 });
    const change = await ask('PUT', theme('a'), dark);
    expect(Number(change.headers['x-ratelimit-reset'])).toBeLessThan(Date.now() + 20_000);
    const [entry] = simulator.auditLog();
    expect(entry?.date).toBeGreaterThanOrEqual(6_000_000_000_000);
    expect(entry?.date).toBeLessThan(6_000_000_100_000);
    for (const wrong of [{}, { now: 'soon' }, { now: 1e300 }, { advance: '1' }, { now: 1, advance: 1 }, 7]) {
      expect(await move(wrong)).toMatchObject({
        status: 400,
        body: { error: 'the clock needs a time, or the milliseconds to advance it by' },
      });
    }
  });

  test('the control API removes and restores the user routes', async () => {
    const { call: ask, control } = await controlled();
    const context = '/api/v2/projects/storefront/environments/production/contexts/user/a/flags/theme';
    expect((await call(control, 'GET', '/routes')).body).toEqual({ routes: { users: true } });
    const set = (body: unknown): Promise<unknown> => call(control, 'PUT', '/routes', { body });
    expect(await set({ users: false })).toMatchObject({ status: 200, body: { routes: { users: false } } });
    const gone = await ask('PUT', theme('a'), dark);
    expect(gone).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(Object.keys(gone.headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
    expect((await ask('GET', theme('a'))).status).toBe(404);
    expect((await ask('PUT', context, dark)).status).toBe(204);
    expect(await set({ users: 'no' })).toMatchObject({ status: 400 });
    expect(await set({ users: true, flags: true })).toMatchObject({ status: 400 });
    await set({ users: true });
    expect((await ask('PUT', theme('a'), dark)).status).toBe(204);
  });

  test('the control API is not on the port of the simulated LaunchDarkly', async () => {
    const { url } = await controlled();
    expect((await call(url, 'GET', '/faults')).status).toBe(404);
  });
});
