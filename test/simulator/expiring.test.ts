import { describe, expect, test } from 'vitest';
import type { SeedFlagEnvironment } from '../../src/simulator/seed/seed.js';
import type { SimulatorOptions } from '../../src/simulator/simulator.js';
import { storefrontSeed } from '../support/seeds.js';
import type { Reply } from './support/call.js';
import { latch } from './support/latch.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();
const SEMANTIC = 'application/json; domain-model=launchdarkly.semanticpatch';
const FLAG = '/api/v2/flags/storefront/theme';
const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;

/** The flag `theme`: alice and bob dark, acme contrast. */
const production: SeedFlagEnvironment = {
  targets: [{ variation: 1, values: ['alice', 'bob'] }],
  contextTargets: [{ contextKind: 'organization', variation: 2, values: ['acme'] }],
};
const seed = storefrontSeed({ flags: { theme: { environments: { production } } } });

/** A simulator whose clock has the time `NOW` and does not go on. */
function startAt(options: SimulatorOptions = {}): Promise<Running> {
  return start({ seed, clock: { now: () => NOW }, ...options });
}

function id({ simulator }: Running, index: number, flag = 'theme'): string {
  return simulator.flag('storefront', flag).variations[index]?.id ?? '';
}

type Instruction = Readonly<Record<string, unknown>>;

function patch(
  running: Running,
  instructions: readonly Instruction[],
  { path = `${FLAG}/expiring-targets/production`, token = 'api-writer' } = {},
): Promise<Reply> {
  return running.call('PATCH', path, {
    contentType: SEMANTIC,
    token,
    body: { instructions, comment: 'a trial' },
  });
}

function alice(running: Running, kind: string, more: Instruction = {}): Instruction {
  return { kind, contextKind: 'user', contextKey: 'alice', variationId: id(running, 1), ...more };
}

/** Contexts and dates of the flag’s expiring targets. */
async function dates(running: Running): Promise<readonly unknown[]> {
  const { body } = await running.call('GET', `${FLAG}/expiring-targets/production`);
  const { items } = body as { items: { contextKind: string; contextKey: string; expirationDate: number }[] };
  return items.map((one) => [one.contextKind, one.contextKey, one.expirationDate]);
}

