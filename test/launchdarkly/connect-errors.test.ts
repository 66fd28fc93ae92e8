import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/diagnostics/operator-error.js';
import { connect, connectWriter } from '../../src/launchdarkly/connect.js';
import { openTransport } from '../../src/launchdarkly/transport.js';
import { errorText } from '../../src/report/error.js';
import { echoesOf, expectNoTrace } from '../support/traces.js';
import { json, options, startServer, TOKEN, type TestServer } from './server.js';

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

describe('an answer that cannot be LaunchDarkly’s', () => {
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
      attempt: 5000,
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
      const put = connectWriter(options(asked.url)).putSetting(
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
