import { afterEach, describe, expect, test } from 'vitest';
import type { FlagReader } from '../../../src/launchdarkly/client.js';
import { connect } from '../../../src/launchdarkly/connect.js';
import { contextKey } from '../../../src/reconcile/state.js';
import type { Seed } from '../../../src/simulator/seed/seed.js';
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.js';
import { json, options, startServer } from '../server.js';

function seedOf(flags: number): Seed {
  return {
    tokens: [{ token: 'api-reader', role: 'reader' }],
    projects: {
      storefront: {
        contextKinds: ['organization'],
        environments: { production: {}, staging: {} },
        flags: Object.fromEntries(
          Array.from({ length: flags }, (_, index) => [
            `flag-${index}`,
            { environments: { production: { targets: [{ values: [`user-${index}`], variation: 1 }] } } },
          ]),
        ),
      },
    },
  };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(more: SimulatorOptions): Promise<{ simulator: Simulator; reader: FlagReader }> {
  const simulator = new Simulator(more);
  const { url } = await simulator.start();
  stops.push(() => simulator.stop());
  return { simulator, reader: connect(options(url, { token: 'api-reader' })) };
}

describe('reading a project', () => {
  test('reading a project takes one request for each hundred flags, for all environments together', async () => {
    const { simulator, reader } = await start({ seed: seedOf(250) });
    const pages = await reader.listFlags('storefront', ['production', 'staging'], 'live');
    expect(pages.flags).toHaveLength(100);
    expect(pages.total).toBe(250);
    const flags = [...pages.flags, ...(await pages.rest())];
    expect(simulator.requests).toHaveLength(3);
    expect(flags.map(({ key }) => key)).toEqual(Array.from({ length: 250 }, (_, index) => `flag-${index}`));
    expect(flags[249]?.environments.get('production')?.targets).toEqual(
      new Map([[contextKey('user', 'user-249'), 1]]),
    );
    expect(flags[249]?.environments.get('staging')?.targets.size).toBe(0);
    expect(simulator.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('a list ends after a page without a next link, without another request', async () => {
    const { simulator, reader } = await start({ seed: seedOf(100) });
    const pages = await reader.listFlags('storefront', ['production'], 'live');
    expect(await pages.rest()).toEqual([]);
    expect(simulator.requests).toHaveLength(1);
  });

  test('a list is requested again with the filter if `env` alone returns no environments', async () => {
    const { simulator, reader } = await start({ seed: seedOf(30), quirks: { listNeedsFilterEnv: true } });
    const { flags } = await reader.listFlags('storefront', ['production', 'staging'], 'live');
    expect(flags.every(({ environments }) => environments.size === 2)).toBe(true);
    expect(flags[7]?.environments.get('production')?.targets.get(contextKey('user', 'user-7'))).toBe(1);
    expect(simulator.requests.length).toBeLessThanOrEqual(3);
  });

  test('an unknown project gets a suggestion', async () => {
    const { reader } = await start({ seed: seedOf(1) });
    for (const read of [
      () => reader.listFlags('storefont', ['production'], 'live'),
      () => reader.getFlag('storefont', 'flag-0', ['production']),
      () => reader.listContextKinds('storefont'),
    ]) {
      await expect(read()).rejects.toMatchObject({
        code: 'unknown-project',
        hint: 'did you mean storefront?',
      });
    }
  });

  test('an unknown environment gets a suggestion', async () => {
    const { reader } = await start({ seed: seedOf(1) });
    for (const read of [
      () => reader.listFlags('storefront', ['prodution'], 'live'),
      () => reader.getFlag('storefront', 'flag-0', ['prodution']),
    ]) {
      await expect(read()).rejects.toMatchObject({
        code: 'unknown-environment',
        hint: 'did you mean production?',
      });
    }
  });

  test('a flag that does not exist is undefined', async () => {
    const { reader } = await start({ seed: seedOf(1) });
    expect(await reader.getFlag('storefront', 'flag-9', ['production'])).toBeUndefined();
  });

  test('an archived flag is found by key, and not listed', async () => {
    const { simulator, reader } = await start({ seed: seedOf(2) });
    simulator.archiveFlag('storefront', 'flag-1');
    expect((await reader.getFlag('storefront', 'flag-1', ['production']))?.state).toBe('archived');
    const listed = await reader.listFlags('storefront', ['production'], 'live');
    expect(listed.flags.map(({ key }) => key)).toEqual(['flag-0']);
  });

  test('the context kinds of a project are listed', async () => {
    const { reader } = await start({ seed: seedOf(0) });
    expect(await reader.listContextKinds('storefront')).toEqual(new Set(['user', 'organization']));
  });
});

/** A server that does what LaunchDarkly's documents allow and the simulator does not do. */
async function withResponses(
  respond: (url: URL) => { status?: number; body: unknown },
): Promise<{ reader: FlagReader; seen: readonly string[] }> {
  const server = await startServer((request, response) => {
    const { status = 200, body } = respond(new URL(request.url ?? '/', 'http://localhost'));
    json(response, status, body);
  });
  stops.push(server.stop);
  return { reader: connect(options(server.url)), seen: server.seen };
}

const flagNamed = (key: string, environments: object = { production: { on: true } }): object => ({
  key,
  variations: [{ value: true }],
  environments,
});

describe('an irregular list', () => {
  test('a flag that appears on two pages is listed once', async () => {
    const { reader } = await withResponses((url) => {
      const offset = Number(url.searchParams.get('offset'));
      const keys = offset === 0 ? ['a', 'b'] : ['b', 'c'];
      const links = offset === 0 ? { next: { href: '/x' } } : {};
      return { body: { items: keys.map((key) => flagNamed(key)), _links: links } };
    });
    const pages = await reader.listFlags('p', ['production'], 'live');
    expect(pages.total).toBeUndefined();
    expect((await pages.rest()).map(({ key }) => key)).toEqual(['c']);
  });

  test.each([1e9, 1e300, -5, 2.5, '250', null, undefined, 0, 100, 180])(
    'a list with a totalCount of %j is complete',
    async (totalCount) => {
      const { reader, seen } = await withResponses((url) => {
        const offset = Number(url.searchParams.get('offset'));
        const count = Math.max(0, Math.min(100, 250 - offset));
        const items = Array.from({ length: count }, (_, index) => flagNamed(`f-${offset + index}`));
        return { body: { items, totalCount, _links: offset < 200 ? { next: {} } : {} } };
      });
      const pages = await reader.listFlags('p', ['production'], 'live');
      expect([...pages.flags, ...(await pages.rest())].map(({ key }) => key)).toEqual(
        Array.from({ length: 250 }, (_, index) => `f-${index}`),
      );
      expect(seen.length).toBeLessThanOrEqual(3 + 4);
    },
  );

  test('a list ends if the server repeats the same page forever', async () => {
    const items = Array.from({ length: 100 }, (_, index) => flagNamed(`f-${index}`));
    const { reader, seen } = await withResponses(() => ({
      body: { items, totalCount: 1e9, _links: { next: {} } },
    }));
    const pages = await reader.listFlags('p', ['production'], 'live');
    expect(await pages.rest()).toEqual([]);
    expect(seen.length).toBeLessThanOrEqual(5);
  });

  test('a list is complete if the server ignores the page size', async () => {
    const { reader, seen } = await withResponses((url) => {
      const offset = Number(url.searchParams.get('offset'));
      const keys = Array.from({ length: 50 }, (_, index) => flagNamed(`f-${offset + index}`));
      return { body: { items: keys, totalCount: 150, _links: offset < 100 ? { next: {} } : {} } };
    });
    const pages = await reader.listFlags('p', ['production'], 'live');
    expect([...pages.flags, ...(await pages.rest())]).toHaveLength(150);
    expect(seen).toHaveLength(3);
  });

  test('a missing environment is requested with the filter, then by flag, and then is an error', async () => {
    const { reader, seen } = await withResponses((url) => {
      if (url.pathname.endsWith('/environments')) return { body: { items: [{ key: 'production' }] } };
      if (url.pathname === '/api/v2/flags/p/a') return { body: flagNamed('a', {}) };
      return { body: { items: [flagNamed('a', {})], _links: {} } };
    });
    await expect(reader.listFlags('p', ['production'], 'live')).rejects.toMatchObject({
      code: 'environment-missing',
    });
    expect(seen.map((line) => line.replace(/\?.*(filter=[^&]*).*/, ' $1').replace(/\?.*/, ''))).toEqual([
      'GET /api/v2/flags/p',
      'GET /api/v2/flags/p filter=filterEnv%3Aproduction',
      'GET /api/v2/projects/p/environments',
      'GET /api/v2/flags/p/a',
      'GET /api/v2/projects/p/environments',
    ]);
  });

  test('a missing environment is completed from single flags', async () => {
    const { reader } = await withResponses((url) => {
      if (url.pathname.endsWith('/environments')) return { body: { items: [{ key: 'production' }] } };
      if (url.pathname === '/api/v2/flags/p/a') return { body: flagNamed('a') };
      return { body: { items: [flagNamed('a', {}), flagNamed('b')], _links: {} } };
    });
    const { flags } = await reader.listFlags('p', ['production'], 'live');
    expect(flags.map(({ key, environments }) => [key, environments.has('production')])).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  test('archived and hidden context kinds are left out', async () => {
    const { reader } = await withResponses(() => ({
      body: {
        items: [{ key: 'user' }, { key: 'old', archived: true }, { key: 'hidden', hideInTargeting: true }],
      },
    }));
    expect(await reader.listContextKinds('p')).toEqual(new Set(['user']));
  });
});