describe('the dates of a flag’s targets', () => {
  test('a date can be set, moved and cancelled, each with an audit log entry', async () => {
    const running = await startAt();
    const acme = { contextKind: 'organization', contextKey: 'acme', variationId: id(running, 2) };
    const reply = await patch(running, [
      alice(running, 'addExpiringTarget', { value: NOW + HOUR, version: 7 }),
      { kind: 'addExpiringTarget', ...acme, value: NOW + 2 * HOUR },
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        totalInstructions: 2,
        successfulInstructions: 2,
        failedInstructions: 0,
        errors: [],
        items: [
          {
            _version: 1,
            contextKind: 'user',
            contextKey: 'alice',
            variationId: id(running, 1),
            expirationDate: NOW + HOUR,
            _resourceId: {
              kind: 'flag',
              projectKey: 'storefront',
              environmentKey: 'production',
              key: 'theme',
            },
          },
          { _version: 1, contextKind: 'organization', contextKey: 'acme', expirationDate: NOW + 2 * HOUR },
        ],
      },
    });
    const moved = await patch(running, [
      alice(running, 'updateExpiringTarget', { value: NOW + 3 * HOUR, version: 1 }),
    ]);
    expect(moved.body).toMatchObject({ items: [{ _version: 2, expirationDate: NOW + 3 * HOUR }, {}] });
    await patch(running, [alice(running, 'removeExpiringTarget')]);
    expect(await dates(running)).toEqual([['organization', 'acme', NOW + 2 * HOUR]]);
    expect(running.simulator.auditLog()).toMatchObject(
      Array.from({ length: 3 }, () => ({
        actions: ['updateExpiringTargets'],
        comment: 'a trial',
        environment: 'production',
        tokenName: 'Writer',
      })),
    );
    expect(running.simulator.flag('storefront', 'theme').version).toBe(1);
    expect(running.simulator.targets('storefront', 'production', 'theme')).toHaveLength(3);
  });

  test('instructions that are not possible fail, and the others are applied', async () => {
    const running = await startAt();
    const add = (more: Instruction): Instruction => alice(running, 'addExpiringTarget', more);
    const reply = await patch(running, [
      add({ value: NOW }),
      add({ value: '2100-01-01' }),
      add({ value: NOW + HOUR, contextKey: 'nobody' }),
      add({ value: NOW + HOUR, contextKind: 'device' }),
      add({ value: NOW + HOUR, variationId: id(running, 0) }),
      add({ value: NOW + HOUR, variationId: 'unknown' }),
      add({ value: NOW + HOUR, contextKey: 7 }),
      alice(running, 'updateExpiringTarget', { value: NOW + HOUR }),
      alice(running, 'removeExpiringTarget'),
      add({ value: NOW + HOUR }),
      add({ value: NOW + 2 * HOUR }),
      alice(running, 'updateExpiringTarget', { value: NOW + HOUR, version: 2 }),
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        totalInstructions: 12,
        successfulInstructions: 1,
        failedInstructions: 11,
        errors: [
          { instructionIndex: 0, message: 'value must be a time in the future' },
          { instructionIndex: 1, message: 'value must be a time in Unix milliseconds' },
          { instructionIndex: 2, message: 'user "nobody" is not individually targeted to this variation' },
          { instructionIndex: 3, message: 'device "alice" is not individually targeted to this variation' },
          { instructionIndex: 4, message: 'user "alice" is not individually targeted to this variation' },
          { instructionIndex: 5, message: 'variationId "unknown" is not a variation of the flag' },
          { instructionIndex: 6, message: 'contextKind and contextKey must be strings' },
          { instructionIndex: 7, message: 'user "alice" is not scheduled for removal' },
          { instructionIndex: 8, message: 'user "alice" is not scheduled for removal' },
          { instructionIndex: 10, message: 'user "alice" is already scheduled for removal' },
          { instructionIndex: 11, message: 'the version of the date is 1, not 2' },
        ],
      },
    });
    expect(await dates(running)).toEqual([['user', 'alice', NOW + HOUR]]);
    expect(running.simulator.auditLog()).toHaveLength(1);
  });

  test('a patch in which everything fails leaves no audit log entry', async () => {
    const running = await startAt();
    const reply = await patch(running, [alice(running, 'removeExpiringTarget')]);
    expect(reply).toMatchObject({ status: 200, body: { successfulInstructions: 0, failedInstructions: 1 } });
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test.each<[string, object, string | undefined]>([
    ['another content type', { instructions: [{ kind: 'removeExpiringTarget' }] }, 'application/json'],
    ['no instructions', { instructions: [] }, undefined],
    ['an unknown kind', { instructions: [{ kind: 'addExpireUserTargetDate' }] }, undefined],
    ['an instruction without a kind', { instructions: [{}] }, undefined],
    [
      'a comment that is not text',
      { comment: 7, instructions: [{ kind: 'removeExpiringTarget' }] },
      undefined,
    ],
  ])('a patch with %s is refused with 400', async (_, body, contentType = SEMANTIC) => {
    const { call } = await startAt();
    expect((await call('PATCH', `${FLAG}/expiring-targets/production`, { contentType, body })).status).toBe(
      400,
    );
  });

  test('the date of a flag that is deleted meanwhile is not set', async () => {
    const arrived = latch();
    const writes = latch();
    const running = await startAt({
      writeDuration: () => {
        arrived.open();
        return writes.opened();
      },
    });
    const reply = patch(running, [alice(running, 'addExpiringTarget', { value: NOW + HOUR })]);
    await arrived.opened();
    running.simulator.deleteFlag('storefront', 'theme');
    writes.open();
    expect(await reply).toMatchObject({ body: { failedInstructions: 1, items: [] } });
  });

  test('a reader token can read the dates but not change them', async () => {
    const running = await startAt();
    const path = `${FLAG}/expiring-targets/production`;
    expect((await running.call('GET', path, { token: 'api-reader' })).status).toBe(200);
    const instructions = [alice(running, 'addExpiringTarget', { value: NOW + HOUR })];
    expect((await patch(running, instructions, { token: 'api-reader' })).status).toBe(403);
    expect(await dates(running)).toEqual([]);
  });
});

