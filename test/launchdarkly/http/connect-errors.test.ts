import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../../src/diagnostics/operator-error.js';
import { Delivery } from '../../../src/launchdarkly/http/delivery.js';
import { connect, connectWriter } from '../../../src/launchdarkly/connect.js';
import { openTransport } from '../../../src/launchdarkly/http/transport.js';
import { errorText } from '../../../src/report/error-text.js';
import { echoesOf, expectNoTrace } from '../../support/secret-traces.js';
import { json, options, startServer, TOKEN, type TestServer } from '../server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Returns the error, which must be one line without the token. */
async function errorOf(work: () => Promise<unknown>): Promise<OperatorError> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OperatorError);
  const known = error as OperatorError;
  const text = `${known.message} ${known.hint}`;
  expect(text).not.toContain('\n');
  expect(text).not.toContain(TOKEN);
  return known;
}

const readFlag = (baseUrl: string, more = {}) =>
  connect(options(baseUrl, more)).getFlag('p', 'theme', ['production']);

describe('network failures', () => {
  test('an unknown host is named, with what to check', async () => {
    const error = await errorOf(() => readFlag('http://flagops-test.invalid'));
    expect(error.code).toBe('unknown-host');
    expect(error.message).toContain('flagops-test.invalid');
  });

  test('a port without a listener is named', async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    const error = await errorOf(() => readFlag(gone.url));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain(`127.0.0.1:${gone.port}`);
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('a server without TLS is named, and not tried again', async () => {
    server = await startServer((_, response) => response.end());
    const error = await errorOf(() => readFlag(server?.url.replace('http:', 'https:') ?? ''));
    expect(error.code).toBe('tls');
    expect(server.seen).toEqual([]);
  });

  test('a lost connection is retried, and then reported', async () => {
    let connections = 0;
    const broken = createServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((resolve) => {
      broken.listen(0, '127.0.0.1', resolve);
    });
    const address = broken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await errorOf(() => readFlag(`http://127.0.0.1:${port}`));
    broken.close();
    expect(error.code).toBe('connection-lost');
    expect(connections).toBe(3);
  });

  test('a server that never responds is given up after timeouts.attempt', async () => {
    server = await startServer(() => undefined);
    const error = await errorOf(() =>
      readFlag(server?.url ?? '', { timeouts: { attempt: 50, run: 60_000 } }),
    );
    expect(error.code).toBe('timeout');
    expect(error.hint).toContain('timeouts.attempt');
  });
});

const FLAG = { key: 'theme', variations: [{ value: 'light' }], environments: { production: { on: true } } };

/** Starts a server that writes raw bytes and closes the connection. Returns its URL and a counter of requests. */
async function startRaw(reply: (index: number) => string): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const raw = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.from(reply((requests += 1) - 1), 'latin1')));
  });
  await new Promise<void>((resolve) => {
    raw.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void raw.close());
  const address = raw.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, requests: () => requests };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n';
const WHOLE = JSON.stringify(FLAG);
const CUT: readonly (readonly [string, string])[] = [
  ['shorter than its content-length', `${OK}content-length: ${WHOLE.length}\r\n\r\n${WHOLE.slice(0, 40)}`],
  ['cut off between two chunks', `${OK}transfer-encoding: chunked\r\n\r\n8\r\n${WHOLE.slice(0, 8)}\r\n`],
  ['JSON that ends early', `${OK}content-length: 40\r\n\r\n${WHOLE.slice(0, 40)}`],
  ['JSON that ends within a string', `${OK}\r\n${WHOLE.slice(0, 10)}`],
  ['empty', `${OK}content-length: 0\r\n\r\n`],
];

describe.each(CUT)('a successful response whose body is %s', (_, cut) => {
  test('an incomplete response is requested again', async () => {
    const raw = await startRaw((index) =>
      index === 0 ? cut : `${OK}content-length: ${WHOLE.length}\r\n\r\n${WHOLE}`,
    );
    expect((await readFlag(raw.url))?.key).toBe('theme');
    expect(raw.requests()).toBe(2);
  });

  test('a response that stays incomplete is an error with the host', async () => {
    const raw = await startRaw(() => cut);
    const error = await errorOf(() => readFlag(raw.url));
    expect(['connection-lost', 'answer-cut']).toContain(error.code);
    expect(error.message).toMatch(/127\.0\.0\.1:\d+ was (?:lost|cut off)/);
    expect(raw.requests()).toBeGreaterThan(1);
  });

  test('an incomplete response to a write still means that it was made', async () => {
    const raw = await startRaw(() => cut);
    const writer = connectWriter(options(raw.url));
    const scope = { project: 'p', environment: 'production' };
    await writer.putSetting(scope, { flag: 'theme', kind: 'user', key: 'k' }, 'light', '', new Delivery());
    expect(raw.requests()).toBe(1);
    const patch = { comment: '', dryRun: false, ignoreConflicts: false };
    expect(await writer.patchTargets(scope, 'theme', [], patch, new Delivery())).toBeUndefined();
    expect(raw.requests()).toBe(2);
  });
});

