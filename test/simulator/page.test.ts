import { describe, expect, test } from 'vitest';
import { call } from './support/call.js';
import { flagOn, hasChromium, visit } from './support/browser.js';
import { simulators } from './support/running.js';
import { overrides } from '../support/world.js';
import { storefrontSeed } from '../support/seeds.js';

const start = simulators();

describe('the page without a browser', () => {
  test('the page needs no token, loads nothing from other hosts and is for this machine only', async () => {
    const { url, simulator } = await start();
    const reply = await fetch(url);
    const text = await reply.text();
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toContain('api-writer');
    expect(text).not.toContain('sdk-production');
    expect(simulator.requests).toEqual([]);
    const { port } = new URL(url);
    expect((await call(url, 'GET', '/', { host: `evil.example:${port}` })).status).toBe(403);
    expect((await call(url, 'GET', '/page/events', { host: 'evil.example' })).status).toBe(403);
  });

  test('the page shows until when a context is targeted', async () => {
    const production = {
      targets: [
        { variation: 0, values: ['alice'], expires: '2100-12-31T00:00Z' },
        { variation: 0, values: ['bob'] },
      ],
    };
    const { url } = await start({
      seed: storefrontSeed({ flags: { theme: { environments: { production } } } }),
    });
    const text = await (await fetch(url)).text();
    expect(text.match(/until \d{4}-\d\d-\d\d/g)).toEqual(['until 2100-12-31']);
  });

  test('the page shows a limited number of contexts of a group, and how many more there are', async () => {
    const values = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
    const production = { targets: [{ variation: 0, values }] };
    const { url } = await start({
      seed: storefrontSeed({ flags: { theme: { environments: { production } } } }),
    });
    const text = await (await fetch(url)).text();
    expect(text).toContain('and 9,940 more');
    expect(text.length).toBeLessThan(100_000);
  });
});

describe('the stream of the page', () => {
  /** The ids of the first pieces that a page with this revision receives. */
  async function firstPieces(url: string, revision: string): Promise<string[]> {
    const stop = new AbortController();
    const { body } = await fetch(`${url}/page/events?revision=${encodeURIComponent(revision)}`, {
      signal: stop.signal,
    });
    let text = '';
    for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const pieces = /event: pieces\ndata: (.*)\n/.exec(text)?.[1];
      if (pieces === undefined) continue;
      stop.abort();
      return (JSON.parse(pieces) as [string, string][]).map(([id]) => id);
    }
    throw new Error('the stream ended');
  }

  test('a page receives everything only if something has changed since it was loaded', async () => {
    const { url, simulator } = await start();
    const page = await (await fetch(url)).text();
    const revision = /data-revision="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(await firstPieces(url, revision)).toEqual(['budgets', 'requests']);
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const all = ['budgets', 'requests', 'tabs', 'flags', 'summary', 'audit'];
    expect(await firstPieces(url, revision)).toEqual(all);
    expect(await firstPieces(url, 'of-another-start/0')).toEqual(all);
  });
});

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  test('the page shows what flagops applies without a reload', async () => {
    const { world, page, complaints } = await visit({}, { git: true });
    await page.evaluate(() => Object.assign(globalThis, { stillHere: true }));
    expect(await flagOn(page, 'theme').locator('.context').count()).toBe(0);
    await world.apply();
    await flagOn(page, 'theme').locator('.context.new', { hasText: 'alice' }).waitFor();
    await page.locator('#audit blockquote', { hasText: 'Start' }).waitFor();
    expect(await page.locator('#summary').innerText()).toContain('1 target');
    await page.locator('.budget', { hasText: 'PUT' }).waitFor();
    world.repo.commit('Remove all users', {
      'overrides/storefront.yaml': overrides({ bob: { theme: 'light' } }),
    });
    await world.apply('--force');
    await flagOn(page, 'theme').locator('.context', { hasText: 'bob' }).waitFor();
    await page.locator('#audit blockquote', { hasText: 'Remove all users' }).first().waitFor();
    expect(await flagOn(page, 'theme').locator('.context').allInnerTexts()).toEqual(['bob']);
    expect(await page.evaluate(() => Object.hasOwn(globalThis, 'stillHere'))).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the page escapes keys and comments', async () => {
    const { world, page, complaints } = await visit();
    const evil = '<img src=x onerror=alert(1)>"&amp;';
    world.simulator.setTarget(
      'storefront',
      'production',
      'theme',
      { kind: 'user', key: evil, variation: 1 },
      evil,
    );
    await flagOn(page, 'theme').locator('.context').waitFor();
    expect(await flagOn(page, 'theme').locator('.context').innerText()).toBe(evil);
    expect(await page.locator('#audit blockquote').innerText()).toBe(evil);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the page shows one environment, new flags, and the results of a search', async () => {
    const { world, page } = await visit({}, { query: '?environment=staging' });
    expect(await page.locator('#tabs [aria-current=page]').innerText()).toBe('Staging');
    const alice = { kind: 'user', key: 'alice', variation: 1 };
    world.simulator.setTarget('storefront', 'production', 'theme', alice);
    world.simulator.setTarget('storefront', 'staging', 'search-limit', alice);
    await flagOn(page, 'search-limit').locator('.context').waitFor();
    expect(await flagOn(page, 'theme').locator('.context').count()).toBe(0);
    const body = { key: 'fresh', name: 'Fresh' };
    await call(world.url, 'POST', '/api/v2/flags/storefront', { body });
    await flagOn(page, 'fresh').waitFor();
    await page.getByRole('searchbox').fill('alice');
    expect(await page.locator('.flag:visible h3').allInnerTexts()).toEqual(['search-limit']);
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByRole('status').getByText('No flag matches.').waitFor();
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'the page fits a phone and has enough contrast, in %s mode',
    async (colorScheme) => {
      const { world, page } = await visit({}, { width: 360, colorScheme });
      const long = 'a-very-long-key-'.repeat(12);
      world.simulator.setTarget('storefront', 'production', 'theme', {
        kind: 'device',
        key: long,
        variation: 2,
      });
      await flagOn(page, 'theme').locator('.context').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      const color = (property: string): Promise<string> =>
        page.evaluate(`getComputedStyle(document.body).getPropertyValue('${property}')`);
      const [ground, text] = [luminance(await color('background-color')), luminance(await color('color'))];
      expect((Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05)).toBeGreaterThan(7);
      expect(ground > text).toBe(colorScheme === 'light');
      await page.close();
    },
  );

  test('the page says when the simulator has stopped', async () => {
    const { world, page } = await visit();
    await world.simulator.stop();
    await page.locator('#live.off').waitFor();
    expect(await page.locator('#live').innerText()).toBe('not connected');
    await page.close();
  });
});

/** Relative luminance (WCAG 2) of `rgb(r, g, b)`. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
