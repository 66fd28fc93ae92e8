import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../../src/diagnostics/operator-error.js';
import { connect, connectWriter } from '../../../src/launchdarkly/connect.js';
import { openTransport } from '../../../src/launchdarkly/http/transport.js';
import { errorText } from '../../../src/report/error.js';
import { echoesOf, expectNoTrace } from '../../support/traces.js';
import { json, options, startServer, TOKEN, type TestServer } from '../server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The error, which must be one line without the token. */
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

describe('what goes wrong below HTTP', () => {
  test('a host that does not exist is named, with what to check', async () => {
    const error = await errorOf(() => readFlag('http://flagops-test.invalid'));
    expect(error.code).toBe('unknown-host');
    expect(error.message).toContain('flagops-test.invalid');
  });

  test('a port where nobody listens is named', async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    const error = await errorOf(() => readFlag(gone.url));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain(`127.0.0.1:${gone.port}`);
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('a server that speaks no TLS is named, and not asked again', async () => {
    server = await startServer((_, response) => response.end());
    const error = await errorOf(() => readFlag(server?.url.replace('http:', 'https:') ?? ''));
    expect(error.code).toBe('tls');
    expect(server.seen).toEqual([]);
  });

  test('a connection that breaks off is tried again, and then said', async () => {
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

  test('a server that never answers is given up after the attempt’s time', async () => {
    server = await startServer(() => undefined);
    const error = await errorOf(() =>
      readFlag(server?.url ?? '', { timeouts: { attempt: 50, run: 60_000 } }),
    );
    expect(error.code).toBe('timeout');
    expect(error.hint).toContain('timeouts.attempt');
  });
});

const FLAG = { key: 'theme', variations: [{ value: 'light' }], environments: { production: { on: true } } };

/** A server that writes bytes as they are and hangs up. Gives its address, and how often it was asked. */
async function startRaw(reply: (index: number) => string): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const raw = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.from(reply((asked += 1) - 1), 'latin1')));
  });
  await new Promise<void>((resolve) => {
    raw.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void raw.close());
  const address = raw.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked: () => asked };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n';
const WHOLE = JSON.stringify(FLAG);
const CUT: readonly (readonly [string, string])[] = [
  ['shorter than its content-length', `${OK}content-length: ${WHOLE.length}\r\n\r\n${WHOLE.slice(0, 40)}`],
  ['cut off between two chunks', `${OK}transfer-encoding: chunked\r\n\r\n8\r\n${WHOLE.slice(0, 8)}\r\n`],
  ['JSON that ends early', `${OK}content-length: 40\r\n\r\n${WHOLE.slice(0, 40)}`],
  ['JSON that ends in a text', `${OK}\r\n${WHOLE.slice(0, 10)}`],
  ['empty', `${OK}content-length: 0\r\n\r\n`],
];

describe.each(CUT)('a success whose body is %s', (_, cut) => {
  test('is asked for again, and then taken', async () => {
    const raw = await startRaw((index) =>
      index === 0 ? cut : `${OK}content-length: ${WHOLE.length}\r\n\r\n${WHOLE}`,
    );
    expect((await readFlag(raw.url))?.key).toBe('theme');
    expect(raw.asked()).toBe(2);
  });

  test('is an error in plain words if it stays so', async () => {
    const raw = await startRaw(() => cut);
    const error = await errorOf(() => readFlag(raw.url));
    expect(['connection-lost', 'answer-cut']).toContain(error.code);
    expect(error.message).toMatch(/127\.0\.0\.1:\d+ was (?:lost|cut off)/);
    expect(raw.asked()).toBeGreaterThan(1);
  });

  test('leaves no doubt that a write was made', async () => {
    const raw = await startRaw(() => cut);
    const writer = connectWriter(options(raw.url));
    const scope = { project: 'p', environment: 'production' };
    await writer.putSetting(scope, { flag: 'theme', kind: 'user', key: 'k' }, 'light', '');
    expect(raw.asked()).toBe(1);
    const patch = { comment: '', dryRun: false, ignoreConflicts: false };
    expect(await writer.patchTargets(scope, 'theme', [], patch)).toBeUndefined();
    expect(raw.asked()).toBe(2);
  });
});

