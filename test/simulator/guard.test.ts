import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startControl } from '../../src/simulator/control.js';
import { guardedServer, type Handler } from '../../src/simulator/server/guard.js';
import { call, type CallOptions } from './support/call.js';
import { simulators } from './support/running.js';

const start = simulators();
const stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const THEME = '/api/v2/users/storefront/production/alice/flags/theme';

/** Every kind of route, on the port for LaunchDarkly's clients and on the control port. */
const ROUTES: readonly (readonly ['main' | 'control', string, string, CallOptions])[] = [
  ['main', 'GET', THEME, {}],
  ['main', 'PUT', THEME, { body: { setting: 'dark' } }],
  ['main', 'POST', '/api/v2/flags/storefront', { body: { key: 'fresh', name: 'Fresh' } }],
  ['main', 'GET', '/', { token: undefined }],
  ['main', 'GET', '/page/events', { token: undefined }],
  ['main', 'GET', '/page/find?find=alice', { token: undefined }],
  ['main', 'POST', '/page/targets', { token: undefined, body: {} }],
  ['main', 'POST', '/page/reset', { token: undefined, body: {} }],
  ['main', 'GET', '/sdk/latest-all', { token: 'sdk-production' }],
  ['main', 'GET', '/all', { token: 'sdk-production' }],
  ['main', 'POST', '/bulk', { token: 'sdk-production', body: [] }],
  ['main', 'DELETE', '/unheard-of', {}],
  ['control', 'GET', '/requests', {}],
  ['control', 'DELETE', '/requests', {}],
  ['control', 'POST', '/faults', { body: { fault: 'conflict' } }],
  ['control', 'PUT', '/limits', { body: { route: 1 } }],
  ['control', 'GET', '/unheard-of', {}],
];

async function both(hosts?: readonly string[]): Promise<{
  readonly main: string;
  readonly control: string;
  /** Everything that a request could change, as text. */
  readonly state: () => string;
}> {
  const { simulator, url } = await start({ hosts });
  const control = await startControl(simulator, 0);
  stops.push(control.stop);
  const state = (): string =>
    JSON.stringify([simulator.requests, simulator.auditLog(), simulator.faults.list(), simulator.limits]);
  return { main: url, control: control.url, state };
}

