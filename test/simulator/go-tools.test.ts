import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { isKnownOperation, KNOWN_OPERATIONS } from '../../src/simulator/api/known-operations.js';
import { routes } from '../../src/simulator/api/routes.js';
import { call, type Reply } from './support/call.js';
import { simulators, type Running } from './support/running.js';
import { vendorDocument, WITHOUT_VENDOR_DOCUMENT } from './support/vendor-document.js';

// The requests that LaunchDarkly's Go programs send, as their public sources build them. The programs themselves are not
// part of these tests.

const start = simulators();

const replace = (path: string, value: unknown): object => ({ op: 'replace', path, value });

describe('the requests of LaunchDarkly’s command-line client', () => {
  test('flags are created, toggled, archived, updated and deleted', async () => {
    const { call: ask, simulator } = await start();
    const flags = '/api/v2/flags/storefront';
    const created = await ask('POST', flags, { body: { key: 'fresh', name: 'Fresh' } });
    expect(created.status).toBe(201);
    const flag = `${flags}/fresh`;
    const on = await ask('PATCH', flag, { body: [replace('/environments/staging/on', true)] });
    expect(on.body).toMatchObject({ environments: { staging: { on: true }, production: { on: false } } });
    const off = await ask('PATCH', flag, { body: [replace('/environments/staging/on', false)] });
    expect(off.body).toMatchObject({ environments: { staging: { on: false } } });
    const updated = await ask('PATCH', flag, {
      body: { comment: 'by hand', patch: [replace('/name', 'Fresher')] },
    });
    expect(updated.body).toMatchObject({ name: 'Fresher' });
    expect((await ask('PATCH', flag, { body: [replace('/archived', true)] })).body).toMatchObject({
      archived: true,
    });
    expect((await ask('DELETE', flag)).status).toBe(204);
    expect(simulator.auditLog().map(({ titleVerb }) => titleVerb)).toEqual([
      'created',
      'updated',
      'updated',
      'updated',
      'updated',
      'deleted',
    ]);
  });

  test('projects, environments and members are managed', async () => {
    const { call: ask } = await start();
    const project = await ask('POST', '/api/v2/projects', { body: { key: 'shop', name: 'Shop' } });
    expect(project).toMatchObject({
      status: 201,
      body: { environments: [{ key: 'test' }, { key: 'production' }] },
    });
    const environments = '/api/v2/projects/shop/environments';
    const body = { key: 'qa', name: 'QA', color: 'ff0000' };
    expect((await ask('POST', environments, { body })).status).toBe(201);
    expect((await ask('GET', environments)).body).toMatchObject({ totalCount: 3 });
    expect((await ask('DELETE', `${environments}/qa`)).status).toBe(204);
    expect((await ask('GET', '/api/v2/members/me')).body).toMatchObject({ email: 'member@example.com' });
    expect((await ask('DELETE', '/api/v2/projects/shop')).status).toBe(204);
  });
});

