import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { call } from './support/call.js';
import { flagOn, hasChromium, visit } from './support/browser.js';

const AXE = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');

async function violations(page: Page): Promise<readonly string[]> {
  const found: AxeResults = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;

describe.skipIf(!hasChromium)('the accessibility of the page', () => {
  test('axe-core finds nothing in any state of the page, neither light and wide nor dark and narrow', async () => {
    const { world, page, complaints } = await visit();
    await page.evaluate(readFileSync(AXE, 'utf8'));
    const found: [state: string, violations: readonly string[]][] = [];
    const look = async (state: string): Promise<void> => {
      for (const { colorScheme, width } of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        const name = `${state}, ${colorScheme}, ${width} wide`;
        found.push([name, await violations(page)]);
        expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, width]);
      }
    };
    await look('at the start');
    const theme = '/api/v2/users/storefront/production/alice/flags/theme';
    await call(world.url, 'PUT', theme, { body: { setting: 'dark', comment: 'Start' } });
    world.touch('theme', 'acme', 'contrast', { kind: 'organization' });
    world.touch('gift-wrapping', 'bob', true);
    await flagOn(page, 'gift-wrapping').locator('.context').waitFor();
    await look('with targets');
    const search = page.getByRole('searchbox');
    await search.fill('ali dark');
    await look('with a search');
    await search.fill('no such thing');
    await look('with a search without a result');
    await search.fill('');
    await flagOn(page, 'theme').locator('.context').first().click();
    await look('with the dialog for a change');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add target to banner' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('eve');
    await page.locator('.choice').first().click();
    world.simulator.deleteFlag('storefront', 'banner');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('There is no flag').waitFor();
    await look('with an error in the dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Reset' }).click();
    await look('with the dialog for a reset');
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('status').getByText('Reset: ').waitFor();
    await page.locator('#requests summary').first().click();
    await look('with a message and an open request');
    await world.simulator.stop();
    await page.locator('#live.off').waitFor();
    await look('without a connection');
    expect(found.filter(([, all]) => all.length > 0)).toEqual([]);
    expect(complaints.filter((text) => !/404|ERR_/.test(text))).toEqual([]);
    await page.close();
  });
});
