import { basicLogger, init, type LDClient, type LDContext } from '@launchdarkly/node-server-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { call } from './support/call.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();
const clients: LDClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** An application's SDK, configured only with the URLs of LaunchDarkly. */
async function application(
  url: string,
  mode: 'streaming' | 'polling',
  key = 'sdk-production',
): Promise<LDClient> {
  const client = init(key, {
    baseUri: url,
    streamUri: url,
    eventsUri: url,
    stream: mode === 'streaming',
    logger: basicLogger({ level: 'none' }),
  });
  clients.push(client);
  await client.waitForInitialization({ timeout: 10 });
  return client;
}

const alice: LDContext = { kind: 'user', key: 'alice' };
const acme: LDContext = { kind: 'organization', key: 'acme' };
const both: LDContext = { kind: 'multi', user: { key: 'alice' }, organization: { key: 'acme' } };

/** Resolves when the SDK has received a change of the flag. */
function updated(client: LDClient, flag: string): Promise<void> {
  return new Promise((resolve) => {
    client.once(`update:${flag}`, () => resolve());
  });
}

async function put(
  { call: send }: Running,
  kind: string,
  key: string,
  flag: string,
  setting: unknown,
): Promise<void> {
  const path = `/api/v2/projects/storefront/environments/production/contexts/${kind}/${key}/flags/${flag}`;
  expect((await send('PUT', path, { body: { setting } })).status).toBe(204);
}

const SETTINGS: readonly [string, unknown][] = [
  ['checkout-v2', true],
  ['theme', 'contrast'],
  ['search-limit', 100],
  ['banner', { show: true, text: 'Back soon', until: { hour: 6, zone: 'UTC' } }],
  ['payment-methods', ['card', 'transfer', 'invoice']],
];

describe('rules and rollouts in LaunchDarkly’s own SDK', () => {
  const at = (field: string, value: unknown): object => ({
    op: 'replace',
    path: `/environments/production/${field}`,
    value,
  });

  test.each([{}, { seed: 61 }])(
    'the SDK and the API serve every user the same variation of a rollout %j',
    async (options) => {
      const running = await start();
      const variations = [20_000, 30_000, 50_000].map((weight, variation) => ({ variation, weight }));
      const rollout = { ...options, variations };
      const client = await application(running.url, 'streaming');
      const heard = updated(client, 'theme');
      const body = [at('fallthrough', { rollout })];
      expect((await running.call('PATCH', '/api/v2/flags/storefront/theme', { body })).status).toBe(200);
      await heard;
      const served = new Set<unknown>();
      for (let index = 0; index < 40; index += 1) {
        const key = `user-${index}`;
        const value: unknown = await client.variation('theme', { kind: 'user', key }, 'fallback');
        const path = `/api/v2/users/storefront/production/${key}/flags/theme`;
        expect((await running.call('GET', path)).body).toHaveProperty('_value', value);
        served.add(value);
      }
      expect(served.size).toBe(3);
    },
  );

  test('the SDK evaluates the rules, which the API only marks', async () => {
    const running = await start();
    const client = await application(running.url, 'streaming');
    const heard = updated(client, 'theme');
    const clauses = [{ attribute: 'email', op: 'endsWith', values: ['@example.com'], negate: false }];
    const body = [at('rules', [{ variation: 2, clauses }])];
    await running.call('PATCH', '/api/v2/flags/storefront/theme', { body });
    await heard;
    const staff = { ...alice, email: 'alice@example.com' };
    expect(await client.variationDetail('theme', staff, 'fallback')).toMatchObject({
      value: 'contrast',
      reason: { kind: 'RULE_MATCH', ruleIndex: 0 },
    });
    expect((await client.variationDetail('theme', alice, 'fallback')).reason.kind).toBe('FALLTHROUGH');
  });

  test('the SDK of an environment that was created later sees its flags, until the environment is deleted', async () => {
    const running = await start();
    const path = '/api/v2/projects/storefront/environments';
    const environment = { key: 'qa', name: 'QA', color: '00ff00', source: { key: 'production' } };
    const { body } = await running.call('POST', path, { body: environment });
    const { apiKey }: { apiKey: string } = JSON.parse(JSON.stringify(body));
    const client = await application(running.url, 'streaming', apiKey);
    expect(await client.variation('theme', alice, 'fallback')).toBe('light');
    expect((await running.call('DELETE', `${path}/qa`)).status).toBe(204);
    const reply = await call(running.url, 'GET', '/sdk/latest-all', { token: apiKey });
    expect(reply.status).toBe(401);
  });
});