describe('the requests of the Terraform provider', () => {
  test('a project with environments is created, read, updated and destroyed', async () => {
    const { call: ask } = await start();
    const path = '/api/v2/projects/tf';
    const environment = { key: 'dev', name: 'Dev', color: '7B42BC', defaultTtl: 5, secureMode: true };
    expect((await ask('GET', path)).status).toBe(404);
    const created = await ask('POST', '/api/v2/projects', {
      body: { key: 'tf', name: 'From Terraform', environments: [environment] },
    });
    expect(created.status).toBe(201);
    const both = { usingEnvironmentId: false, usingMobileKey: true };
    const patched = await ask('PATCH', path, {
      body: [
        replace('/name', 'Terraform'),
        replace('/tags', ['terraform']),
        replace('/defaultClientSideAvailability', both),
      ],
    });
    expect(patched.body).toMatchObject({
      name: 'Terraform',
      tags: ['terraform'],
      defaultClientSideAvailability: both,
      environments: [{ ...environment, defaultTtl: 5 }],
    });
    const inProject = await ask('PATCH', `${path}/environments/dev`, {
      body: [
        replace('/name', 'Development'),
        replace('/color', '123abc'),
        replace('/defaultTtl', 10),
        replace('/secureMode', false),
        replace('/defaultTrackEvents', true),
        replace('/requireComments', true),
        replace('/confirmChanges', true),
        replace('/tags', ['a']),
        replace('/critical', true),
        replace('/approvalSettings/required', true),
      ],
    });
    expect(inProject).toMatchObject({
      status: 200,
      body: {
        name: 'Development',
        color: '123abc',
        defaultTtl: 10,
        secureMode: false,
        defaultTrackEvents: true,
        requireComments: true,
        confirmChanges: true,
        tags: ['a'],
        critical: true,
        approvalSettings: { required: true },
      },
    });
    expect((await ask('GET', `${path}?expand=environments`)).body).toMatchObject({
      environments: { items: [{ key: 'dev' }] },
    });
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });

  test('a flag is created with every field, updated and destroyed', async () => {
    const { call: ask } = await start();
    const customProperties = { team: { name: 'Team', value: ['checkout'] } };
    const clientSideAvailability = { usingMobileKey: true, usingEnvironmentId: true };
    const body = {
      key: 'tf',
      name: 'TF',
      description: 'From Terraform',
      variations: [{ value: 'a', name: 'A', description: 'first' }, { value: 'b' }],
      temporary: false,
      tags: ['terraform'],
      clientSideAvailability,
      customProperties,
      maintainerId: '569f183514f4432160000007',
      defaults: { onVariation: 1, offVariation: 0 },
    };
    expect((await ask('GET', '/api/v2/projects/storefront')).status).toBe(200);
    const created = await ask('POST', '/api/v2/flags/storefront', { body });
    expect(created).toMatchObject({ status: 201, body: { ...body, includeInSnippet: true } });
    const flag = '/api/v2/flags/storefront/tf';
    const updated = await ask('PATCH', flag, {
      body: {
        comment: 'Terraform',
        patch: [
          replace('/name', 'Terraformed'),
          replace('/description', ''),
          replace('/tags', []),
          replace('/includeInSnippet', false),
          replace('/temporary', true),
          replace('/customProperties', {}),
          replace('/archived', false),
          replace('/variations/0/name', 'Alpha'),
        ],
      },
    });
    expect(updated.body).toMatchObject({
      name: 'Terraformed',
      description: '',
      tags: [],
      clientSideAvailability: { usingMobileKey: true, usingEnvironmentId: false },
      temporary: true,
      customProperties: {},
      variations: [{ name: 'Alpha' }, {}],
    });
    expect((await ask('GET', flag)).body).toEqual(updated.body);
    expect((await ask('DELETE', flag)).status).toBe(204);
    expect((await ask('GET', flag)).status).toBe(404);
  });

  test('a flag’s configuration in one environment is created, changed, and reset when it is destroyed', async () => {
    const { call: ask, simulator } = await start();
    const flag = '/api/v2/flags/storefront/theme';
    const at = (field: string): string => `/environments/production/${field}`;
    const send = (...patch: object[]): Promise<Reply> =>
      ask('PATCH', flag, { body: { comment: 'Terraform', patch } });
    expect((await ask('GET', '/api/v2/projects/storefront/environments/production')).status).toBe(200);
    const created = await send(
      replace(at('on'), true),
      replace(at('offVariation'), 2),
      replace(at('trackEvents'), true),
      replace(at('rules'), [
        {
          variation: 1,
          clauses: [
            { attribute: 'country', op: 'in', values: ['de', 'fr'], negate: false, contextKind: 'user' },
          ],
        },
      ]),
      replace(at('prerequisites'), [{ key: 'checkout-v2', variation: 0 }]),
      replace(at('targets'), [{ values: ['alice', 'bob'], variation: 1 }]),
      replace(at('contextTargets'), [{ values: ['acme'], variation: 2, contextKind: 'organization' }]),
      replace(at('fallthrough'), {
        rollout: {
          variations: [
            { variation: 0, weight: 60_000 },
            { variation: 1, weight: 40_000 },
          ],
          bucketBy: 'country',
          contextKind: 'user',
        },
      }),
    );
    expect(created).toMatchObject({
      status: 200,
      body: {
        environments: {
          production: {
            on: true,
            offVariation: 2,
            trackEvents: true,
            rules: [{ variation: 1, clauses: [{ attribute: 'country' }] }],
            prerequisites: [{ key: 'checkout-v2', variation: 0 }],
            targets: [{ values: ['alice', 'bob'], variation: 1 }],
            fallthrough: { rollout: { bucketBy: 'country' } },
          },
        },
      },
    });
    // The next apply has lost its `targets` blocks, so the provider replaces the list with an empty one.
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'carol', variation: 0 });
    await send(replace(at('targets'), []));
    expect(simulator.targets('storefront', 'production', 'theme').map(({ key }) => key)).toEqual(['acme']);
    const reset = await send(
      replace(at('on'), false),
      replace(at('rules'), []),
      replace(at('trackEvents'), false),
      replace(at('prerequisites'), []),
      replace(at('offVariation'), 2),
      replace(at('targets'), []),
      replace(at('contextTargets'), []),
      replace(at('fallthrough'), { variation: 0 }),
    );
    expect(reset).toMatchObject({
      status: 200,
      body: {
        environments: {
          production: { on: false, rules: [], fallthrough: { variation: 0 }, targets: [] },
        },
      },
    });
    expect(simulator.auditLog().filter(({ comment }) => comment === 'Terraform')).toHaveLength(3);
  });

  test('null clears a field, as Go programs send empty lists and absent texts', async () => {
    const { call: ask } = await start();
    const flag = '/api/v2/flags/storefront/theme';
    const patch = [
      replace('/tags', null),
      replace('/customProperties', null),
      replace('/description', null),
      replace('/maintainerId', null),
      replace('/variations/0/name', null),
      replace('/variations/0/description', null),
      replace('/environments/production/rules', null),
      replace('/environments/production/prerequisites', null),
      replace('/environments/production/targets', null),
      replace('/environments/production/contextTargets', null),
    ];
    const { status, body } = await ask('PATCH', flag, { body: { comment: 'Terraform', patch } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ tags: [], customProperties: {}, description: '' });
    expect(body).not.toHaveProperty('variations.0.name');
    expect(body).toHaveProperty('variations.1.name', 'Dark');
  });

  test('variations are changed in place, removed from the end and added', async () => {
    const { call: ask } = await start();
    const flag = '/api/v2/flags/storefront/search-limit';
    const patch = [
      { op: 'remove', path: '/variations/2' },
      replace('/variations/0/value', 5),
      replace('/variations/0/description', 'for phones'),
      replace('/variations/1/value', 50),
      replace('/defaults', { onVariation: 0, offVariation: 1 }),
    ];
    const { body } = await ask('PATCH', flag, { body: { comment: 'Terraform', patch } });
    expect(body).toMatchObject({
      variations: [{ value: 5, name: 'Few', description: 'for phones' }, { value: 50 }],
      defaults: { onVariation: 0, offVariation: 1 },
    });
    expect(body).not.toHaveProperty('variations.2');
    const more = [{ op: 'add', path: '/variations/2', value: { value: 500, name: 'Most' } }];
    expect((await ask('PATCH', flag, { body: more })).body).toMatchObject({
      variations: [{}, {}, { value: 500, name: 'Most' }],
    });
  });

  test('an update that sends every field with its old value changes nothing', async () => {
    const { call: ask, simulator } = await start();
    const flag = '/api/v2/flags/storefront/theme';
    const rule = {
      variation: 1,
      clauses: [{ attribute: 'country', op: 'in', values: ['de'], negate: false }],
    };
    const patch = [
      replace('/environments/production/on', true),
      replace('/environments/production/rules', [rule]),
      replace('/environments/production/targets', [{ values: ['alice'], variation: 1 }]),
      replace('/environments/production/contextTargets', [
        { values: ['acme'], variation: 2, contextKind: 'organization' },
      ]),
      replace('/environments/production/fallthrough', { variation: 0, rollout: null }),
      replace('/tags', []),
      replace('/archived', false),
    ];
    await ask('PATCH', flag, { body: { comment: 'Terraform', patch } });
    const first = await ask('GET', flag);
    expect(simulator.auditLog()).toHaveLength(1);
    expect((await ask('PATCH', flag, { body: { comment: 'Terraform', patch } })).body).toEqual(first.body);
    expect(simulator.auditLog()).toHaveLength(1);
  });

  test('the approval settings of an environment are set and removed', async () => {
    const { call: ask } = await start();
    const path = '/api/v2/projects/storefront/environments/production';
    const setting = (name: string, value: unknown): object => replace(`/approvalSettings/${name}`, value);
    const set = [
      setting('required', true),
      setting('canReviewOwnRequest', false),
      setting('minNumApprovals', 1),
      setting('canApplyDeclinedChanges', true),
      setting('requiredApprovalTags', null),
      setting('serviceKind', 'launchdarkly'),
      setting('serviceConfig', {}),
      setting('autoApplyApprovedChanges', false),
    ];
    expect(await ask('PATCH', path, { body: set })).toMatchObject({
      status: 200,
      body: { approvalSettings: { required: true, requiredApprovalTags: [] } },
    });
    const removed = [
      { op: 'remove', path: '/approvalSettings/required' },
      { op: 'remove', path: '/approvalSettings/requiredApprovalTags' },
    ];
    expect(await ask('PATCH', path, { body: removed })).toMatchObject({
      status: 200,
      body: { approvalSettings: { required: false } },
    });
    expect((await ask('PATCH', path, { body: [setting('minNumApprovals', 2)] })).status).toBe(400);
    expect((await ask('PATCH', path, { body: [setting('requiredApprovalTags', ['x'])] })).status).toBe(400);
  });

  test('a patch of an environment that does not exist gets 400', async () => {
    const { call: ask } = await start();
    const body = [replace('/environments/bad-env/on', false)];
    expect((await ask('PATCH', '/api/v2/flags/storefront/theme', { body })).status).toBe(400);
  });
});

