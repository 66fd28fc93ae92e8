import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { call } from './support/call.js';
import { flagOn, hasChromium, visit } from './support/browser.js';

/** The script of axe-core, or whatever `AXE_CORE` names. */
const axe = [
  process.env['AXE_CORE'],
  join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'),
].find((path) => path !== undefined && existsSync(path));
if (axe === undefined)
  console.warn(
    'skipped: the accessibility of the page needs axe-core; install that package, or set AXE_CORE to its axe.min.js',
  );

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axe ?? '', 'utf8'));
  const found: { violations: readonly Violation[] } = await page.evaluate('axe.run()');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

describe.skipIf(!hasChromium || axe === undefined)('the accessibility of the page', () => {
  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'axe-core finds nothing in any state of the page, in %s mode, %i wide',
    async (colorScheme, width) => {
      const { world, page, complaints } = await visit({}, { width, colorScheme });
      const found: [state: string, violations: readonly string[]][] = [];
      const look = async (state: string): Promise<void> => {
        found.push([state, await violations(page)]);
        expect([state, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([state, width]);
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
    },
  );
});
