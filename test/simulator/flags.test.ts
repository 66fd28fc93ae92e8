import { describe, expect, test } from 'vitest';
import type { SeedFlag } from '../../src/simulator/seed/seed.js';
import type { CheckedClient } from './support/checked.js';
import { simulators } from './support/running.js';
import { storefrontSeed } from '../support/seeds.js';

const start = simulators();

interface List {
  readonly items: readonly { readonly key: string; readonly environments?: Record<string, object> }[];
  readonly totalCount: number;
  readonly _links: Readonly<Record<string, { readonly href: string }>>;
}

async function list(call: CheckedClient['call'], query: string): Promise<List> {
  const { body } = await call('GET', `/api/v2/flags/storefront${query}`);
  // The client has checked the shape of the body.
  return JSON.parse(JSON.stringify(body));
}

const keys = (page: List): readonly string[] => page.items.map(({ key }) => key);
const many = (count: number): Record<string, SeedFlag> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`extra-${index}`, {}]));

describe('the flag list', () => {
  test('the flag list has twenty flags per page, and its links lead to each flag once', async () => {
    const { call } = await start({ seed: storefrontSeed({ flags: many(45) }) });
    const first = await list(call, '');
    expect(first.items).toHaveLength(20);
    expect(first.totalCount).toBe(55);
    expect(Object.keys(first._links).toSorted()).toEqual(['last', 'next', 'self']);
    const seen = [...keys(first)];
    let next = first._links['next']?.href;
    let page = first;
    while (next !== undefined) {
      expect(next).toMatch(/^\/api\/v2\/flags\/storefront\?/);
      page = JSON.parse(JSON.stringify((await call('GET', next)).body));
      seen.push(...keys(page));
      next = page._links['next']?.href;
    }
    expect(new Set(seen).size).toBe(55);
    expect(seen).toHaveLength(55);
    expect(Object.keys(page._links).toSorted()).toEqual(['first', 'prev', 'self']);
  });

  test('the links of the flag list repeat its filters', async () => {
    const { call } = await start();
    const page = await list(call, '?limit=1&env=production&env=staging&summary=0&filter=query%3Acheckout');
    const next = new URL(page._links['next']?.href ?? '', 'http://localhost').searchParams;
    expect([...next]).toEqual([
      ['limit', '1'],
      ['env', 'production'],
      ['env', 'staging'],
      ['summary', '0'],
      ['filter', 'query:checkout'],
      ['offset', '1'],
    ]);
  });

  test('the flag list hides archived and deprecated flags by default', async () => {
    const { call } = await start();
    const live = keys(await list(call, '?limit=100'));
    expect(live).toContain('theme');
    expect(live).not.toContain('summer-sale');
    expect(live).not.toContain('old-navigation');
    expect(keys(await list(call, '?filter=state:archived'))).toEqual(['summer-sale']);
    expect(keys(await list(call, '?filter=archived:true'))).toEqual(['summer-sale']);
    expect(keys(await list(call, '?archived=true'))).toEqual(['summer-sale']);
    expect(keys(await list(call, '?filter=state:deprecated'))).toEqual(['old-navigation']);
  });

  test('the flag list has only the requested environments, and targets only with summary=0', async () => {
    const { simulator, call } = await start();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const theme = async (query: string): Promise<object> => {
      const found = (await list(call, query)).items.find(({ key }) => key === 'theme');
      return found ?? {};
    };
    expect(await theme('?summary=0')).not.toHaveProperty('environments');
    expect(await theme('?env=production')).not.toHaveProperty('environments.production.targets');
    expect(await theme('?env=production')).toHaveProperty(
      'environments.production._summary.variations.1.targets',
      1,
    );
    const both = await theme('?env=production&env=staging&summary=0');
    expect(both).toHaveProperty('environments.production.targets', [
      { values: ['alice'], variation: 1, contextKind: 'user' },
    ]);
    expect(both).toHaveProperty('environments.staging.targets', []);
    expect(await theme('?env=staging')).not.toHaveProperty('environments.production');
    expect(await theme('?filter=filterEnv:staging')).toHaveProperty('environments.staging');
  });

  test('the flag list can require filterEnv, as one of LaunchDarkly’s documents says', async () => {
    const { call } = await start({ quirks: { listNeedsFilterEnv: true } });
    const [without] = (await list(call, '?env=production')).items;
    expect(without).not.toHaveProperty('environments');
    const [having] = (await list(call, '?env=production&filter=filterEnv:production')).items;
    expect(having).toHaveProperty('environments.production');
  });

  test.each([
    ['sort=creationDate', ['one-click-checkout', 'old', 'a']],
    ['sort=-creationDate', ['a', 'old', 'one-click-checkout']],
    ['sort=key', ['a', 'old', 'one-click-checkout']],
    ['sort=-name', ['a', 'one-click-checkout', 'old']],
  ])('the flag list can be sorted with %s', async (sort, expected) => {
    const seed = storefrontSeed({ flags: { old: { name: 'A' }, a: { name: 'Z' } } });
    const { call } = await start({ seed });
    const sorted = keys(await list(call, `?limit=100&${sort}`));
    expect(sorted.filter((key) => expected.includes(key))).toEqual(expected);
  });

  test.each([
    ['filter=query:CHECKOUT', ['checkout-v2', 'one-click-checkout']],
    ['filter=tags:checkout%2Bbeta', ['checkout-v2']],
    ['tag=ops', ['ops-log-level']],
    ['filter=type:temporary', ['checkout-v2']],
    ['filter=query:limit,tags:search', ['search-limit']],
    [
      `filter=${encodeURIComponent(`creationDate:{"before":${Date.UTC(2024, 0, 1, 0, 2)}},state:live`)}`,
      ['checkout-v2', 'theme'],
    ],
  ])('the flag list can be filtered with %s', async (query, expected) => {
    const { call } = await start();
    expect(keys(await list(call, `?${query}`))).toEqual(expected);
  });

  test.each([
    'limit=0',
    'limit=-1',
    'limit=x',
    'offset=1.5',
    'sort=colour',
    'filter=nonsense',
    'filter=state:odd',
  ])('the flag list refuses the query %s', async (query) => {
    const { call } = await start();
    expect((await call('GET', `/api/v2/flags/storefront?${query}`)).status).toBe(400);
  });

  test('the flag list answers 404 for an unknown project or environment', async () => {
    const { call } = await start();
    expect((await call('GET', '/api/v2/flags/nowhere')).status).toBe(404);
    expect((await call('GET', '/api/v2/flags/storefront?env=nowhere')).status).toBe(404);
  });
});