describe('a response that is too large', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test.each([
    ['nested 100,000 deep', `{"a":${nested(100_000)}}`],
    ['nested 100,000 deep and cut off', '{"a":'.repeat(100_000)],
  ])('a response %s is an error', async (_, text) => {
    const raw = await startRaw(() => `${OK}content-length: ${text.length}\r\n\r\n${text}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('answer-too-large');
    expect(error.message).toMatch(/^the response from 127\.0\.0\.1:\d+ to GET .* has more than 200 lists/);
    expect(raw.requests()).toBe(1);
  });

  test('a deeply nested variation is an error only beyond what LaunchDarkly allows', async () => {
    for (const [depth, ok] of [
      [150, true],
      [400, false],
    ] as const) {
      const text = JSON.stringify({ ...FLAG, variations: [{ value: 0 }] }).replace(':0', `:${nested(depth)}`);
      const raw = await startRaw(() => `${OK}content-length: ${text.length}\r\n\r\n${text}`);
      if (ok) expect(await readFlag(raw.url)).toBeDefined();
      else expect((await errorOf(() => readFlag(raw.url))).code).toBe('answer-too-large');
    }
  });

  test('too many response headers are an error, and the request is not retried', async () => {
    const raw = await startRaw(() => `${OK}x-long: ${'a'.repeat(70_000)}\r\ncontent-length: 2\r\n\r\n{}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('headers-too-large');
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ sent more than 64 KiB of response headers/);
    expect(raw.requests()).toBe(1);
  });

  test('an error page is read only up to the limit for its message', async () => {
    let sent = 0;
    server = await startServer((_, response) => {
      response.writeHead(403);
      const more = (): void => {
        if (response.destroyed || sent > 200) return;
        sent += 1;
        response.write('x'.repeat(64 * 1024), more);
      };
      more();
    });
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('missing-permission');
    expect(sent).toBeLessThan(200);
  });
});

