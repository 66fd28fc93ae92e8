import { describe, expect, test } from 'vitest';
import type { SeedFlagEnvironment } from '../../src/simulator/seed/seed.js';
import { latch } from './support/latch.js';
import { simulators, type Running } from './support/running.js';
import { storefrontSeed } from '../support/seeds.js';

const start = simulators();
const SEMANTIC = 'application/json; domain-model=launchdarkly.semanticpatch';

/** The flag `theme`: alice and acme dark, bob light. */
const production: SeedFlagEnvironment = {
  targets: [
    { variation: 1, values: ['alice'] },
    { variation: 0, values: ['bob'] },
  ],
  contextTargets: [{ contextKind: 'organization', variation: 1, values: ['acme'] }],
};
const seed = storefrontSeed({ flags: { theme: { environments: { production } } } });

type Step = Readonly<Record<string, unknown>>;

async function patch(
  { call }: Running,
  instructions: readonly Step[],
  { query = '', environmentKey = 'production', comment = 'because', flag = 'theme' } = {},
): ReturnType<Running['call']> {
  return call('PATCH', `/api/v2/flags/storefront/${flag}${query}`, {
    contentType: SEMANTIC,
    body: { environmentKey, comment, instructions },
  });
}

/** The id of one of theme's variations. */
function id({ simulator }: Running, index: number): string {
  return simulator.flag('storefront', 'theme').variations[index]?.id ?? '';
}

