import { describe, expect, test } from 'vitest';
import { simulators, type Running } from './support/running.js';

const start = simulators();

async function create({ call }: Running, body: unknown, query = ''): ReturnType<Running['call']> {
  return call('POST', `/api/v2/flags/storefront${query}`, { body });
}

describe('a new flag', () => {
  test('a new flag is boolean and off by default', async () => {
    const running = await start();
    expect(await create(running, { key: 'fresh', name: 'Fresh' })).toMatchObject({
      status: 201,
      body: {
        kind: 'boolean',
        _version: 1,
        environments: { production: { on: false }, staging: { on: false } },
      },
    });
    const variations = [{ value: 1 }, { value: 2, name: 'Two' }];
    const defaults = { onVariation: 1, offVariation: 0 };
    const body = { key: 'number', name: 'Number', variations, defaults, isFlagOn: true, tags: ['x'] };
    expect(await create(running, body)).toMatchObject({
      status: 201,
      body: {
        kind: 'multivariate',
        defaults,
        environments: { production: { on: true, fallthrough: { variation: 1 } } },
      },
    });
  });

  test('a new flag keeps its maintainer, its custom properties and where SDKs receive it', async () => {
    const running = await start();
    const customProperties = { 'jira.issues': { name: 'Jira issues', value: ['is-1', 'is-2'] } };
    const clientSideAvailability = { usingMobileKey: true, usingEnvironmentId: false };
    const kept = { customProperties, clientSideAvailability, maintainerTeamKey: 'team-checkout' };
    await create(running, { key: 'fresh', name: 'Fresh', ...kept });
    await create(running, { key: 'snippet', name: 'Snippet', includeInSnippet: true, maintainerId: 'abc' });
    const get = async (flag: string): Promise<unknown> =>
      (await running.call('GET', `/api/v2/flags/storefront/${flag}`)).body;
    expect(await get('fresh')).toMatchObject({ ...kept, includeInSnippet: false });
    expect(await get('snippet')).toMatchObject({
      includeInSnippet: true,
      clientSideAvailability: { usingEnvironmentId: true },
      maintainerId: 'abc',
    });
  });

  test('a new flag can be a copy of another, including its targets', async () => {
    const running = await start();
    const { simulator } = running;
    const alice = { kind: 'user', key: 'alice' };
    simulator.setTarget('storefront', 'production', 'theme', { ...alice, variation: 1 });
    await create(running, { key: 'copy', name: 'Copy' }, '?clone=theme');
    expect(simulator.targets('storefront', 'production', 'copy')).toEqual([
      { ...alice, variation: 1, value: 'dark' },
    ]);
    simulator.removeTarget('storefront', 'production', 'copy', alice);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(1);
  });

  test.each([
    [409, { key: 'theme', name: 'Theme' }],
    [400, { key: 'a/b', name: 'Odd' }],
    [400, { key: '..', name: 'Odd' }],
    [400, { key: 'x' }],
    [400, { key: 'x', name: 'X', variations: [{ value: 1 }] }],
    [400, { key: 'x', name: 'X', variations: [{}, {}] }],
    [400, { key: 'x', name: 'X', defaults: { onVariation: 0, offVariation: 2 } }],
    [400, { key: 'x', name: 'X', purpose: 'migration' }],
    [400, { key: 'x', name: 'X', clientSideAvailability: { usingMobileKey: true } }],
    [400, { key: 'x', name: 'X', includeInSnippet: 'yes' }],
    [400, { key: 'x', name: 'X', customProperties: { a: { name: 'A', value: 'b' } } }],
    [400, { key: 'x', name: 'X', maintainerId: 7 }],
    [400, { key: 'x', name: 'X', initialPrerequisites: [] }],
  ])('creating a flag is refused with %i for %j', async (status, body) => {
    const running = await start();
    expect((await create(running, body)).status).toBe(status);
  });
});