describe('a response that cannot come from LaunchDarkly', () => {
  test.each([
    ['not UTF-8', '{"key":"\xff"}', '', /is not UTF-8 text$/],
    ['compressed', '\x1f\x8b\x08\x00', 'content-encoding: gzip\r\n', /is compressed \(gzip\)/],
    ['an HTML page', '<html>', 'content-type: text/html\r\n', /is not JSON \(status 200, text\/html, 6 char/],
  ])('a response that is %s is an error', async (_, body, header, words) => {
    const raw = await startRaw(
      () => `HTTP/1.1 200 OK\r\n${header}content-length: ${body.length}\r\n\r\n${body}`,
    );
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('malformed-answer');
    expect(error.message).toMatch(words);
    expect(raw.requests()).toBe(1);
  });

  test.each([
    ['a number that is too large', '{"value":[{"a":1e400}]}', 'a number that is too large'],
    ['half of a surrogate pair', '{"value":"\\ud800"}', 'half of a surrogate pair'],
    ['half of a surrogate pair in a key', '{"value":{"\\ud800":1}}', 'half of a surrogate pair'],
  ])('a variation with %s is an error', async (_, variation, words) => {
    const text = JSON.stringify({ ...FLAG, variations: [0] }).replace('[0]', `[${variation}]`);
    const raw = await startRaw(() => `${OK}content-length: ${text.length}\r\n\r\n${text}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('unexpected-answer');
    expect(error.message).toContain(words);
  });

  test('an invalid status is a lost connection', async () => {
    const raw = await startRaw(() => 'HTTP/1.1 000 X\r\ncontent-length: 2\r\n\r\n{}');
    expect((await errorOf(() => readFlag(raw.url))).code).toBe('connection-lost');
  });

  test('a redirect is not followed, and the message names its target', async () => {
    const other = await startServer((_, response) => json(response, 200, {}));
    server = await startServer((_, response) => {
      response.writeHead(302, { location: `${other.url}/login` }).end();
    });
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    await other.stop();
    expect(error.code).toBe('redirect');
    expect(error.message).toContain(`127.0.0.1:${other.port}`);
    expect(error.hint).toContain(other.url);
    expect(other.seen).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  test('the error about malformed JSON names the request', async () => {
    server = await startServer((_, response) => response.writeHead(200).end('<html>Sign in</html>'));
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('malformed-answer');
    expect(error.message).toContain('GET /api/v2/flags/p/theme?env=production');
  });

  test.each([
    [{}, "a flag's key"],
    [[], 'a flag'],
    [{ key: 'theme' }, 'variations of flag theme'],
    [{ key: 'theme', variations: [{}] }, 'no value'],
  ])('JSON that is not a flag is an error, not a crash: %j', async (body, words) => {
    server = await startServer((_, response) => json(response, 200, body));
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('unexpected-answer');
    expect(error.message).toContain(words);
  });

  test('a response above the size limit is an error', async () => {
    server = await startServer((_, response) => {
      response.writeHead(200);
      response.end('x'.repeat(100_000));
    });
    const send = openTransport({
      baseUrl: server.url,
      token: TOKEN,
      connections: 1,
      attemptTimeout: 5000,
      userAgent: 'test',
      maxBody: 50_000,
    });
    const error = await errorOf(() => send({ route: 'flag', method: 'GET', path: '/x' }, undefined));
    expect(error.code).toBe('answer-too-large');
  });
});

describe('a response that repeats the token', () => {
  const shown = (error: OperatorError): string =>
    `${errorText(error, { debug: true, color: false })}${error.hint}${JSON.stringify(error)}`;

  test.each(echoesOf(TOKEN))('a repeated token does not appear in an error: %#', async (body) => {
    for (const status of [400, 403, 404, 405]) {
      server = await startServer((_, response) => response.writeHead(status).end(body));
      const error = await errorOf(() => readFlag(server?.url ?? ''));
      await server.stop();
      expect(error.message).toContain(String(status));
      expectNoTrace(TOKEN, { error: shown(error) });
    }
  });

  test.each([
    `https://${TOKEN}.example/x`,
    `https://${TOKEN.toUpperCase()}.example:8443/`,
    `https://host.example/${TOKEN}`,
    `https://${TOKEN}@host.example/`,
    `https://${TOKEN.replaceAll('-', '%2D')}/`,
    `/login?token=${TOKEN}`,
    TOKEN,
  ])('a repeated token does not appear in the error about a redirect: %#', async (location) => {
    server = await startServer((_, response) => response.writeHead(302, { location }).end());
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('redirect');
    expectNoTrace(TOKEN, { error: shown(error) });
  });
});

describe('refused requests', () => {
  test('a request for the caller identity distinguishes an invalid token from a missing permission', async () => {
    server = await startServer((_, response) => json(response, 401, { code: 'unauthorized', message: 'no' }));
    expect((await errorOf(() => readFlag(server?.url ?? ''))).code).toBe('token-rejected');
    expect(server.seen.at(-1)).toBe('GET /api/v2/caller-identity');
  });

  test('a 401 may also mean a missing permission', async () => {
    server = await startServer((request, response) =>
      request.url === '/api/v2/caller-identity'
        ? json(response, 200, { authKind: 'token' })
        : json(response, 401, { code: 'unauthorized', message: 'Not allowed' }),
    );
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('missing-permission');
    expect(error.message).toContain('Not allowed');
  });

  test.each([
    [403, 'missing-permission'],
    [400, 'api-error'],
    [429, 'rate-limited'],
    [503, 'api-unavailable'],
  ])('a %i is an error with LaunchDarkly’s message', async (status, code) => {
    server = await startServer((_, response) =>
      json(response, status, { code: 'some_code', message: 'In LaunchDarkly’s\nown words' }),
    );
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe(code);
    expect(error.message).toContain('In LaunchDarkly’s own words');
  });

  test('the token is masked if the server repeats it in its message', async () => {
    server = await startServer((_, response) => json(response, 403, { message: `token ${TOKEN} may not` }));
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.message).toContain('token [token] may not');
  });

  test('only transient errors are retried', async () => {
    const counts: Record<number, number> = {};
    for (const status of [400, 403, 405, 409, 422, 500, 503]) {
      const failing = await startServer((_, response) => json(response, status, {}));
      const put = connectWriter(options(failing.url, { api: 'contexts' })).putSetting(
        { project: 'p', environment: 'e' },
        { flag: 'f', kind: 'user', key: 'k' },
        true,
        '',
        new Delivery(),
      );
      await expect(put).rejects.toMatchObject({ status });
      counts[status] = failing.seen.length;
      await failing.stop();
    }
    expect(counts).toEqual({ 400: 1, 403: 1, 405: 1, 409: 1, 422: 1, 500: 6, 503: 6 });
  });
});

describe('requests', () => {
  test('requests have the bare token, API version and user agent, and a null setting is sent as null', async () => {
    const headers: Record<string, unknown>[] = [];
    const bodies: string[] = [];
    server = await startServer((request, response) => {
      headers.push(request.headers);
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(204).end();
      });
    });
    const writer = connectWriter(options(server.url));
    const scope = { project: 'p', environment: 'e' };
    await writer.putSetting(scope, { flag: 'f', kind: 'user', key: 'k' }, null, 'Remove it', new Delivery());
    await writer.putSetting(scope, { flag: 'f', kind: 'device', key: 'k' }, { a: [1] }, '', new Delivery());
    expect(headers[0]).toMatchObject({
      authorization: TOKEN,
      'ld-api-version': '20240415',
      'user-agent': 'flagops/1.2.3',
      'content-type': 'application/json',
    });
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      { setting: null, comment: 'Remove it' },
      { setting: { a: [1] }, comment: '' },
    ]);
    expect(server.seen).toEqual([
      'PUT /api/v2/users/p/e/k/flags/f',
      'PUT /api/v2/projects/p/environments/e/contexts/device/k/flags/f',
    ]);
  });

  test('kind user uses the context endpoint with api: contexts', async () => {
    server = await startServer((_, response) => response.writeHead(204).end());
    const writer = connectWriter(options(server.url, { api: 'contexts' }));
    await writer.putSetting(
      { project: 'p', environment: 'e' },
      { flag: 'f', kind: 'user', key: 'k' },
      1,
      '',
      new Delivery(),
    );
    expect(server.seen).toEqual(['PUT /api/v2/projects/p/environments/e/contexts/user/k/flags/f']);
  });

  test.each([
    ['', 'no-token'],
    ['api-x\n', 'malformed-token'],
    ['Bearer api-x', 'malformed-token'],
    ['api-ü', 'malformed-token'],
  ])('the token %j is rejected before any request', async (token, code) => {
    const error = await errorOf(async () => connect(options('http://127.0.0.1:9', { token })));
    expect(error.code).toBe(code);
  });
});