function targets({ simulator }: Running): readonly string[] {
  return simulator
    .targets('storefront', 'production', 'theme')
    .map(
      ({ kind, key, value }) => `${kind} ${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
}

describe('instructions about targets', () => {
  test('a patch removes and adds targets in order, with one audit log entry', async () => {
    const running = await start({ seed });
    const reply = await patch(running, [
      { kind: 'removeTargets', variationId: id(running, 0), values: ['bob', 'nobody'] },
      { kind: 'addTargets', variationId: id(running, 1), values: ['bob', 'carol'] },
      { kind: 'addTargets', contextKind: 'device', variationId: id(running, 2), values: ['kiosk'] },
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: { _version: 2, environments: { production: { version: 2 }, staging: { version: 1 } } },
    });
    expect(targets(running)).toEqual([
      'user alice dark',
      'user bob dark',
      'user carol dark',
      'organization acme dark',
      'device kiosk contrast',
    ]);
    expect(running.simulator.auditLog()).toMatchObject([{ comment: 'because', actions: ['updateTargets'] }]);
  });

  test.each<[string, (running: Running) => Step, readonly string[]]>([
    [
      'addUserTargets',
      (running) => ({ variationId: id(running, 1), values: ['carol'] }),
      ['user alice dark', 'user carol dark', 'user bob light', 'organization acme dark'],
    ],
    [
      'removeUserTargets',
      (running) => ({ variationId: id(running, 1), values: ['alice', 'bob'] }),
      ['user bob light', 'organization acme dark'],
    ],
    ['clearTargets', (running) => ({ variationId: id(running, 1) }), ['user bob light']],
    [
      'clearUserTargets',
      (running) => ({ variationId: id(running, 1) }),
      ['user bob light', 'organization acme dark'],
    ],
    [
      'replaceTargets',
      (running) => ({ targets: [{ variationId: id(running, 2), values: ['alice'] }] }),
      ['user alice contrast'],
    ],
    [
      'replaceUserTargets',
      (running) => ({
        targets: [0, 1, 2].map((index) => ({
          variationId: id(running, index),
          values: index === 2 ? ['alice'] : [],
        })),
      }),
      ['organization acme dark', 'user alice contrast'],
    ],
  ])('the instruction %s changes exactly the targets that it names', async (kind, fields, expected) => {
    const running = await start({ seed });
    expect((await patch(running, [{ kind, ...fields(running) }])).status).toBe(200);
    expect(targets(running)).toEqual(expected);
  });

  test.each<[string, (running: Running) => Step]>([
    [
      'a context that is targeted to another variation',
      (r) => ({ kind: 'addTargets', variationId: id(r, 2), values: ['bob'] }),
    ],
    ['an unknown variation', () => ({ kind: 'addTargets', variationId: 'x', values: ['bob'] })],
    ['values that are not keys', (r) => ({ kind: 'addTargets', variationId: id(r, 0), values: [7] })],
    ['no values', (r) => ({ kind: 'addTargets', variationId: id(r, 0) })],
    [
      'an unknown context kind',
      (r) => ({ kind: 'addTargets', contextKind: 'robot', variationId: id(r, 0), values: ['r2'] }),
    ],
    [
      'replacing users in only some variations',
      (r) => ({ kind: 'replaceUserTargets', targets: [{ variationId: id(r, 0), values: [] }] }),
    ],
    ['an unknown instruction', () => ({ kind: 'makeCoffee' })],
    ['an instruction without a kind', () => ({})],
  ])('a patch is refused completely for %s', async (_, bad) => {
    const running = await start({ seed });
    const before = targets(running);
    const good = { kind: 'addTargets', variationId: id(running, 1), values: ['carol'] };
    expect(await patch(running, [good, bad(running)])).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(targets(running)).toEqual(before);
    expect(running.simulator.auditLog()).toEqual([]);
    expect(running.simulator.flag('storefront', 'theme').version).toBe(1);
  });

  test('a patch that changes nothing raises no version and is not logged', async () => {
    const running = await start({ seed });
    const same = { kind: 'addTargets', variationId: id(running, 1), values: ['alice'] };
    expect((await patch(running, [same, { kind: 'turnFlagOn' }])).status).toBe(200);
    expect(running.simulator.flag('storefront', 'theme').version).toBe(1);
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test('a patch with dryRun changes nothing and returns the flag as it would become', async () => {
    const running = await start({ seed });
    const before = targets(running);
    const add = { kind: 'addTargets', variationId: id(running, 2), values: ['carol'] };
    const reply = await patch(running, [add], { query: '?dryRun=true' });
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.body).toHaveProperty('environments.production.targets.2.values', ['carol']);
    expect(targets(running)).toEqual(before);
    expect(running.simulator.auditLog()).toEqual([]);
    expect((await patch(running, [{ ...add, values: ['bob'] }], { query: '?dryRun=true' })).status).toBe(400);
  });
});

describe('instructions about the flag', () => {
  test('a patch turns a flag on and off in one environment', async () => {
    const running = await start();
    await patch(running, [{ kind: 'turnFlagOff' }], { environmentKey: 'staging' });
    const { configs } = running.simulator.flag('storefront', 'theme');
    expect([configs.get('staging')?.on, configs.get('production')?.on]).toEqual([false, true]);
    await patch(running, [{ kind: 'turnFlagOn' }], { environmentKey: 'staging' });
    expect(running.simulator.flag('storefront', 'theme').configs.get('staging')?.on).toBe(true);
  });

  test('a patch archives, deprecates and restores a flag', async () => {
    const running = await start();
    const state = async (kind: string): Promise<string> => {
      await patch(running, [{ kind }]);
      return running.simulator.flag('storefront', 'theme').state;
    };
    expect(await state('deprecateFlag')).toBe('deprecated');
    expect(await state('restoreDeprecatedFlag')).toBe('live');
    expect(await state('archiveFlag')).toBe('archived');
    expect((await patch(running, [{ kind: 'turnFlagOff' }])).status).toBe(400);
    expect((await patch(running, [{ kind: 'deprecateFlag' }])).status).toBe(400);
    expect(await state('restoreFlag')).toBe('live');
  });

  test('a patch cannot archive a flag that is a prerequisite of another', async () => {
    const running = await start();
    const reply = await patch(running, [{ kind: 'archiveFlag' }], { flag: 'checkout-v2' });
    expect(reply).toMatchObject({ status: 400 });
    expect(reply.body).toHaveProperty('message', expect.stringContaining('one-click-checkout'));
  });

  test('a patch can add a variation of the same type, which can then be targeted', async () => {
    const running = await start();
    expect((await patch(running, [{ kind: 'addVariation', value: 7 }])).status).toBe(400);
    expect((await patch(running, [{ kind: 'addVariation' }])).status).toBe(400);
    await patch(running, [{ kind: 'addVariation', value: 'sepia', name: 'Sepia' }]);
    const path = '/api/v2/users/storefront/production/alice/flags/theme';
    expect((await running.call('PUT', path, { body: { setting: 'sepia' } })).status).toBe(204);
    expect(targets(running)).toEqual(['user alice sepia']);
    expect(
      (await patch(running, [{ kind: 'addVariation', value: true }], { flag: 'checkout-v2' })).status,
    ).toBe(400);
  });
});

describe('a patch', () => {
  test('a patch is refused without the semantic content type, an environment or instructions', async () => {
    const running = await start();
    const send = async (body: unknown, contentType = SEMANTIC): Promise<number> =>
      (await running.call('PATCH', '/api/v2/flags/storefront/theme', { body, contentType })).status;
    const instructions = [{ kind: 'turnFlagOff' }];
    expect(await send({ environmentKey: 'production', instructions }, 'application/json')).toBe(400);
    expect(await send({ instructions })).toBe(400);
    expect(await send({ environmentKey: 'production', instructions: [] })).toBe(400);
    expect(await send({ environmentKey: 'production', instructions, comment: 7 })).toBe(400);
    expect(await send({ environmentKey: 'nowhere', instructions })).toBe(404);
    expect(await send({ environmentKey: 'production', instructions })).toBe(200);
  });

  test('a patch gets 405 if approvals are required, and 403 for a reader token', async () => {
    const approvals = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const running = await start({ seed: approvals });
    const off = [{ kind: 'turnFlagOff' }];
    expect(await patch(running, off)).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect((await patch(running, off, { environmentKey: 'staging' })).status).toBe(200);
    const reply = await running.call('PATCH', '/api/v2/flags/storefront/theme', {
      token: 'api-reader',
      contentType: SEMANTIC,
      body: { environmentKey: 'staging', instructions: off },
    });
    expect(reply.status).toBe(403);
  });

  test('a patch of all environments conflicts with a write in any of them', async () => {
    const writes = latch();
    const running = await start({ writeDuration: writes.opened });
    const put = running.call('PUT', '/api/v2/users/storefront/staging/alice/flags/theme', {
      body: { setting: 'dark' },
    });
    const archive = patch(running, [{ kind: 'archiveFlag' }]);
    expect(await Promise.race([put, archive])).toMatchObject({ status: 409 });
    writes.open();
    await Promise.all([put, archive]);
  });
});
