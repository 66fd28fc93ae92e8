import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextSetting, flag, flagList, userSetting } from '../../src/launchdarkly/paths.js';
import { openTransport } from '../../src/launchdarkly/http/transport.js';

const scope = { project: 'storefront', environment: 'production' };

describe('paths', () => {
  test('the path of the user PUT is that of the API document', () => {
    expect(userSetting(scope, { flag: 'theme', kind: 'user', key: 'alice@example.com' }).path).toBe(
      '/api/v2/users/storefront/production/alice%40example.com/flags/theme',
    );
  });

  test('the path of the context PUT is that of the API document', () => {
    expect(contextSetting(scope, { flag: 'theme', kind: 'organization', key: 'a/b c%' }).path).toBe(
      '/api/v2/projects/storefront/environments/production/contexts/organization/a%2Fb%20c%25/flags/theme',
    );
  });

  test.each([
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['...', '...'],
    ['a.', 'a.'],
  ])('the key %s is written as %s in a path', (key, written) => {
    expect(userSetting(scope, { flag: 'theme', kind: 'user', key }).path).toBe(
      `/api/v2/users/storefront/production/${written}/flags/theme`,
    );
  });

  test('the flag list includes targets, sorted by creation, with every environment', () => {
    const { path } = flagList(
      { project: 'storefront', environments: ['production', 'a&b'], state: 'live' },
      200,
      'a&b',
    );
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    expect(path).toMatch(/^\/api\/v2\/flags\/storefront\?/);
    expect(Object.fromEntries(query)).toMatchObject({
      summary: '0',
      sort: 'creationDate',
      limit: '100',
      offset: '200',
      filter: 'filterEnv:a&b',
    });
    expect(query.getAll('env')).toEqual(['production', 'a&b']);
  });

  test('every key is one path segment that decodes to the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        const segments = flag('p', key, []).path.split('/');
        const last = segments.at(-1) ?? '';
        expect(segments).toHaveLength(6);
        expect(last).not.toMatch(/^\.{1,2}$/);
        expect(decodeURIComponent(last)).toBe(key.toWellFormed());
      }),
      { numRuns: 40 },
    );
  });

  test('paths are sent exactly as written', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url);
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const send = openTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      token: 'api-of-this-test',
      connections: 1,
      attemptTimeout: 5000,
      userAgent: 'test',
    });
    try {
      for (const key of ['..', '.', '%2e', 'ä/?#']) {
        await send(userSetting(scope, { flag: 'theme', kind: 'user', key }), '{}');
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(seen.map((url) => url?.split('/')[6])).toEqual(['%2E%2E', '%2E', '%252e', '%C3%A4%2F%3F%23']);
  });
});
