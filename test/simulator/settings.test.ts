import { describe, expect, test } from 'vitest';
import { simulators } from './support/running.js';
import { storefrontSeed } from '../support/seeds.js';

const start = simulators();
const user = (key: string, flag: string): string =>
  `/api/v2/users/storefront/production/${key}/flags/${flag}`;
const context = (kind: string, key: string, flag: string): string =>
  `/api/v2/projects/storefront/environments/production/contexts/${kind}/${key}/flags/${flag}`;

describe('both PUTs', () => {
  test.each([
    ['checkout-v2', false, 1],
    ['theme', 'dark', 1],
    ['search-limit', 100, 2],
    ['banner', { text: 'Sale: 20% off', colors: ['#b00020', '#ffffff'], show: true }, 1],
    ['payment-methods', ['card'], 0],
  ])(
    'a PUT targets a user to the variation of %s that is deeply equal to the setting',
    async (flag, setting, index) => {
      const { simulator, call } = await start();
      const reply = await call('PUT', user('alice', flag), { body: { setting, comment: 'asked for' } });
      expect(reply).toMatchObject({ status: 204, body: undefined });
      expect(simulator.targets('storefront', 'production', flag)).toMatchObject([
        { kind: 'user', key: 'alice', variation: index },
      ]);
      expect(simulator.targets('storefront', 'staging', flag)).toEqual([]);
      expect(simulator.auditLog()).toMatchObject([{ flag, environment: 'production', comment: 'asked for' }]);
    },
  );

  test('the context endpoint targets contexts of every kind, also user', async () => {
    const { simulator, call } = await start();
    await call('PUT', context('organization', 'acme', 'theme'), { body: { setting: 'dark' } });
    await call('PUT', context('user', 'alice', 'theme'), { body: { setting: 'contrast' } });
    expect(simulator.targets('storefront', 'production', 'theme')).toEqual([
      { kind: 'organization', key: 'acme', variation: 1, value: 'dark' },
      { kind: 'user', key: 'alice', variation: 2, value: 'contrast' },
    ]);
  });

  test('a PUT moves a context that was targeted to another variation', async () => {
    const { simulator, call } = await start();
    await call('PUT', user('alice', 'theme'), { body: { setting: 'dark' } });
    await call('PUT', user('alice', 'theme'), { body: { setting: 'light' } });
    expect(simulator.targets('storefront', 'production', 'theme')).toMatchObject([
      { key: 'alice', variation: 0 },
    ]);
  });

  test.each([[{ setting: null, comment: 'gone' }], [{ comment: 'gone' }]])(
    'a PUT of %j removes the target and can be repeated; only the change is logged',
    async (body) => {
      const { simulator, call } = await start();
      await call('PUT', user('alice', 'theme'), { body: { setting: 'dark' } });
      expect((await call('PUT', user('alice', 'theme'), { body })).status).toBe(204);
      expect((await call('PUT', user('alice', 'theme'), { body })).status).toBe(204);
      expect(simulator.targets('storefront', 'production', 'theme')).toEqual([]);
      expect(simulator.auditLog().map(({ comment }) => comment)).toEqual([undefined, 'gone']);
    },
  );

  test('a PUT raises versions and lastModified only of what changed', async () => {
    let now = Date.UTC(2026, 0, 1);
    const { simulator, call } = await start({ clock: { now: () => now } });
    const versions = (): unknown[] =>
      ['production', 'staging'].map((environment) => {
        const flag = simulator.flag('storefront', 'theme');
        const config = flag.configs.get(environment);
        return [flag.version, config?.version, config?.lastModified];
      });
    const before = versions();
    now += 1000;
    await call('PUT', user('alice', 'theme'), { body: { setting: null } });
    expect(versions()).toEqual(before);
    await call('PUT', user('alice', 'theme'), { body: { setting: 'dark' } });
    const after = versions();
    expect(after).toEqual([
      [2, 2, now],
      [2, 1, Date.UTC(2024, 0, 1, 0, 1)],
    ]);
    now += 1000;
    await call('PUT', user('alice', 'theme'), { body: { setting: 'dark' } });
    expect(versions()).toEqual(after);
  });

  test.each(['nope', 1, true, {}, [], ''])(
    'a PUT of %j, which is not a variation, is refused',
    async (setting) => {
      const { simulator, call } = await start();
      const reply = await call('PUT', user('alice', 'theme'), { body: { setting } });
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(simulator.auditLog()).toEqual([]);
    },
  );

  test('a PUT cannot select the second of two variations with the same value, or one whose value is null', async () => {
    const { simulator, call } = await start();
    await call('PUT', user('alice', 'recommendation-model'), { body: { setting: 'bestsellers' } });
    await call('PUT', user('bob', 'recommendation-model'), { body: { setting: null } });
    expect(simulator.targets('storefront', 'production', 'recommendation-model')).toMatchObject([
      { key: 'alice', variation: 1 },
    ]);
  });

  test('a PUT with a comment that is not a string, or a body that is not an object, is refused', async () => {
    const { call } = await start();
    for (const body of [{ setting: 'dark', comment: 7 }, [], 'dark']) {
      expect((await call('PUT', user('alice', 'theme'), { body })).status).toBe(400);
    }
  });

  test.each([
    ['no-such-project/production/alice/flags/theme'],
    ['storefront/no-such-environment/alice/flags/theme'],
    ['storefront/production/alice/flags/no-such-flag'],
  ])('a PUT to %s is answered with 404', async (path) => {
    const { call } = await start();
    const reply = await call('PUT', `/api/v2/users/${path}`, { body: { setting: 'dark' } });
    expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('a PUT for an unknown context kind is answered with 404', async () => {
    const { call } = await start();
    expect((await call('PUT', context('robot', 'r2', 'theme'), { body: { setting: 'dark' } })).status).toBe(
      404,
    );
  });

  test('a PUT to an archived flag is refused', async () => {
    const { call } = await start();
    expect((await call('PUT', user('alice', 'summer-sale'), { body: { setting: true } })).status).toBe(400);
  });

  test('a PUT gets 405 if the environment requires approvals', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const { simulator, call } = await start({ seed });
    for (const path of [user('alice', 'theme'), context('device', 'kiosk', 'theme')]) {
      const reply = await call('PUT', path, { body: { setting: 'dark' } });
      expect(reply).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
      expect(reply.body).toHaveProperty('message', expect.stringContaining('require approval'));
    }
    expect(simulator.auditLog()).toEqual([]);
  });
});

describe('keys in paths', () => {
  test.each([
    '.',
    '..',
    'a/b',
    '%',
    '%2e',
    'a b',
    '日本語',
    'alice@example.com',
    '?#&=+',
    '0123',
    '__proto__',
  ])('the key %j in a path is received unchanged', async (key) => {
    const { simulator, call } = await start();
    const encoded = encodeURIComponent(key).replaceAll('.', '%2E');
    expect((await call('PUT', user(encoded, 'theme'), { body: { setting: 'dark' } })).status).toBe(204);
    expect(simulator.targets('storefront', 'production', 'theme')).toMatchObject([{ key }]);
    expect((await call('GET', user(encoded, 'theme'))).body).toMatchObject({ setting: 'dark' });
  });

  test('unencoded dots in a path are keys, not relative segments', async () => {
    const { simulator, call } = await start();
    await call('PUT', user('..', 'theme'), { body: { setting: 'dark' } });
    await call('PUT', context('device', '.', 'theme'), { body: { setting: 'dark' } });
    expect(simulator.targets('storefront', 'production', 'theme').map(({ key }) => key)).toEqual(['..', '.']);
  });

  test('a path with a malformed percent-encoding is answered with 404', async () => {
    const { call } = await start();
    expect((await call('PUT', user('%zz', 'theme'), { body: { setting: 'dark' } })).status).toBe(404);
  });
});

describe('reading a user’s settings', () => {
  test('setting is the override, and _value and reason are what the user is served and why', async () => {
    const { simulator, call } = await start();
    const setting = async (flag: string): Promise<unknown> => (await call('GET', user('alice', flag))).body;
    expect(await setting('theme')).toMatchObject({
      setting: null,
      _value: 'light',
      reason: { kind: 'FALLTHROUGH' },
    });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect(await setting('theme')).toMatchObject({
      setting: 'dark',
      _value: 'dark',
      reason: { kind: 'TARGET_MATCH' },
    });
    simulator.turnFlag('storefront', 'production', 'theme', false);
    expect(await setting('theme')).toMatchObject({
      setting: 'dark',
      _value: 'light',
      reason: { kind: 'OFF' },
    });
    simulator.setTarget('storefront', 'production', 'one-click-checkout', {
      kind: 'user',
      key: 'alice',
      variation: 0,
    });
    expect(await setting('one-click-checkout')).toMatchObject({
      setting: true,
      _value: false,
      reason: { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'checkout-v2' },
    });
    simulator.setTarget('storefront', 'production', 'checkout-v2', {
      kind: 'user',
      key: 'alice',
      variation: 0,
    });
    expect(await setting('one-click-checkout')).toMatchObject({
      _value: true,
      reason: { kind: 'TARGET_MATCH' },
    });
  });

  test('the list of a user’s settings is a map by flag key, without archived flags', async () => {
    const { call } = await start();
    const { body } = await call('GET', '/api/v2/users/storefront/production/alice/flags');
    expect(body).toMatchObject({
      items: {
        theme: {
          setting: null,
          _links: { self: { href: '/api/v2/users/storefront/production/alice/flags/theme' } },
        },
      },
    });
    expect(body).toHaveProperty('items.old-navigation');
    expect(body).not.toHaveProperty('items.summer-sale');
  });
});
