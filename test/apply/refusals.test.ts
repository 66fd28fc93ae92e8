import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { applyWith, BATCH, change, dark, ends, stage, type Stage, THEME } from './setup.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** An apply against a server that answers PUTs with `put`, and questions about the token with `tokenStatus`. */
async function against(
  put: (response: ServerResponse, path: string) => void,
  tokenStatus = 200,
): Promise<Stage['apply']> {
  server = await startServer((request, response) => {
    if (request.url === '/api/v2/caller-identity') json(response, tokenStatus, {});
    else put(response, request.url ?? '');
  });
  return applyWith(connectWriter(options(server.url)));
}

const changes = [
  change('theme', 'alice', 1),
  change('checkout-v2', 'bob', 1),
  change('checkout-v2', 'carol', 1),
];

describe('401', () => {
  test('a 401 stops the run if the token is not valid', async () => {
    const apply = await against((response) => json(response, 401, { message: 'Invalid token' }), 401);
    const outcomes = await apply(changes, { concurrency: 1 });
    expect(ends(outcomes)).toEqual(['failed token-rejected', 'skipped stopped', 'skipped stopped']);
    expect(outcomes[1]?.message).toContain('access token');
    expect(server?.seen).toHaveLength(2);
  });

  test('a 401 fails only its change if the token is valid and lacks a permission', async () => {
    const apply = await against((response, path) =>
      path.includes('theme') ? json(response, 401, { message: 'Not you' }) : response.writeHead(204).end(),
    );
    const outcomes = await apply(changes);
    expect(ends(outcomes)).toEqual(['failed missing-permission', 'applied written', 'applied written']);
    expect(outcomes[0]?.message).toContain('Not you');
  });
});