describe('an answer that is too much', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test.each([
    ['nested 100,000 deep', `{"a":${nested(100_000)}}`],
    ['nested 100,000 deep and cut off', '{"a":'.repeat(100_000)],
  ])('because it is %s, is an error in plain words', async (_, text) => {
    const raw = await startRaw(() => `${OK}content-length: ${text.length}\r\n\r\n${text}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('answer-too-large');
    expect(error.message).toMatch(/^the response from 127\.0\.0\.1:\d+ to GET .* has more than 200 lists/);
    expect(raw.asked()).toBe(1);
  });

  test('in a variation, is an error in plain words; as much as LaunchDarkly may send is not', async () => {
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

  test('by its headers, is an error in plain words, and not asked for again', async () => {
    const raw = await startRaw(() => `${OK}x-much: ${'a'.repeat(70_000)}\r\ncontent-length: 2\r\n\r\n{}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('headers-too-large');
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ sent more than 64 KiB of response headers/);
    expect(raw.asked()).toBe(1);
  });

  test('as an error page, is read only as far as its message may be', async () => {
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

describe('an answer that cannot be LaunchDarkly’s', () => {
  test.each([
    ['not UTF-8', '{"key":"\xff"}', '', /is not UTF-8 text$/],
    ['compressed', '\x1f\x8b\x08\x00', 'content-encoding: gzip\r\n', /is compressed \(gzip\)/],
    ['a page', '<html>', 'content-type: text/html\r\n', /is not JSON \(status 200, text\/html, 6 char/],
  ])('because it is %s, is an error in plain words', async (_, body, header, words) => {
    const raw = await startRaw(
      () => `HTTP/1.1 200 OK\r\n${header}content-length: ${body.length}\r\n\r\n${body}`,
    );
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('malformed-answer');
    expect(error.message).toMatch(words);
    expect(raw.asked()).toBe(1);
  });

  test.each([
    ['a number beyond all numbers', '{"value":[{"a":1e400}]}', 'a number that is too large'],
    ['half of a surrogate pair', '{"value":"\\ud800"}', 'half of a surrogate pair'],
    ['such a key', '{"value":{"\\ud800":1}}', 'half of a surrogate pair'],
  ])('because a variation holds %s, is an error in plain words', async (_, variation, words) => {
    const text = JSON.stringify({ ...FLAG, variations: [0] }).replace('[0]', `[${variation}]`);
    const raw = await startRaw(() => `${OK}content-length: ${text.length}\r\n\r\n${text}`);
    const error = await errorOf(() => readFlag(raw.url));
    expect(error.code).toBe('unexpected-answer');
    expect(error.message).toContain(words);
  });

  test('because its status is no status, is a broken connection', async () => {
    const raw = await startRaw(() => 'HTTP/1.1 000 X\r\ncontent-length: 2\r\n\r\n{}');
    expect((await errorOf(() => readFlag(raw.url))).code).toBe('connection-lost');
  });

  test('a redirect is not followed, and the message names where it leads', async () => {
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

  test('malformed JSON says which request it was the answer to', async () => {
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
  ])('JSON that is no flag is an error, not a crash: %j', async (body, words) => {
    server = await startServer((_, response) => json(response, 200, body));
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('unexpected-answer');
    expect(error.message).toContain(words);
  });

  test('an answer beyond the cap is cut off', async () => {
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

describe('an answer that repeats the token', () => {
  const shown = (error: OperatorError): string =>
    `${errorText(error, { debug: true, color: false })}${error.hint}${JSON.stringify(error)}`;

  test.each(echoesOf(TOKEN))('does not get it into an error: %#', async (body) => {
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
  ])('does not get it into the error about a redirect: %#', async (location) => {
    server = await startServer((_, response) => response.writeHead(302, { location }).end());
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe('redirect');
    expectNoTrace(TOKEN, { error: shown(error) });
  });
});

describe('what LaunchDarkly refuses', () => {
  test('a token that is not taken is told from a missing permission by asking who we are', async () => {
    server = await startServer((_, response) => json(response, 401, { code: 'unauthorized', message: 'no' }));
    expect((await errorOf(() => readFlag(server?.url ?? ''))).code).toBe('token-rejected');
    expect(server.seen.at(-1)).toBe('GET /api/v2/caller-identity');
  });

  test('a missing permission may come as 401 too', async () => {
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
  ])('a %i is put into words', async (status, code) => {
    server = await startServer((_, response) =>
      json(response, status, { code: 'some_code', message: 'In LaunchDarkly’s\nown words' }),
    );
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.code).toBe(code);
    expect(error.message).toContain('In LaunchDarkly’s own words');
  });

  test('the token is not shown even where the server repeats it', async () => {
    server = await startServer((_, response) => json(response, 403, { message: `token ${TOKEN} may not` }));
    const error = await errorOf(() => readFlag(server?.url ?? ''));
    expect(error.message).toContain('token [token] may not');
  });

  test('only what passes is tried again', async () => {
    const counts: Record<number, number> = {};
    for (const status of [400, 403, 405, 409, 422, 500, 503]) {
      const asked = await startServer((_, response) => json(response, status, {}));
      const put = connectWriter(options(asked.url, { api: 'contexts' })).putSetting(
        { project: 'p', environment: 'e' },
        { flag: 'f', kind: 'user', key: 'k' },
        true,
        '',
      );
      await expect(put).rejects.toMatchObject({ status });
      counts[status] = asked.seen.length;
      await asked.stop();
    }
    expect(counts).toEqual({ 400: 1, 403: 1, 405: 1, 409: 1, 422: 1, 500: 6, 503: 6 });
  });
});

describe('what a request looks like', () => {
  test('bare token, API version, honest user agent; and setting null is written out', async () => {
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
    await writer.putSetting(scope, { flag: 'f', kind: 'user', key: 'k' }, null, 'Remove it');
    await writer.putSetting(scope, { flag: 'f', kind: 'device', key: 'k' }, { a: [1] }, '');
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

  test('kind user goes to the context endpoint where the configuration says so', async () => {
    server = await startServer((_, response) => response.writeHead(204).end());
    const writer = connectWriter(options(server.url, { api: 'contexts' }));
    await writer.putSetting({ project: 'p', environment: 'e' }, { flag: 'f', kind: 'user', key: 'k' }, 1, '');
    expect(server.seen).toEqual(['PUT /api/v2/projects/p/environments/e/contexts/user/k/flags/f']);
  });

  test.each([
    ['', 'no-token'],
    ['api-x\n', 'malformed-token'],
    ['Bearer api-x', 'malformed-token'],
    ['api-ü', 'malformed-token'],
  ])('the token %j is refused before anything is sent', async (token, code) => {
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

  test('is not asked for this machine itself', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    server = await startServer((_, response) => response.writeHead(204).end());
    await connectWriter(options(server.url)).putSetting(
      { project: 'p', environment: 'e' },
      { flag: 'f', kind: 'user', key: 'k' },
      true,
      '',
    );
    expect(server.seen).toHaveLength(1);
  });

  test('is asked for a tunnel to any other host, and named where it refuses', async () => {
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

  test('that is no address is said so', async () => {
    process.env['HTTPS_PROXY'] = 'not an address';
    const error = await errorOf(async () => connect(options('https://app.launchdarkly.com')));
    expect(error.code).toBe('proxy');
  });
});