describe('a proxy in the environment', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test('a proxy is not used for loopback addresses', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    server = await startServer((_, response) => response.writeHead(204).end());
    await connectWriter(options(server.url)).putSetting(
      { project: 'p', environment: 'e' },
      { flag: 'f', kind: 'user', key: 'k' },
      true,
      '',
      new Delivery(),
    );
    expect(server.seen).toHaveLength(1);
  });

  test('a proxy is asked for a tunnel to any other host, and an error names its refusal', async () => {
    server = await startServer((_, response) => response.end());
    const tunnels: (string | undefined)[] = [];
    const proxy = createHttpServer().on('connect', (request, socket) => {
      tunnels.push(request.url);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const address = proxy.address();
    process.env['HTTPS_PROXY'] =
      `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const error = await errorOf(() => readFlag('https://app.launchdarkly.com'));
    proxy.close();
    expect(tunnels).toEqual(['app.launchdarkly.com:443']);
    expect(error.code).toBe('proxy');
  });

  test('a proxy that never answers ends an attempt and the run in time', async () => {
    const sockets = new Set<Duplex>();
    const proxy = createHttpServer().on('connect', (_, socket) => sockets.add(socket));
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const address = proxy.address();
    process.env['HTTPS_PROXY'] =
      `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const timeouts = { attempt: 50, run: 100 };
    const error = await errorOf(() => readFlag('https://app.launchdarkly.com', { timeouts }));
    for (const socket of sockets) socket.destroy();
    proxy.close();
    expect(sockets.size).toBeGreaterThan(0);
    expect(error.message).toMatch(/did not answer|time/);
  });

  test('an invalid proxy URL is an error', async () => {
    process.env['HTTPS_PROXY'] = 'not an address';
    const error = await errorOf(async () => connect(options('https://app.launchdarkly.com')));
    expect(error.code).toBe('proxy');
  });
});