describe('one flag', () => {
  test('a flag in any state can be read, with all or only the requested environments', async () => {
    const { call } = await start();
    const all = (await call('GET', '/api/v2/flags/storefront/summer-sale')).body;
    expect(all).toMatchObject({ archived: true, environments: { production: {}, staging: {} } });
    const one = (await call('GET', '/api/v2/flags/storefront/theme?env=staging')).body;
    expect(one).toHaveProperty('environments.staging.targets');
    expect(one).not.toHaveProperty('environments.production');
    expect((await call('GET', '/api/v2/flags/storefront/old-navigation')).body).toMatchObject({
      archived: false,
      deprecated: true,
    });
  });

  test('a flag has targets of other kinds in contextTargets, with an empty placeholder for each user group', async () => {
    const { simulator, call } = await start();
    const target = (kind: string, key: string, variation: number): void =>
      simulator.setTarget('storefront', 'production', 'theme', { kind, key, variation });
    target('user', 'alice', 1);
    target('device', 'kiosk', 1);
    target('user', 'bob', 1);
    target('organization', 'acme', 0);
    const { body } = await call('GET', '/api/v2/flags/storefront/theme?env=production');
    expect(body).toMatchObject({
      environments: {
        production: {
          targets: [{ values: ['alice', 'bob'], variation: 1, contextKind: 'user' }],
          contextTargets: [
            { values: [], variation: 1, contextKind: 'user' },
            { values: ['kiosk'], variation: 1, contextKind: 'device' },
            { values: ['acme'], variation: 0, contextKind: 'organization' },
          ],
        },
      },
    });
  });

  test('reading a flag answers 404 for an unknown flag or environment', async () => {
    const { call } = await start();
    expect((await call('GET', '/api/v2/flags/storefront/nothing')).status).toBe(404);
    expect((await call('GET', '/api/v2/flags/storefront/theme?env=nowhere')).status).toBe(404);
  });
});