describe('the deprecated operations on users', () => {
  const ofAlice = '/api/v2/users/storefront/alice/expiring-user-targets/production';

  test('the dates of one user are set on several flags, and read by user, by flag and by context', async () => {
    const running = await startAt();
    running.simulator.setTarget('storefront', 'production', 'checkout-v2', {
      kind: 'user',
      key: 'alice',
      variation: 0,
    });
    const value = NOW + HOUR;
    const add = { kind: 'addExpireUserTargetDate', value };
    const reply = await patch(
      running,
      [
        { ...add, flagKey: 'theme', variationId: id(running, 1) },
        { ...add, flagKey: 'checkout-v2', variationId: id(running, 0, 'checkout-v2') },
        { ...add, flagKey: 'nothing', variationId: id(running, 1) },
        { ...add, flagKey: 'summer-sale', variationId: id(running, 0, 'summer-sale') },
      ],
      { path: ofAlice },
    );
    const items = ['checkout-v2', 'theme'].map((flagKey) => ({
      userKey: 'alice',
      expirationDate: value,
      _resourceId: { flagKey },
    }));
    expect(reply).toMatchObject({
      status: 200,
      body: {
        successfulInstructions: 2,
        failedInstructions: 2,
        errors: [
          { instructionIndex: 2, message: 'There is no flag with the key "nothing"' },
          { instructionIndex: 3, message: 'an archived flag cannot be changed' },
        ],
        items,
      },
    });
    expect(await running.call('GET', ofAlice)).toMatchObject({ status: 200, body: { items } });
    expect(await running.call('GET', ofAlice.replace('alice', 'bob'))).toMatchObject({ body: { items: [] } });
    expect(await running.call('GET', `${FLAG}/expiring-user-targets/production`)).toMatchObject({
      body: { items: [{ userKey: 'alice' }] },
    });
    expect(await dates(running)).toEqual([['user', 'alice', value]]);
    expect(running.simulator.auditLog().slice(1)).toMatchObject([{ flag: 'theme' }, { flag: 'checkout-v2' }]);
  });

  test('the dates of a flag’s users do not include other contexts', async () => {
    const running = await startAt();
    const value = NOW + HOUR;
    const path = `${FLAG}/expiring-user-targets/production`;
    await patch(running, [
      {
        kind: 'addExpiringTarget',
        value,
        contextKind: 'organization',
        contextKey: 'acme',
        variationId: id(running, 2),
      },
    ]);
    const set = await patch(
      running,
      [{ kind: 'addExpireUserTargetDate', value, userKey: 'bob', variationId: id(running, 1) }],
      { path },
    );
    expect(set.body).toMatchObject({ items: [{ userKey: 'bob' }] });
    expect((await running.call('GET', path)).body).toHaveProperty('items.length', 1);
    expect(await dates(running)).toHaveLength(2);
  });

  test('the operations by user answer 404 if LaunchDarkly has removed them, and those by flag remain', async () => {
    const { call } = await startAt({ userRoutes: false });
    expect((await call('GET', ofAlice)).status).toBe(404);
    expect((await call('GET', `${FLAG}/expiring-user-targets/production`)).status).toBe(200);
  });
});