describe('operations that are not simulated', () => {
  const ask = async (method: string, path: string): Promise<Reply> => {
    const { url } = await start();
    return call(url, method, path);
  };

  test.each([
    ['GET', '/api/v2/segments/storefront/production'],
    ['GET', '/api/v2/teams'],
    ['POST', '/api/v2/webhooks'],
    ['PATCH', '/api/v2/members/569f183514f4432160000007'],
    ['GET', '/api/v2'],
  ])('%s %s gets 501', async (method, path) => {
    expect(await ask(method, path)).toMatchObject({
      status: 501,
      body: { code: 'not_implemented', message: expect.stringMatching(/^not simulated: /) },
    });
  });

  test.each([
    ['GET', '/api/v2/unheard-of'],
    ['DELETE', '/api/v2/teams'],
    ['GET', '/api/v2/segments//production'],
    ['GET', '/api/v3/teams'],
    ['GET', '/teams'],
  ])('%s %s gets 404', async (method, path) => {
    expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('the table of operations has exactly those of LaunchDarkly’s own client', () => {
    const file = createRequire(import.meta.url).resolve('launchdarkly-api-typescript');
    const source = readFileSync(file.replace('index.js', 'api.js'), 'utf8');
    const found = [
      ...source.matchAll(/localVarPath = `([^`]+)`[^]*?Object\.assign\(\{ method: '(\w+)' \}/g),
    ].map(([, path = '', method = '']) => ({ method, path }));
    expect(found.length).toBeGreaterThan(300);
    const names = (all: readonly { readonly method: string; readonly path: string }[]): readonly string[] =>
      [...new Set(all.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`))].toSorted();
    expect(names(KNOWN_OPERATIONS)).toEqual(names(found));
  });

  test('the table has every simulated operation', () => {
    expect(routes.filter(({ method, path }) => !isKnownOperation(method, path))).toEqual([]);
  });

  test('the table has every operation of LaunchDarkly’s document', ({ skip }) => {
    const document = vendorDocument();
    if (!document) return skip(WITHOUT_VENDOR_DOCUMENT);
    const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.keys(verbs)
        .filter((verb) => verb !== 'parameters')
        .map((verb) => ({ method: verb.toUpperCase(), path })),
    );
    expect(operations.length).toBeGreaterThan(30);
    expect(operations.filter(({ method, path }) => !isKnownOperation(method, path))).toEqual([]);
  });
});

describe('writes with a token that may only read', () => {
  const requests: readonly [string, string, string | undefined][] = [
    ['POST', '/api/v2/flags/storefront', 'createFlag'],
    ['PATCH', '/api/v2/flags/storefront/theme', undefined],
    ['DELETE', '/api/v2/flags/storefront/theme', 'deleteFlag'],
    ['POST', '/api/v2/projects', 'createProject'],
    ['DELETE', '/api/v2/projects/storefront', 'deleteProject'],
  ];

  test.each(requests)('%s %s gets the error of LaunchDarkly', async (method, path, action) => {
    const running: Running = await start();
    const body = method === 'DELETE' ? undefined : {};
    const reply = await running.call(method, path, { token: 'api-reader', body });
    expect(reply).toMatchObject({
      status: 403,
      body: {
        code: 'forbidden',
        message: 'Access to the requested resource was denied',
        reason: { effect: 'deny' },
        ...(action === undefined ? {} : { access: { action } }),
      },
    });
    expect(running.simulator.auditLog()).toEqual([]);
  });
});