describe('denied writes', () => {
  const FORBIDDEN = { code: 'forbidden', message: 'Not your flag' };
  const MESSAGE =
    'denied (403 forbidden: Not your flag): the token needs updateTargets on proj/storefront:env/production:flag/checkout-v2';

  const many = [
    ...Array.from({ length: 20 }, (_, index) => change('checkout-v2', `u${index}`, 1)),
    change('theme', 'alice', 1),
    change('checkout-v2', 'dave', 1, { environment: 'staging' }),
  ];

  test.each([
    ['a 403', 403, 1],
    ['a 401 with a valid token', 401, 2],
  ])(
    'a write that is denied by %s fails the rest of its flag and environment, and no others',
    async (_, status, requests) => {
      const apply = await against((response, path) =>
        path.includes('/production/') && path.includes('checkout')
          ? json(response, status, FORBIDDEN)
          : response.writeHead(204).end(),
      );
      const outcomes = await apply(many);
      expect(ends(outcomes)).toEqual([
        ...Array.from({ length: 20 }, () => 'failed missing-permission'),
        'applied written',
        'applied written',
      ]);
      const messages = new Set(outcomes.slice(0, 20).map(({ message }) => message));
      expect([...messages]).toEqual([MESSAGE.replace('403', String(status))]);
      expect(server?.seen).toHaveLength(requests + 2);
    },
  );

  test('a denied write fails the rest of its flag even after successful writes', async () => {
    let puts = 0;
    const apply = await against((response) =>
      (puts += 1) > 3 ? json(response, 403, FORBIDDEN) : response.writeHead(204).end(),
    );
    const outcomes = await apply(many.slice(0, 20));
    expect(ends(outcomes)).toEqual([
      ...Array.from({ length: 3 }, () => 'applied written'),
      ...Array.from({ length: 17 }, () => 'failed missing-permission'),
    ]);
    expect(puts).toBe(4);
  });

  test('a write that is denied after a lost answer is looked up, and the rest of its flag says only that it is denied', async () => {
    let puts = 0;
    server = await startServer((request, response) => {
      if (request.method === 'GET') return json(response, 200, THEME);
      puts += 1;
      if (puts === 1) request.socket.destroy();
      else json(response, 403, FORBIDDEN);
    });
    const apply = applyWith(connectWriter(options(server.url)));
    const outcomes = await apply(['alice', 'bob', 'carol'].map(dark));
    expect(ends(outcomes)).toEqual(outcomes.map(() => 'failed missing-permission'));
    expect(outcomes.map(({ unanswered }) => unanswered)).toEqual([true, undefined, undefined]);
    expect(outcomes.map(({ message }) => message.includes('an answer was lost'))).toEqual([
      true,
      false,
      false,
    ]);
    // Bob's write finds out that the flag is denied, and Carol's is not sent.
    expect(puts).toBe(3);
    expect(server.seen).toHaveLength(4);
  });

  test('progress counts no pace for changes that were never sent', async () => {
    let puts = 0;
    const apply = await against((response) =>
      (puts += 1) > 3 ? json(response, 403, FORBIDDEN) : response.writeHead(204).end(),
    );
    const seen: number[] = [];
    const outcomes = await apply(many.slice(0, 20), { onProgress: ({ done }) => seen.push(done) });
    expect(outcomes).toHaveLength(20);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('a denied patch is not halved, and no other patch of its flag is sent', async () => {
    let patches = 0;
    server = await startServer((request, response) => {
      if (request.method === 'PATCH') patches += 1;
      json(response, request.method === 'PATCH' ? 403 : 200, FORBIDDEN);
    });
    const apply = applyWith(connectWriter(options(server.url)));
    const outcomes = await apply(
      Array.from({ length: 20 }, (_, index) => dark(`u${index}`)),
      { writes: { mode: 'batch', values: 5 } },
    );
    expect(new Set(ends(outcomes))).toEqual(new Set(['failed missing-permission']));
    expect(patches).toBe(1);
    expect(server.seen).toHaveLength(1);
  });

  test('a denied write stops the halving of a refused patch', async () => {
    let patches = 0;
    server = await startServer((request, response) => {
      if (request.method !== 'PATCH') return json(response, 200, THEME);
      patches += 1;
      if (patches === 1) json(response, 400, { message: 'the request is too large' });
      else json(response, 403, FORBIDDEN);
    });
    const apply = applyWith(connectWriter(options(server.url)));
    const outcomes = await apply(
      Array.from({ length: 20 }, (_, index) => dark(`u${index}`)),
      BATCH,
    );
    expect(new Set(ends(outcomes))).toEqual(new Set(['failed missing-permission']));
    expect(patches).toBe(2);
  });
});

describe('approvals', () => {
  test.each([
    [405, { code: 'method_not_allowed', message: 'Flags in this environment require approval' }],
    [403, { code: 'forbidden', message: 'Approval is required to make this request' }],
  ])(
    'a %i that mentions approval is reported, and other changes of its flag are not sent',
    async (status, body) => {
      const apply = await against((response, path) =>
        path.includes('checkout') ? json(response, status, body) : response.writeHead(204).end(),
      );
      expect(ends(await apply(changes))).toEqual([
        'applied written',
        'approval-required approval-required',
        'approval-required approval-required',
      ]);
      expect(server?.seen.filter((line) => line.includes('checkout'))).toHaveLength(1);
    },
  );

  test('a 403 that does not mention approval is a missing permission', async () => {
    const apply = await against((response) => json(response, 403, { message: 'Not allowed' }));
    expect(new Set(ends(await apply(changes)))).toEqual(new Set(['failed missing-permission']));
  });
});

describe('early ends', () => {
  test('a run finishes the writes that were sent, and skips the rest', async () => {
    const stop = new AbortController();
    const { simulator, apply } = await stage({ connection: { signal: stop.signal }, writeDuration: 5 });
    const many = Array.from({ length: 10 }, (_, index) => change('theme', `u${index}`, 1));
    const outcomes = await apply(many, {
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 3) stop.abort();
      },
    });
    expect(ends(outcomes)).toEqual([
      ...Array.from({ length: 3 }, () => 'applied written'),
      ...Array.from({ length: 7 }, () => 'skipped interrupted'),
    ]);
    expect(simulator.requests).toHaveLength(3);
  });

  test('a run reports a write that was sent before the signal as applied', async () => {
    const stop = new AbortController();
    server = await startServer((_, response) => {
      stop.abort();
      response.writeHead(204).end();
    });
    const apply = applyWith(connectWriter(options(server.url, { signal: stop.signal })));
    const outcomes = await apply(changes, { signal: stop.signal, concurrency: 1 });
    expect(ends(outcomes)).toEqual(['applied written', 'skipped interrupted', 'skipped interrupted']);
  });

  test('a lookup that an interruption ends is tried once more', async () => {
    const stop = new AbortController();
    server = await startServer((request, response, index) => {
      if (index === 0) request.socket.destroy();
      else if (index === 1) json(response, 422, { message: 'no' });
      // The lookup gets no response before the interruption.
      else if (index === 2) stop.abort();
      else json(response, 200, THEME);
    });
    const apply = applyWith(connectWriter(options(server.url, { signal: stop.signal })));
    const [outcome] = await apply([dark('alice')], { signal: stop.signal });
    expect(outcome).toMatchObject({ status: 'failed', reason: 'refused', unanswered: true });
    expect(server.seen.map((line) => line.split(' ')[0])).toEqual(['PUT', 'PUT', 'GET', 'GET']);
  });

  test('a run skips the rest with run-timeout once its time is over', async () => {
    const apply = await against((response) => json(response, 429, {}, { 'retry-after': '7200' }));
    const outcomes = await apply(changes, { concurrency: 1 });
    expect(new Set(ends(outcomes))).toEqual(new Set(['skipped run-timeout']));
    expect(outcomes[0]?.message).toContain('3600 s');
  });

  test('a run fails a change and skips the rest after a redirect', async () => {
    const apply = await against((response) =>
      response.writeHead(307, { location: 'https://evil.example/' }).end(),
    );
    const outcomes = await apply(changes, { concurrency: 1 });
    expect(ends(outcomes)).toEqual(['failed refused', 'skipped stopped', 'skipped stopped']);
    expect(outcomes[0]?.message).toContain('evil.example');
  });
});