describe('a simulator', () => {
  test('a simulator answers only to loopback names, on every route of both ports', async () => {
    const ports = await both();
    const before = ports.state();
    for (const [port, method, path, options] of ROUTES) {
      const { port: number } = new URL(ports[port]);
      for (const host of [
        'evil.example',
        `evil.example:${number}`,
        `127.0.0.1.evil.example:${number}`,
        'x@y',
      ]) {
        const reply = await call(ports[port], method, path, { ...options, host });
        expect([method, path, host, reply.status]).toEqual([method, path, host, 403]);
        expect(reply).toMatchObject({ body: { code: 'forbidden' }, headers: { connection: 'close' } });
      }
    }
    expect(ports.state()).toBe(before);
  });

  // Other systems do not assign the other addresses of 127.0.0.0/8 to this machine.
  test.runIf(process.platform === 'linux')(
    'a simulator listens on 127.0.0.1 only, with both ports',
    async () => {
      const { main, control } = await both();
      for (const url of [main, control]) {
        const socket = connect(Number(new URL(url).port), '127.0.0.2');
        const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
        expect(error.code).toBe('ECONNREFUSED');
      }
    },
  );

  test.each(['localhost', 'LOCALHOST', 'shop.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])(
    'a simulator answers to %s, with and without a port',
    async (name) => {
      const { main, control } = await both();
      for (const host of [name, `${name}:80`]) {
        expect((await call(main, 'GET', THEME, { host })).status).toBe(200);
        expect((await call(main, 'GET', '/', { host })).status).toBe(200);
        expect((await call(control, 'GET', '/limits', { host })).status).toBe(200);
      }
    },
  );

  test('a simulator also answers to the host names in its options', async () => {
    const { main, control } = await both(['launchdarkly.test']);
    for (const host of ['launchdarkly.test', 'LaunchDarkly.test:443', 'launchdarkly.test.']) {
      expect((await call(main, 'GET', THEME, { host })).status).toBe(200);
      expect((await call(control, 'GET', '/limits', { host })).status).toBe(200);
    }
    expect((await call(main, 'GET', THEME, { host: 'x.launchdarkly.test' })).status).toBe(403);
  });

  test('a simulator refuses requests without a Host header', async () => {
    const { main } = await both();
    expect(await raw(main, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('a simulator refuses reads and writes from pages of other origins, on every route of both ports', async () => {
    const ports = await both();
    const before = ports.state();
    for (const [port, method, path, options] of ROUTES) {
      const { port: number } = new URL(ports[port]);
      for (const origin of [
        'https://evil.example',
        `http://evil.example:${number}`,
        'http://127.0.0.1:1',
        'http://127.0.0.1',
        `http://localhost:${number}`,
        'null',
        '',
      ]) {
        const reply = await call(ports[port], method, path, { ...options, headers: { origin } });
        expect([method, path, origin, reply.status]).toEqual([method, path, origin, 403]);
        expect(reply.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    expect(ports.state()).toBe(before);
  });

  test('a simulator answers its own page, also behind a proxy that terminates TLS', async () => {
    const { main, control } = await both();
    const { host } = new URL(main);
    const own = { headers: { origin: `http://${host}` } };
    expect((await call(main, 'PUT', THEME, { ...own, body: { setting: 'dark' } })).status).toBe(204);
    const secure = { host: 'localhost', headers: { origin: 'https://localhost' } };
    expect((await call(main, 'GET', THEME, secure)).status).toBe(200);
    const there = { headers: { origin: control } };
    expect((await call(control, 'POST', '/faults', { ...there, body: { fault: 'conflict' } })).status).toBe(
      201,
    );
  });

  test('a simulator refuses a body with too large a Content-Length before it is sent, on every route of both ports', async () => {
    const ports = await both();
    const before = ports.state();
    for (const [port, method, path] of ROUTES) {
      for (const size of [64 * 1024 * 1024 + 1, 1e15]) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
        const answer = await raw(ports[port], `${head}Content-Length: ${size}\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 413 .*Connection: close.*"content_too_large"/s);
        const expecting = await raw(
          ports[port],
          `${head}Expect: 100-continue\r\nContent-Length: ${size}\r\n\r\n`,
        );
        expect(expecting).toMatch(/^HTTP\/1\.1 413 /);
      }
    }
    expect(ports.state()).toBe(before);
  });

  test('a simulator accepts a body without Content-Length up to the limit', async () => {
    const { control } = await both();
    const fault = (size: number): string => {
      const text = '{"fault":"conflict"}';
      return `${text}${' '.repeat(size - text.length)}`;
    };
    const chunked = (body: string): string =>
      `POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`;
    expect(await raw(control, `${chunked(fault(64 * 1024))}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 /);
    // The request never ends, so it can only be refused for what has been received.
    expect(await raw(control, chunked(fault(64 * 1024 + 1)))).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a guarded server', () => {
  async function guarded(handle: Handler): Promise<string> {
    const server = guardedServer({ largestBody: 10, hosts: [] }, handle);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  test('a guarded server passes bodies on unchanged, but not those that are too large', async () => {
    const bodies: string[] = [];
    const url = await guarded((_, outgoing, body) => {
      bodies.push(body.toString());
      outgoing.end('taken');
    });
    const post = async (body: string | Uint8Array<ArrayBuffer> | null): Promise<number> =>
      (await fetch(url, { method: 'POST', body })).status;
    expect(await post('ten bytes!')).toBe(200);
    expect(await post(null)).toBe(200);
    expect(await post('eleven byte')).toBe(413);
    expect(await post(new Uint8Array(50_000_000))).toBe(413);
    expect(bodies).toEqual(['ten bytes!', '']);
  });

  test('a guarded server sends 100 Continue only if it will accept the body', async () => {
    const url = await guarded((_, outgoing, body) => outgoing.end(body));
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n';
    expect(await raw(url, `${head}Content-Length: 3\r\n\r\nabc`)).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*abc/s,
    );
    expect(await raw(url, `${head}Content-Length: 11\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a guarded server passes nothing on if the client disconnects in the middle of the body', async () => {
    let asked = 0;
    const url = await guarded((_, outgoing) => {
      asked += 1;
      outgoing.end();
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab');
    await once(socket.resume(), 'close');
    expect((await fetch(url)).status).toBe(200);
    expect(asked).toBe(1);
  });
});

/** Sends text over a connection. Returns everything that is received until the server closes it. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}