describe('a target that expires', () => {
  test('is removed with its date by the first request after it, with an audit log entry at that time', async () => {
    let now = NOW;
    const running = await startAt({ clock: { now: () => now } });
    await patch(running, [
      alice(running, 'addExpiringTarget', { value: NOW + HOUR }),
      alice(running, 'addExpiringTarget', { value: NOW + 2 * HOUR, contextKey: 'bob' }),
    ]);
    now = NOW + HOUR - 1;
    expect(await dates(running)).toHaveLength(2);
    now = NOW + HOUR + 5;
    expect(await dates(running)).toEqual([['user', 'bob', NOW + 2 * HOUR]]);
    const targets = running.simulator.targets('storefront', 'production', 'theme');
    expect(targets.map(({ key }) => key)).toEqual(['bob', 'acme']);
    const flag = await running.call('GET', FLAG);
    expect(flag.body).toMatchObject({
      _version: 2,
      environments: { production: { version: 2, lastModified: NOW + HOUR } },
    });
    const log = await running.call('GET', '/api/v2/auditlog');
    expect(log.body).toMatchObject({
      items: [
        {
          date: NOW + HOUR,
          description: 'Removed the expired target alice',
          title: 'LaunchDarkly removed expired targets of Theme',
          accesses: [{ action: 'updateTargets', resource: 'proj/storefront:env/production:flag/theme' }],
        },
        {},
      ],
    });
    const [entry] = (log.body as { items: object[] }).items;
    expect(entry).not.toHaveProperty('member');
    expect(entry).not.toHaveProperty('token');
  });

  test('is removed when the clock is moved past its date, several in the order of their dates', async () => {
    const running = await startAt();
    await patch(running, [
      alice(running, 'addExpiringTarget', { value: NOW + 2 * HOUR }),
      alice(running, 'addExpiringTarget', { value: NOW + HOUR, contextKey: 'bob' }),
    ]);
    running.simulator.moveClock(NOW + 3 * HOUR);
    expect(running.simulator.auditLog().slice(1)).toMatchObject([
      { description: 'Removed the expired target bob', date: NOW + HOUR, isScheduled: true },
      { description: 'Removed the expired target alice', date: NOW + 2 * HOUR },
    ]);
    expect(running.simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(
      undefined,
    );
  });

  test('is removed together with others of the same date in one change', async () => {
    const running = await startAt();
    const value = NOW + HOUR;
    await patch(running, [
      alice(running, 'addExpiringTarget', { value }),
      alice(running, 'addExpiringTarget', { value, contextKey: 'bob' }),
    ]);
    running.simulator.moveClock(value);
    expect(running.simulator.auditLog().slice(1)).toMatchObject([
      { description: 'Removed the expired targets alice, bob' },
    ]);
    expect(running.simulator.flag('storefront', 'theme').version).toBe(2);
  });

  test('is removed by itself when its time has come', async () => {
    const running = await start({ seed });
    const changed = new Promise((resolve) => {
      running.simulator.world.onChange(({ entry }) => entry.isScheduled && resolve(entry.description));
    });
    const far = Date.now() + 100 * 365 * 24 * HOUR;
    await patch(running, [alice(running, 'addExpiringTarget', { value: far })]);
    running.simulator.moveClock(far - 1);
    expect(await changed).toBe('Removed the expired target alice');
  });
});

describe('the date of a target', () => {
  async function startWithDate(): Promise<Running> {
    const running = await startAt();
    await patch(running, [alice(running, 'addExpiringTarget', { value: NOW + HOUR })]);
    return running;
  }
  const put = ({ call }: Running, setting: unknown): Promise<Reply> =>
    call('PUT', '/api/v2/users/storefront/production/alice/flags/theme', { body: { setting } });

  test('is gone if the target is removed, and does not come back with it', async () => {
    const running = await startWithDate();
    await put(running, null);
    expect(await dates(running)).toEqual([]);
    await put(running, 'dark');
    expect(await dates(running)).toEqual([]);
  });

  test('is gone if the target is moved to another variation', async () => {
    const running = await startWithDate();
    await put(running, 'contrast');
    expect(await dates(running)).toEqual([]);
    running.simulator.moveClock(NOW + 2 * HOUR);
    expect(running.simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(2);
  });

  test('stays if other targets, or the flag, change', async () => {
    const running = await startWithDate();
    await running.call('PATCH', FLAG, {
      contentType: SEMANTIC,
      body: {
        environmentKey: 'production',
        instructions: [
          { kind: 'removeTargets', variationId: id(running, 1), values: ['bob'] },
          { kind: 'turnFlagOff' },
        ],
      },
    });
    running.simulator.archiveFlag('storefront', 'theme');
    expect(await dates(running)).toEqual([['user', 'alice', NOW + HOUR]]);
  });

  test('is part of the state that another simulator can start from', async () => {
    const running = await startWithDate();
    const snapshot = JSON.parse(JSON.stringify(running.simulator.world.snapshot()));
    const other = await startAt({ seed: snapshot });
    expect(await dates(other)).toEqual([['user', 'alice', NOW + HOUR]]);
    other.simulator.moveClock(NOW + HOUR);
    expect(await dates(other)).toEqual([]);
  });

  test('is missing in a state file of an earlier version, which can still be used', async () => {
    const running = await startWithDate();
    const added = new Set(['expiring', 'approvals', 'bypassApprovals', 'denied']);
    const earlier = JSON.parse(JSON.stringify(running.simulator.world.snapshot()), (key, value: unknown) =>
      added.has(key) ? undefined : value,
    );
    const other = await startAt({ seed: earlier });
    expect(await dates(other)).toEqual([]);
    expect(await patch(other, [alice(other, 'addExpiringTarget', { value: NOW + HOUR })])).toMatchObject({
      body: { successfulInstructions: 1 },
    });
  });

  test('can come from the seed, and has passed if the seed is old', async () => {
    const expires = new Date(NOW + HOUR).toISOString();
    const dated = storefrontSeed({
      flags: {
        theme: {
          environments: {
            production: {
              targets: [{ variation: 1, values: ['alice'], expires }],
              contextTargets: [
                { contextKind: 'device', variation: 0, values: ['kiosk'], expires: '2020-01-01T00:00Z' },
              ],
            },
          },
        },
      },
    });
    const running = await startAt({ seed: dated });
    expect(await dates(running)).toEqual([['user', 'alice', NOW + HOUR]]);
    expect(running.simulator.targets('storefront', 'production', 'theme')).toHaveLength(1);
  });
});