describe('LaunchDarkly’s own SDK', () => {
  test.each(SETTINGS)('a streaming SDK sees an override of %s take effect', async (flag, setting) => {
    const running = await start();
    const client = await application(running.url, 'streaming');
    for (const [context, kind, key] of [
      [alice, 'user', 'alice'],
      [acme, 'organization', 'acme'],
    ] as const) {
      expect(await client.variation(flag, context, 'fallback')).not.toEqual(setting);
      const heard = updated(client, flag);
      await put(running, kind, key, flag, setting);
      await heard;
      expect(await client.variationDetail(flag, context, 'fallback')).toMatchObject({
        value: setting,
        reason: { kind: 'TARGET_MATCH' },
      });
    }
    const gone = updated(client, flag);
    await put(running, 'user', 'alice', flag, null);
    await gone;
    expect((await client.variationDetail(flag, alice, 'fallback')).reason.kind).toBe('FALLTHROUGH');
  });

  test('a streaming SDK sees a target expire', async () => {
    const running = await start();
    const { simulator } = running;
    const flag = 'theme';
    await put(running, 'user', 'alice', flag, 'dark');
    const client = await application(running.url, 'streaming');
    const value = simulator.now() + 3_600_000;
    const reply = await running.call(
      'PATCH',
      `/api/v2/flags/storefront/${flag}/expiring-targets/production`,
      {
        contentType: 'application/json; domain-model=launchdarkly.semanticpatch',
        body: {
          instructions: [
            {
              kind: 'addExpiringTarget',
              contextKind: 'user',
              contextKey: 'alice',
              variationId: simulator.flag('storefront', flag).variations[1]?.id,
              value,
            },
          ],
        },
      },
    );
    expect(reply.body).toMatchObject({ successfulInstructions: 1 });
    const heard = updated(client, flag);
    simulator.moveClock(value);
    await heard;
    expect((await client.variationDetail(flag, alice, 'fallback')).reason.kind).toBe('FALLTHROUGH');
  });

  test.each(SETTINGS)('a polling SDK sees an override of %s', async (flag, setting) => {
    const running = await start();
    await put(running, 'user', 'alice', flag, setting);
    await put(running, 'organization', 'acme', flag, setting);
    const client = await application(running.url, 'polling');
    expect(await client.variation(flag, alice, 'fallback')).toEqual(setting);
    expect(await client.variation(flag, acme, 'fallback')).toEqual(setting);
    expect(running.simulator.requests.map(({ path }) => path)).toContain('/sdk/latest-all');
  });

  test('the SDK agrees with the simulator on what a user is served and why', async () => {
    const running = await start();
    const { simulator } = running;
    const scope = ['storefront', 'production'] as const;
    simulator.setTarget(...scope, 'theme', { kind: 'user', key: 'alice', variation: 1 });
    simulator.setTarget(...scope, 'one-click-checkout', { kind: 'user', key: 'alice', variation: 0 });
    simulator.setTarget(...scope, 'search-limit', { kind: 'user', key: 'alice', variation: 2 });
    simulator.turnFlag(...scope, 'search-limit', false);
    simulator.setTarget(...scope, 'recommendation-model', { kind: 'user', key: 'alice', variation: 0 });
    const client = await application(running.url, 'streaming');
    const { body } = await running.call('GET', '/api/v2/users/storefront/production/alice/flags');
    const { items }: { items: Record<string, { _value: unknown; reason: object }> } = JSON.parse(
      JSON.stringify(body),
    );
    expect(Object.keys(items).length).toBeGreaterThan(8);
    for (const [flag, { _value, reason }] of Object.entries(items)) {
      const detail = await client.variationDetail(flag, alice, null);
      expect({ flag, value: detail.value, reason: detail.reason }).toMatchObject({
        flag,
        value: _value,
        reason,
      });
    }
  });

  test('the SDK matches each kind of a multi-kind context, in the order of LaunchDarkly’s targets', async () => {
    const running = await start();
    const client = await application(running.url, 'streaming');
    const heard = updated(client, 'theme');
    running.simulator.setTarget('storefront', 'production', 'theme', { ...acmeTarget, variation: 2 });
    await heard;
    expect(await client.variation('theme', both, '')).toBe('contrast');
    expect(await client.variation('theme', alice, '')).toBe('light');
  });

  test('the SDK sees only its own environment', async () => {
    const running = await start();
    const staging = await application(running.url, 'streaming', 'sdk-staging');
    await put(running, 'user', 'alice', 'theme', 'dark');
    const heard = updated(staging, 'search-limit');
    running.simulator.turnFlag('storefront', 'staging', 'search-limit', false);
    await heard;
    expect(await staging.variation('theme', alice, '')).toBe('light');
    expect(await staging.variation('search-limit', alice, 0)).toBe(10);
  });

  test('the SDK sees flags being archived, restored, created and deleted', async () => {
    const running = await start();
    const client = await application(running.url, 'streaming');
    const after = async (change: () => unknown, flag = 'theme'): Promise<unknown> => {
      const heard = updated(client, flag);
      await change();
      await heard;
      return client.variation(flag, alice, 'fallback');
    };
    expect(await after(() => running.simulator.archiveFlag('storefront', 'theme'))).toBe('fallback');
    expect(await after(() => running.simulator.setFlagState('storefront', 'theme', 'live'))).toBe('light');
    const body = { key: 'fresh', name: 'Fresh', isFlagOn: true };
    expect(await after(() => running.call('POST', '/api/v2/flags/storefront', { body }), 'fresh')).toBe(true);
    expect(await after(() => running.simulator.deleteFlag('storefront', 'fresh'), 'fresh')).toBe('fallback');
  });

  test('the SDK can send its events', async () => {
    const running = await start();
    const client = await application(running.url, 'streaming');
    await client.variation('theme', alice, '');
    await client.flush();
    const sink = running.simulator.requests.filter(({ path }) => path === '/bulk');
    expect(sink).toMatchObject([{ status: 202, headers: { authorization: 'sdk' } }]);
  });
});

