import { describe, expect, test } from 'vitest';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { simulators } from './support/running.js';
import { changeSeed } from '../support/seeds.js';

const start = simulators();

describe('projects', () => {
  test('projects can be listed, read, filtered and expanded', async () => {
    const seed = changeSeed(defaultSeed, { projects: { other: { environments: { test: {} }, flags: {} } } });
    const { call } = await start({ seed });
    expect((await call('GET', '/api/v2/projects')).body).toMatchObject({
      items: [{ key: 'storefront' }, { key: 'other' }],
      totalCount: 2,
    });
    expect((await call('GET', '/api/v2/projects?filter=keys:other')).body).toMatchObject({ totalCount: 1 });
    const plain = (await call('GET', '/api/v2/projects/storefront')).body;
    expect(plain).toMatchObject({ key: 'storefront', name: 'Storefront' });
    expect(plain).not.toHaveProperty('environments');
    expect((await call('GET', '/api/v2/projects/storefront?expand=environments')).body).toMatchObject({
      environments: { items: [{ key: 'production' }, { key: 'staging' }] },
    });
    expect((await call('GET', '/api/v2/projects/nowhere')).status).toBe(404);
  });

  test('the environments of a project are listed in pages, with their SDK keys', async () => {
    const { call } = await start();
    expect((await call('GET', '/api/v2/projects/storefront/environments?limit=1')).body).toMatchObject({
      items: [{ key: 'production', apiKey: 'sdk-production', approvalSettings: { required: false } }],
      totalCount: 2,
      _links: { next: { href: '/api/v2/projects/storefront/environments?limit=1&offset=1' } },
    });
    const staging = '/api/v2/projects/storefront/environments/staging';
    expect((await call('GET', staging)).body).toMatchObject({ key: 'staging', name: 'Staging' });
    expect((await call('GET', `${staging}-2`)).status).toBe(404);
  });

  test('the context kinds of a project include user', async () => {
    const { call } = await start();
    expect((await call('GET', '/api/v2/projects/storefront/context-kinds')).body).toMatchObject({
      items: [{ key: 'user' }, { key: 'organization' }, { key: 'device' }],
    });
    expect((await call('GET', '/api/v2/projects/nowhere/context-kinds')).status).toBe(404);
  });
});
