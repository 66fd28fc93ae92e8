import { describe, expect, test } from 'vitest';
import { latch } from './support/latch.js';
import type { Reply } from './support/call.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();
const ENVIRONMENTS = '/api/v2/projects/storefront/environments';
const QA = { key: 'qa', name: 'QA', color: '00ff00' };

const replace = (path: string, value: unknown): object => ({ op: 'replace', path, value });

describe('environments', () => {
  test('in a new environment every flag is off, and in a copy it is as in the original', async () => {
    const { call, simulator } = await start();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect((await call('POST', ENVIRONMENTS, { body: QA })).status).toBe(201);
    const copy = { ...QA, key: 'copy', name: 'Copy', source: { key: 'production' } };
    expect((await call('POST', ENVIRONMENTS, { body: copy })).status).toBe(201);
    const { body } = await call('GET', '/api/v2/flags/storefront/theme');
    expect(body).toMatchObject({
      environments: {
        qa: { on: false, targets: [], fallthrough: { variation: 0 } },
        copy: { on: true, targets: [{ values: ['alice'] }] },
      },
    });
    simulator.removeTarget('storefront', 'copy', 'theme', { kind: 'user', key: 'alice' });
    expect(simulator.targets('storefront', 'production', 'theme')).toHaveLength(1);
    const log = await call('GET', '/api/v2/auditlog?spec=proj/storefront:env/qa');
    expect(log.body).toMatchObject({
      items: [{ kind: 'environment', name: 'QA', accesses: [{ action: 'createEnvironment' }] }],
    });
  });

  test('a renamed environment has its new name in every flag, and flags keep their versions', async () => {
    const { call } = await start();
    const list = (): Promise<Reply> => call('GET', '/api/v2/flags/storefront?env=staging&limit=1');
    await list();
    const body = [replace('/name', 'Stage')];
    expect((await call('PATCH', `${ENVIRONMENTS}/staging`, { body })).status).toBe(200);
    expect((await list()).body).toMatchObject({
      items: [{ _version: 1, environments: { staging: { _environmentName: 'Stage' } } }],
    });
  });

  test('a deleted environment is in no flag, and empty if it is created again', async () => {
    const { call, simulator } = await start();
    simulator.setTarget('storefront', 'staging', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const flag = (): Promise<Reply> => call('GET', '/api/v2/flags/storefront/theme');
    await flag();
    expect((await call('DELETE', `${ENVIRONMENTS}/staging`)).status).toBe(204);
    expect((await flag()).body).not.toHaveProperty('environments.staging');
    await call('POST', ENVIRONMENTS, { body: { ...QA, key: 'staging' } });
    expect((await flag()).body).toHaveProperty('environments.staging.targets', []);
    expect((await call('DELETE', `${ENVIRONMENTS}/nowhere`)).status).toBe(404);
  });

  test('the last environment of a project stays', async () => {
    const { call } = await start();
    await call('DELETE', `${ENVIRONMENTS}/staging`);
    expect((await call('DELETE', `${ENVIRONMENTS}/production`)).status).toBe(403);
  });

  test('approvals that a patch requires are required', async () => {
    const { call } = await start();
    const body = [replace('/approvalSettings/required', true)];
    await call('PATCH', `${ENVIRONMENTS}/production`, { body });
    const off = [replace('/environments/production/on', false)];
    expect((await call('PATCH', '/api/v2/flags/storefront/theme', { body: off })).status).toBe(405);
  });

  test.each([
    [400, { name: 'QA', color: '00ff00' }],
    [400, { ...QA, key: 'a b' }],
    [400, { key: 'qa', color: '00ff00' }],
    [400, { key: 'qa', name: 'QA' }],
    [400, { ...QA, color: 'green' }],
    [400, { ...QA, defaultTtl: -1 }],
    [400, { ...QA, secureMode: 'yes' }],
    [400, { ...QA, source: { key: 'nowhere' } }],
    [400, { ...QA, source: { key: 'production', version: 1 } }],
    [409, { ...QA, key: 'staging' }],
  ])('creating an environment is refused with %i for %j', async (status, body) => {
    const { call, simulator } = await start();
    expect((await call('POST', ENVIRONMENTS, { body })).status).toBe(status);
    expect(simulator.auditLog()).toEqual([]);
  });

  test.each([
    [400, [replace('/key', 'other')]],
    [400, [replace('/apiKey', 'sdk-mine')]],
    [400, [replace('/critical', 'yes')]],
    [400, [replace('/approvalSettings/minNumApprovals', 2)]],
    [400, [replace('/nothing', 1)]],
    [400, { name: 'QA' }],
    [409, [{ op: 'test', path: '/name', value: 'Other' }]],
  ])('a patch of an environment is refused with %i for %j', async (status, body) => {
    const { call, simulator } = await start();
    expect((await call('PATCH', `${ENVIRONMENTS}/staging`, { body })).status).toBe(status);
    expect(simulator.auditLog()).toEqual([]);
  });

  test('a write to a flag fails if its environment or project is deleted before it ends', async () => {
    for (const path of [`${ENVIRONMENTS}/production`, '/api/v2/projects/storefront']) {
      const writes = latch();
      let first = true;
      const { call, simulator } = await start({
        writeDuration: () => {
          if (!first) return Promise.resolve();
          first = false;
          return writes.opened();
        },
      });
      const other = { key: 'other', name: 'Other' };
      const put = call('PUT', '/api/v2/users/storefront/production/alice/flags/theme', {
        body: { setting: 'dark' },
      });
      await expect.poll(() => simulator.requests.length).toBe(1);
      await expect.poll(() => first).toBe(false);
      await call('POST', '/api/v2/projects', { body: other });
      expect((await call('DELETE', path)).status).toBe(204);
      writes.open();
      expect((await put).status).toBe(404);
    }
  });
});

describe('projects', () => {
  const create = ({ call }: Running, body: unknown): Promise<Reply> =>
    call('POST', '/api/v2/projects', { body });

  test('a project is created, patched and deleted, and its changes are in the audit log', async () => {
    const running = await start();
    const { call } = running;
    await create(running, { key: 'shop', name: 'Shop', includeInSnippetByDefault: true });
    const flag = await call('POST', '/api/v2/flags/shop', { body: { key: 'new', name: 'New' } });
    expect(flag.body).toMatchObject({ includeInSnippet: true });
    await call('PATCH', '/api/v2/projects/shop', { body: [{ op: 'add', path: '/tags/-', value: 'ops' }] });
    expect((await call('GET', '/api/v2/projects/shop')).body).toMatchObject({ tags: ['ops'] });
    expect((await call('DELETE', '/api/v2/projects/shop')).status).toBe(204);
    expect((await call('GET', '/api/v2/flags/shop')).status).toBe(404);
    const log = await call('GET', '/api/v2/auditlog?spec=proj/shop');
    expect(log.body).toMatchObject({
      items: [
        { kind: 'project', titleVerb: 'deleted', name: 'Shop' },
        { titleVerb: 'updated', accesses: [{ action: 'updateTags', resource: 'proj/shop' }] },
        { titleVerb: 'created' },
      ],
    });
  });

  test('the last project stays', async () => {
    const { call } = await start();
    expect((await call('DELETE', '/api/v2/projects/storefront')).status).toBe(400);
  });

  test.each([
    [400, {}],
    [400, { key: '..', name: 'X' }],
    [400, { key: 'x', name: 'X', tags: 'a' }],
    [400, { key: 'x', name: 'X', namingConvention: { case: 'kebabCase' } }],
    [400, { key: 'x', name: 'X', environments: [QA, QA] }],
    [409, { key: 'storefront', name: 'X' }],
  ])('creating a project is refused with %i for %j', async (status, body) => {
    const running = await start();
    expect((await create(running, body)).status).toBe(status);
  });

  test.each([
    [400, [replace('/key', 'other')]],
    [400, [replace('/name', '')]],
    [400, [replace('/environments', [])]],
  ])('a patch of a project is refused with %i for %j', async (status, body) => {
    const { call } = await start();
    expect((await call('PATCH', '/api/v2/projects/storefront', { body })).status).toBe(status);
  });

  test('an open page gets the tabs of a new project, and its flags with rules that are not evaluated', async () => {
    const running = await start();
    const abort = new AbortController();
    const stream = await fetch(`${running.url}/page/events`, { signal: abort.signal });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (text: string): Promise<string> => {
      let seen = '';
      while (!seen.includes(text)) seen += (await reader?.read())?.value ?? '';
      return seen;
    };
    await until('Production');
    await create(running, { key: 'shop', name: 'Shop' });
    expect(await until('Shop · Test')).toContain('tabs');
    const clauses = [{ attribute: 'country', op: 'in', values: ['de'], negate: false }];
    await running.call('PATCH', '/api/v2/flags/storefront/theme', {
      body: [{ op: 'add', path: '/environments/production/rules/-', value: { variation: 0, clauses } }],
    });
    expect(await until('not evaluated')).toContain('flag-');
    abort.abort();
  });

  test('the page shows new environments, and changes of projects in the audit log', async () => {
    const running = await start();
    await create(running, { key: 'shop', name: 'Shop' });
    const page = await (await fetch(`${running.url}/?log=all`)).text();
    expect(page).toContain('Shop · Test');
    expect(page).toMatch(/<b>Shop<\/b>\s*<span class="quiet">project<\/span>/);
  });
});
