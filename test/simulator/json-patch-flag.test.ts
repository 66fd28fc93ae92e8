import { describe, expect, test } from 'vitest';
import { storefrontSeed } from '../support/seeds.js';
import { simulators, type Running } from './support/running.js';
import type { Reply } from './support/call.js';
import { latch } from './support/latch.js';

const start = simulators();
const THEME = '/api/v2/flags/storefront/theme';
const PRODUCTION = '/environments/production';

const patch = ({ call }: Running, body: unknown, query = '', path = THEME): Promise<Reply> =>
  call('PATCH', `${path}${query}`, { body });

describe('a JSON patch of a flag', () => {
  test('a bare patch changes one environment, raises the versions and is in the audit log', async () => {
    const running = await start();
    const { simulator } = running;
    const before = simulator.flag('storefront', 'theme').version;
    const reply = await patch(running, [{ op: 'replace', path: `${PRODUCTION}/on`, value: false }]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        _version: before + 1,
        environments: { production: { on: false, version: 2 }, staging: { on: true, version: 1 } },
      },
    });
    expect(simulator.auditLog()).toMatchObject([
      { environment: 'production', flag: 'theme', actions: ['updateOn'], comment: undefined },
    ]);
  });

  test('a patch with a comment has it in the audit log', async () => {
    const running = await start();
    await patch(running, {
      comment: 'by Terraform',
      patch: [{ op: 'replace', path: '/description', value: 'Colours' }],
    });
    expect(running.simulator.flag('storefront', 'theme').description).toBe('Colours');
    expect(running.simulator.auditLog()).toMatchObject([
      { environment: undefined, comment: 'by Terraform', description: 'Changed description' },
    ]);
  });

  test('a patch changes the fields of the flag itself', async () => {
    const running = await start();
    const properties = { 'jira.issues': { name: 'Jira issues', value: ['is-1'] } };
    const reply = await patch(running, [
      { op: 'replace', path: '/name', value: 'Colours' },
      { op: 'replace', path: '/tags', value: ['b', 'a'] },
      { op: 'add', path: '/tags/0', value: 'c' },
      { op: 'replace', path: '/temporary', value: true },
      { op: 'replace', path: '/includeInSnippet', value: true },
      { op: 'replace', path: '/customProperties', value: properties },
      { op: 'replace', path: '/maintainerId', value: '569f183514f4432160000007' },
      { op: 'replace', path: '/defaults/offVariation', value: 2 },
      { op: 'replace', path: '/variations/0/name', value: 'Bright' },
      { op: 'add', path: '/variations/-', value: { value: 'sepia' } },
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        name: 'Colours',
        tags: ['c', 'b', 'a'],
        temporary: true,
        includeInSnippet: true,
        clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: true },
        customProperties: properties,
        maintainerId: '569f183514f4432160000007',
        defaults: { onVariation: 0, offVariation: 2 },
        variations: [{ name: 'Bright' }, {}, {}, { value: 'sepia' }],
      },
    });
    const back = await patch(running, [
      { op: 'remove', path: '/maintainerId' },
      { op: 'remove', path: '/variations/3' },
    ]);
    expect(back).toMatchObject({ status: 200, body: { variations: [{}, {}, {}] } });
    expect(back.body).not.toHaveProperty('maintainerId');
  });

  test('a patch archives and restores a flag', async () => {
    const running = await start();
    const archived = (value: boolean): Promise<Reply> =>
      patch(running, [{ op: 'replace', path: '/archived', value }]);
    expect((await archived(true)).body).toMatchObject({ archived: true });
    const off = [{ op: 'replace', path: `${PRODUCTION}/on`, value: false }];
    expect((await patch(running, off)).status).toBe(400);
    expect((await archived(false)).body).toMatchObject({ archived: false });
    const prerequisite = await patch(
      running,
      [{ op: 'replace', path: '/archived', value: true }],
      '',
      '/api/v2/flags/storefront/checkout-v2',
    );
    expect(prerequisite).toMatchObject({ status: 400 });
  });

  test('a patch adds, moves and removes individual targets of every kind', async () => {
    const running = await start();
    const shown = (): readonly string[] =>
      running.simulator
        .targets('storefront', 'production', 'theme')
        .map(({ kind, key, value }) => `${kind} ${key} ${JSON.stringify(value)}`);
    const acme = { contextKind: 'organization', variation: 2, values: ['acme'] };
    await patch(running, [
      { op: 'add', path: `${PRODUCTION}/targets/0`, value: { variation: 1, values: ['alice'] } },
      { op: 'add', path: `${PRODUCTION}/targets/0/values/-`, value: 'bob' },
      { op: 'add', path: `${PRODUCTION}/contextTargets/-`, value: acme },
    ]);
    expect(shown()).toEqual(['organization acme "contrast"', 'user alice "dark"', 'user bob "dark"']);
    await patch(running, [
      { op: 'test', path: `${PRODUCTION}/targets/0/values/0`, value: 'alice' },
      { op: 'remove', path: `${PRODUCTION}/targets/0/values/0` },
      { op: 'replace', path: `${PRODUCTION}/contextTargets`, value: [] },
    ]);
    expect(shown()).toEqual(['user bob "dark"']);
    expect(running.simulator.auditLog().map(({ actions }) => actions)).toEqual([
      ['updateTargets'],
      ['updateTargets'],
    ]);
  });

  test('a patch that changes nothing raises no version and logs nothing', async () => {
    const running = await start();
    const reply = await patch(running, [
      { op: 'replace', path: `${PRODUCTION}/on`, value: true },
      { op: 'replace', path: '/tags', value: [] },
      { op: 'test', path: '/version', value: 1 },
    ]);
    expect(reply).toMatchObject({ status: 200, body: { _version: 1 } });
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test('a patch with a failing test is refused as a whole with 409', async () => {
    const running = await start();
    const reply = await patch(running, [
      { op: 'replace', path: '/name', value: 'Colours' },
      { op: 'test', path: '/_version', value: 7 },
    ]);
    expect(reply).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(running.simulator.flag('storefront', 'theme').name).toBe('Theme');
  });

  test('a patch with dryRun answers with the result and changes nothing', async () => {
    const running = await start();
    const operations = [{ op: 'replace', path: '/name', value: 'Colours' }];
    expect((await patch(running, operations, '?dryRun=true')).body).toMatchObject({ name: 'Colours' });
    expect(running.simulator.flag('storefront', 'theme').name).toBe('Theme');
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['an unknown environment', [{ op: 'replace', path: '/environments/bad/on', value: false }]],
    ['a new environment', [{ op: 'add', path: '/environments/bad', value: { on: true } }]],
    ['the removal of an environment', [{ op: 'remove', path: PRODUCTION }]],
    ['a key', [{ op: 'replace', path: '/key', value: 'other' }]],
    ['an id', [{ op: 'replace', path: '/variations/0/_id', value: 'other' }]],
    ['a field that does not exist', [{ op: 'add', path: '/colour', value: 'red' }]],
    [
      'an environment field that cannot be changed',
      [{ op: 'replace', path: `${PRODUCTION}/salt`, value: 'x' }],
    ],
    ['a name that is empty', [{ op: 'replace', path: '/name', value: '' }]],
    ['tags that are not strings', [{ op: 'replace', path: '/tags', value: [1] }]],
    ['on as a string', [{ op: 'replace', path: `${PRODUCTION}/on`, value: 'true' }]],
    [
      'a fallthrough beyond the variations',
      [{ op: 'replace', path: `${PRODUCTION}/fallthrough`, value: { variation: 3 } }],
    ],
    ['an empty fallthrough', [{ op: 'replace', path: `${PRODUCTION}/fallthrough`, value: {} }]],
    [
      'an off variation beyond the variations',
      [{ op: 'replace', path: `${PRODUCTION}/offVariation`, value: 9 }],
    ],
    [
      'weights that are not all',
      [
        {
          op: 'replace',
          path: `${PRODUCTION}/fallthrough`,
          value: { rollout: { variations: [{ variation: 0, weight: 99_999 }] } },
        },
      ],
    ],
    [
      'a key in two variations',
      [
        {
          op: 'replace',
          path: `${PRODUCTION}/targets`,
          value: [
            { variation: 0, values: ['alice'] },
            { variation: 1, values: ['alice'] },
          ],
        },
      ],
    ],
    [
      'an empty key',
      [{ op: 'replace', path: `${PRODUCTION}/targets`, value: [{ variation: 0, values: [''] }] }],
    ],
    [
      'users in contextTargets',
      [
        {
          op: 'replace',
          path: `${PRODUCTION}/contextTargets`,
          value: [{ contextKind: 'user', variation: 0, values: ['a'] }],
        },
      ],
    ],
    [
      'a kind that the project lacks',
      [
        {
          op: 'replace',
          path: `${PRODUCTION}/contextTargets`,
          value: [{ contextKind: 'ship', variation: 0, values: ['a'] }],
        },
      ],
    ],
    [
      'a prerequisite that does not exist',
      [{ op: 'replace', path: `${PRODUCTION}/prerequisites`, value: [{ key: 'none', variation: 0 }] }],
    ],
    ['a rule without clauses', [{ op: 'add', path: `${PRODUCTION}/rules/-`, value: { variation: 0 } }]],
    ['a variation of another type', [{ op: 'add', path: '/variations/-', value: { value: 7 } }]],
    ['the removal of a variation before others', [{ op: 'remove', path: '/variations/0' }]],
    [
      'the removal of a variation that is served',
      [
        { op: 'replace', path: `${PRODUCTION}/offVariation`, value: 2 },
        { op: 'remove', path: '/variations/2' },
      ],
    ],
    ['an instruction', { instructions: [{ kind: 'turnFlagOff' }] }],
    ['a comment that is not a string', { comment: 7, patch: [] }],
    ['an object without a patch', {}],
  ])('a patch is refused with 400 for %s, and none of it is applied', async (_, body) => {
    const running = await start();
    const { simulator } = running;
    const before = JSON.stringify(simulator.world.snapshot());
    const first = { op: 'replace', path: '/description', value: 'changed' };
    const reply = await patch(running, Array.isArray(body) ? [first, ...body] : body);
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(JSON.stringify(simulator.world.snapshot())).toBe(before);
  });

  test('a patch needs the actions of what it changes, and an approval only for environments that require one', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const running = await start({
      seed: { ...seed, tokens: [{ token: 'api-writer', role: 'writer', denied: ['updateTags'] }] },
    });
    const on = (environment: string): object => ({
      op: 'replace',
      path: `/environments/${environment}/on`,
      value: false,
    });
    const name = { op: 'replace', path: '/name', value: 'Colours' };
    expect(await patch(running, [name, on('production')])).toMatchObject({
      status: 405,
      body: { code: 'method_not_allowed' },
    });
    expect((await patch(running, [name, on('staging')])).status).toBe(200);
    expect(await patch(running, [{ op: 'add', path: '/tags/-', value: 'x' }])).toMatchObject({
      status: 403,
      body: { code: 'forbidden', access: { action: 'updateTags' } },
    });
  });

  const off = (environment: string): object[] => [
    { op: 'replace', path: `/environments/${environment}/on`, value: false },
  ];

  test('one of two overlapping patches gets 409 if one of them changes the flag itself', async () => {
    const writes = latch();
    const running = await start({ writeDuration: writes.opened });
    const name = [{ op: 'replace', path: '/name', value: 'Colours' }];
    const pending = [patch(running, name), patch(running, off('staging'))];
    expect(await Promise.race(pending)).toMatchObject({
      status: 409,
      body: { code: 'optimistic_locking_error' },
    });
    writes.open();
    const statuses = (await Promise.all(pending)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test('overlapping patches of two environments both succeed', async () => {
    const writes = latch();
    let waiting = 0;
    const running = await start({
      writeDuration: () => {
        waiting += 1;
        if (waiting === 2) writes.open();
        return writes.opened();
      },
    });
    const replies = await Promise.all([patch(running, off('staging')), patch(running, off('production'))]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    const { configs } = running.simulator.flag('storefront', 'theme');
    expect([...configs.values()].map(({ on }) => on)).toEqual([false, false]);
  });

  test('a patch gets 400 if it would make a pending approval request fail', async () => {
    const running = await start();
    const { call, simulator } = running;
    const variationId = simulator.flag('storefront', 'theme').variations[1]?.id;
    const requests = '/api/v2/projects/storefront/flags/theme/environments/production/approval-requests';
    const instructions = [{ kind: 'addTargets', contextKind: 'user', variationId, values: ['alice'] }];
    expect((await call('POST', requests, { body: { description: 'Dark', instructions } })).status).toBe(201);
    const target = { variation: 2, values: ['alice'] };
    const body = [{ op: 'add', path: `${PRODUCTION}/targets/-`, value: target }];
    expect((await patch(running, body)).status).toBe(400);
    expect((await patch(running, body, '?ignoreConflicts=true')).status).toBe(200);
  });

  test('dates of targets that a patch removes are dropped', async () => {
    const seed = storefrontSeed({
      flags: {
        dated: {
          environments: {
            production: { targets: [{ variation: 0, values: ['a', 'b'], expires: '2100-01-01T00:00:00Z' }] },
          },
        },
      },
    });
    const running = await start({ seed });
    const flag = '/api/v2/flags/storefront/dated';
    await patch(running, [{ op: 'remove', path: `${PRODUCTION}/targets/0/values/0` }], '', flag);
    const { body } = await running.call('GET', `${flag}/expiring-targets/production`);
    expect(body).toMatchObject({ items: [{ contextKey: 'b' }] });
  });
});

describe('rules and fallthrough', () => {
  const clauses = [{ attribute: 'email', op: 'endsWith', values: ['@example.com'], negate: false }];
  const setting = async ({ call }: Running, user = 'alice'): Promise<unknown> =>
    (await call('GET', `/api/v2/users/storefront/production/${user}/flags/theme`)).body;

  test('rules are stored with ids and shown, and a value that they could change is marked', async () => {
    const running = await start();
    const before = await setting(running);
    expect(before).toHaveProperty('reason', { kind: 'FALLTHROUGH' });
    const rule = { variation: 1, clauses, description: 'Staff' };
    const { body } = await patch(running, [{ op: 'add', path: `${PRODUCTION}/rules/-`, value: rule }]);
    expect(body).toHaveProperty('environments.production.rules.0', {
      ...rule,
      _id: expect.any(String),
      clauses: [{ ...clauses[0], _id: expect.any(String) }],
      trackEvents: false,
    });
    expect(await setting(running)).toMatchObject({
      _value: 'light',
      reason: { kind: 'FALLTHROUGH', errorKind: 'RULES_NOT_SIMULATED' },
    });
    running.simulator.setTarget('storefront', 'production', 'theme', {
      kind: 'user',
      key: 'alice',
      variation: 2,
    });
    expect(await setting(running)).toHaveProperty('reason', { kind: 'TARGET_MATCH' });
    const page = await fetch(running.url);
    expect(await page.text()).toMatch(/1\s+rule, stored but not evaluated/);
    const again = await patch(running, [
      { op: 'replace', path: `${PRODUCTION}/rules/0/variation`, value: 0 },
    ]);
    expect(again).toMatchObject({ status: 200 });
    await patch(running, [{ op: 'remove', path: `${PRODUCTION}/rules/0` }]);
    expect(await setting(running, 'bob')).toHaveProperty('reason', { kind: 'FALLTHROUGH' });
  });

  test('a value is also marked if rules of a prerequisite could change it', async () => {
    const running = await start();
    const get = async (): Promise<unknown> =>
      (await running.call('GET', '/api/v2/users/storefront/production/alice/flags/one-click-checkout')).body;
    expect(await get()).toMatchObject({ reason: { kind: 'PREREQUISITE_FAILED' } });
    expect(await get()).not.toHaveProperty('reason.errorKind');
    const rules = [{ variation: 0, clauses }];
    const body = [{ op: 'replace', path: `${PRODUCTION}/rules`, value: rules }];
    await patch(running, body, '', '/api/v2/flags/storefront/checkout-v2');
    expect(await get()).toHaveProperty('reason.errorKind', 'RULES_NOT_SIMULATED');
    await patch(
      running,
      [{ op: 'add', path: `${PRODUCTION}/rules/0/disabled`, value: true }],
      '',
      '/api/v2/flags/storefront/checkout-v2',
    );
    expect(await get()).not.toHaveProperty('reason.errorKind');
  });

  test('a changed fallthrough is what everyone else is served', async () => {
    const running = await start();
    const path = `${PRODUCTION}/fallthrough`;
    await patch(running, [{ op: 'replace', path, value: { variation: 2 } }]);
    expect(await setting(running)).toMatchObject({ _value: 'contrast', reason: { kind: 'FALLTHROUGH' } });
  });

  test('a rollout serves each context one of its variations, always the same and about as often as its weight', async () => {
    const running = await start();
    const variations = [
      { variation: 0, weight: 25_000 },
      { variation: 1, weight: 75_000 },
    ];
    const { body } = await patch(running, [
      { op: 'replace', path: `${PRODUCTION}/fallthrough`, value: { rollout: { variations } } },
    ]);
    expect(body).toMatchObject({
      environments: {
        production: {
          fallthrough: { rollout: { variations } },
          _summary: { variations: { '0': { rollout: 25_000 }, '1': { rollout: 75_000 } } },
        },
      },
    });
    const served = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const first = await setting(running, `user-${index}`);
        expect(await setting(running, `user-${index}`)).toEqual(first);
        return JSON.stringify(first).includes('"_value":"dark"') ? 1 : 0;
      }),
    );
    const dark = served.reduce<number>((sum, one) => sum + one, 0);
    expect(dark).toBeGreaterThan(120);
    expect(dark).toBeLessThan(180);
    expect(await (await fetch(running.url)).text()).toMatch(/25%/);
  });
});

describe('the deletion of a flag', () => {
  test('a flag is deleted with an entry in the audit log, unless it is a prerequisite', async () => {
    const running = await start();
    const remove = (flag: string): Promise<Reply> =>
      running.call('DELETE', `/api/v2/flags/storefront/${flag}`);
    expect((await remove('theme')).status).toBe(204);
    expect((await remove('theme')).status).toBe(404);
    expect(running.simulator.auditLog()).toMatchObject([{ flag: 'theme', actions: ['deleteFlag'] }]);
    expect(await remove('checkout-v2')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});
