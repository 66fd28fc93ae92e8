import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../../src/launchdarkly/connect.js';
import { readProject } from '../../../src/launchdarkly/read/read-project.js';
import { Simulator } from '../../../src/simulator/simulator.js';
import { json, skippingClock, options, startServer } from '../server.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const QUERY = {
  project: 'storefront',
  environments: ['production'],
  needed: new Set<string>(),
  all: true,
  contextKinds: false,
};

function flagsOf(count: number, offset: number, limit: number): object[] {
  return Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, index) => ({
    key: `flag-${offset + index}`,
    variations: [{ value: true }],
    environments: { production: { on: true } },
  }));
}

describe('reading a project', () => {
  test('pages are requested in parallel, up to the concurrency', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const server = await startServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams;
      const offset = Number(query.get('offset'));
      const isDeprecated = query.get('filter')?.includes('deprecated') === true;
      const count = isDeprecated ? 0 : 900;
      const respond = (): void =>
        json(
          response,
          200,
          {
            items: flagsOf(count, offset, 100),
            totalCount: count,
            _links: offset + 100 < count ? { next: { href: '/' } } : {},
          },
          { 'x-ratelimit-route-remaining': '1000000' },
        );
      if (offset === 0) {
        respond();
        return;
      }
      // The gate starts with two requests at a time and doubles. A reader that waited for one at a time would wait forever.
      waiting.push(respond);
      most = Math.max(most, waiting.length);
      if (waiting.length === (server.seen.length > 5 ? 4 : 2) || server.seen.length > 9)
        for (const go of waiting.splice(0)) go();
    });
    stops.push(server.stop);
    const reader = connect(options(server.url, { timeouts: { attempt: 20_000, run: 60_000 } }));
    const { flags, complete } = await readProject(reader, QUERY);
    expect([...flags.keys()]).toEqual(Array.from({ length: 900 }, (_, index) => `flag-${index}`));
    expect(complete).toBe(true);
    expect(most).toBe(4);
    // Nine pages, and one for the deprecated flags, of which there are none.
    expect(server.seen).toHaveLength(10);
  });

  test('pages stay within the rate limit, however many there are', async () => {
    const clock = skippingClock();
    const flags = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`flag-${index}`, {}]));
    const simulator = new Simulator({
      clock,
      limits: { reads: 5 },
      seed: {
        tokens: [{ token: 'api-reader', role: 'reader' }],
        projects: { storefront: { environments: { production: {} }, flags } },
      },
    });
    const { url } = await simulator.start();
    stops.push(() => simulator.stop());
    const reader = connect(options(url, { token: 'api-reader', clock }));
    const read = await readProject(reader, QUERY);
    expect(read.flags.size).toBe(1500);
    expect(simulator.requests.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
  });
});