const acmeTarget = { kind: 'organization', key: 'acme' };

describe('the endpoints for SDKs', () => {
  test.each(['/sdk/latest-all', '/all'])('the SDK endpoint %s requires an SDK key', async (path) => {
    const { url } = await start();
    expect((await call(url, 'GET', path, { token: 'api-writer' })).status).toBe(401);
  });

  test('the stream has an event when a target expires, and none when its date is set', async () => {
    const { url, simulator, call: ask } = await start();
    const target = { kind: 'user', key: 'alice', variation: 1 };
    simulator.setTarget('storefront', 'production', 'theme', target);
    const { body } = await fetch(`${url}/all`, { headers: { authorization: 'sdk-production' } });
    const value = simulator.now() + 3_600_000;
    const variationId = simulator.flag('storefront', 'theme').variations[1]?.id;
    await ask('PATCH', '/api/v2/flags/storefront/theme/expiring-targets/production', {
      contentType: 'application/json; domain-model=launchdarkly.semanticpatch',
      body: {
        instructions: [
          { kind: 'addExpiringTarget', contextKind: 'user', contextKey: 'alice', variationId, value },
        ],
      },
    });
    simulator.moveClock(value);
    simulator.setTarget('storefront', 'production', 'theme', target);
    let text = '';
    for await (const chunk of body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('"version":4')) break;
    }
    const versions = text
      .split('\n')
      .filter((line) => line.startsWith('data: {"path":"/flags/theme"'))
      .map((line) => /"version":(\d+)/.exec(line)?.[1]);
    expect(versions).toEqual(['3', '4']);
  });

  test('a poll with the current ETag is answered with 304', async () => {
    const { url, simulator } = await start();
    const poll = async (tag?: string): Promise<globalThis.Response> =>
      fetch(`${url}/sdk/latest-all`, {
        headers: { authorization: 'sdk-production', ...(tag === undefined ? {} : { 'if-none-match': tag }) },
      });
    const tag = (await poll()).headers.get('etag') ?? '';
    expect((await poll(tag)).status).toBe(304);
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect((await poll(tag)).status).toBe(200);
  });
});
