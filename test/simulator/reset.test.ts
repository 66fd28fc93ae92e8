import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { init } from '@launchdarkly/node-server-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/repository.js';
import { storefrontSeed } from '../support/seeds.js';
import { sendEdit } from './support/page.js';
import { simulators } from './support/running.js';

const start = simulators();
const alice = { kind: 'user', key: 'alice', variation: 1 };

describe('a reset', () => {
  test('a reset returns to the seed, with an empty audit log, and keeps the requests', async () => {
    const { simulator, url, call } = await start();
    // Versions only rise, because SDKs ignore lower ones.
    const state = (): string => JSON.stringify(simulator.world.snapshot()).replaceAll(/"version":\d+/g, '');
    const before = state();
    simulator.setTarget('storefront', 'production', 'theme', alice);
    simulator.turnFlag('storefront', 'production', 'theme', false);
    simulator.deleteFlag('storefront', 'banner');
    await call('POST', '/api/v2/flags/storefront', { body: { key: 'fresh', name: 'Fresh' } });
    expect(await sendEdit(url, '/page/reset', {})).toMatchObject({ status: 200 });
    expect(state()).toBe(before);
    expect(simulator.requests).toHaveLength(1);
    expect((await call('GET', '/api/v2/flags/storefront/fresh')).status).toBe(404);
    expect((await call('GET', '/api/v2/flags/storefront/banner')).status).toBe(200);
  });

  test('a reset returns to the snapshot that the simulator started with, whatever happened to its source', async () => {
    const source = await start();
    source.simulator.setTarget('storefront', 'production', 'theme', alice);
    const { simulator } = await start({ seed: source.simulator.world.snapshot() });
    source.simulator.setTarget('storefront', 'production', 'theme', { ...alice, variation: 2 });
    source.simulator.requireApprovals('production');
    simulator.removeTarget('storefront', 'production', 'theme', alice);
    simulator.reset();
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(1);
    expect(simulator.auditLog()).toHaveLength(1);
    const { environments } = simulator.world.snapshot().projects[0] ?? { environments: [] };
    expect(environments.map(({ requireApprovals }) => requireApprovals)).toEqual([false, false]);
  });

  test('a reset requires approvals again where they were required at the start', async () => {
    const { simulator } = await start({ requireApprovals: ['production'] });
    simulator.requireApprovals('production', false);
    simulator.requireApprovals('staging');
    simulator.reset();
    const { environments } = simulator.world.snapshot().projects[0] ?? { environments: [] };
    expect(environments.map(({ key, requireApprovals }) => [key, requireApprovals])).toEqual([
      ['production', true],
      ['staging', false],
    ]);
  });

  test('a reset reaches the state file before it is answered', async () => {
    const stateFile = join(temporaryFolder(), 'state.json');
    const { simulator, url } = await start({ stateFile });
    simulator.setTarget('storefront', 'production', 'theme', alice);
    await sendEdit(url, '/page/reset', {});
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toMatchObject({ audit: [] });
  });

  test('a reset reaches applications, which then receive further changes', async () => {
    const { simulator, url } = await start();
    simulator.setTarget('storefront', 'production', 'theme', alice);
    const client = init('sdk-production', {
      baseUri: url,
      streamUri: url,
      eventsUri: url,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    onTestFinished(() => client.close());
    await client.waitForInitialization({ timeout: 10 });
    const theme = (): Promise<unknown> => client.variation('theme', { kind: 'user', key: 'alice' }, 'none');
    const updated = (): Promise<void> =>
      new Promise((resolve) => client.once('update:theme', () => resolve()));
    expect(await theme()).toBe('dark');
    let next = updated();
    simulator.reset();
    await next;
    expect(await theme()).toBe('light');
    next = updated();
    simulator.setTarget('storefront', 'production', 'theme', { ...alice, variation: 2 });
    await next;
    expect(await theme()).toBe('contrast');
  });

  test('targets of the seed expire again after a reset', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const targets = [{ variation: 1, values: ['alice'], expires: '2030-06-01T00:00:00Z' }];
    const seed = storefrontSeed({ flags: { theme: { environments: { production: { targets } } } } });
    const { simulator } = await start({ seed, clock: { now: () => now } });
    const live = (): number | undefined =>
      simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice');
    simulator.removeTarget('storefront', 'production', 'theme', alice);
    simulator.reset();
    expect(live()).toBe(1);
    now = Date.parse('2030-06-01T00:00:00Z');
    expect(live()).toBeUndefined();
  });
});
