import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import { atEndOfFile } from '../support/end-of-file.js';
import { storefrontSeed } from '../support/seeds.js';
import { call } from './support/call.js';
import { flagOn, hasChromium, visit } from './support/browser.js';

const many = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);

/** The texts that the search highlights. */
function highlighted(page: Page): Promise<string[]> {
  return page.evaluate(`[...CSS.highlights.get('found')].map(String)`);
}

describe.skipIf(!hasChromium)('changes in Chromium', () => {
  test('a target is added, changed and removed by keyboard alone, and flagops plan shows the drift', async () => {
    const { world, page, complaints } = await visit({}, { git: true });
    world.applied({ alice: { theme: 'dark' } });
    const theme = flagOn(page, 'theme');
    await theme.locator('.context', { hasText: 'alice' }).waitFor();
    const focused = (): Promise<string> =>
      page.evaluate(
        `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`,
      );
    const said = (text: string): Promise<void> => page.getByRole('status').getByText(text).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('theme');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Add target to theme');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a target' });
    await dialog.waitFor();
    await page.keyboard.type('bob');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Bob asked for it');
    await page.keyboard.press('Enter');
    await said('Targeted bob to Dark');
    await theme.locator('.context', { hasText: 'bob' }).waitFor();
    expect(await focused()).toBe('Add target to theme');

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('alice');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Change a target' }).waitFor();
    expect(await page.getByRole('radio', { checked: true }).getAttribute('value')).toBe('1');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await said('Targeted alice to High contrast');
    await theme.locator('[data-variation="2"] .context', { hasText: 'alice' }).waitFor();
    expect(await focused()).toBe('alice');

    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('bob');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove target' }).press('Enter');
    await said('Removed the target bob');
    await theme.locator('.context', { hasText: 'bob' }).waitFor({ state: 'detached' });
    expect(await focused()).toBe('Add target to theme');

    const { changes } = await world.plan();
    expect(changes).toMatchObject([{ action: 'update', flag: 'theme', key: 'alice', mark: 'drift' }]);
    expect(await page.locator('#audit .author').allInnerTexts()).toEqual(Array(4).fill('A member'));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('Escape and Cancel close a dialog without a change, and the focus returns to what opened it', async () => {
    const { world, page } = await visit();
    const add = page.getByRole('button', { name: 'Add target to banner' });
    await add.press('Enter');
    await page.getByRole('textbox', { name: 'Key' }).fill('eve');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await add.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    await page.getByRole('button', { name: 'Reset' }).press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).press('Enter');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(world.simulator.auditLog()).toEqual([]);
    await page.close();
  });

  test('the page can be reset', async () => {
    const { world, page } = await visit();
    world.touch('theme', 'alice', 'dark');
    await flagOn(page, 'theme').locator('.context').waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await flagOn(page, 'theme').locator('.context').waitFor({ state: 'detached' });
    await page.locator('#audit').getByText('No changes yet.').waitFor();
    expect(world.live('theme', 'alice')).toBeUndefined();
    await page.close();
  });

  test('the dialog shows why a change was refused, and stays open', async () => {
    const { world, page } = await visit();
    await page.getByRole('button', { name: 'Add target to banner' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('eve');
    await page.locator('.choice').first().click();
    world.simulator.deleteFlag('storefront', 'banner');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('There is no flag with the key "banner"').waitFor();
    expect(await page.getByRole('textbox', { name: 'Key' }).inputValue()).toBe('eve');
    await page.close();
  });

  test('the page loads itself again if the simulator was restarted, so that it can make changes', async () => {
    const { world, page } = await visit();
    const { port } = new URL(world.url);
    await world.simulator.stop();
    await page.locator('#live.off').waitFor();
    const next = new Simulator({ port: Number(port) });
    await Promise.all([page.waitForEvent('load'), next.start()]);
    atEndOfFile(() => next.stop());
    await page.locator('#live.on').waitFor();
    await page.getByRole('button', { name: 'Add target to theme' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('eve');
    await page.locator('.choice').nth(1).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await flagOn(page, 'theme').locator('.context', { hasText: 'eve' }).waitFor();
    expect(next.variationOf('storefront', 'production', 'theme', 'user', 'eve')).toBe(1);
    await page.close();
  });
});

describe.skipIf(!hasChromium)('what the page shows in Chromium', () => {
  test('a search highlights what it finds, shows only contexts that match, and says how much it found', async () => {
    const { world, page } = await visit();
    for (const key of ['alice', 'bob', 'malice']) world.touch('theme', key, 'dark');
    world.touch('theme', 'carol', 'contrast');
    world.touch('banner', 'alice', { show: false });
    await flagOn(page, 'banner').locator('.context').waitFor();
    const search = page.getByRole('searchbox', { name: 'Find flags and contexts' });
    await search.fill('ALI');
    await page.getByRole('status').getByText('2 flags of 12').waitFor();
    expect(await flagOn(page, 'theme').locator('.context:visible').allInnerTexts()).toEqual([
      'alice',
      'malice',
    ]);
    expect(await flagOn(page, 'theme').locator('.groups > li:visible').count()).toBe(1);
    expect(await highlighted(page)).toEqual(['ali', 'ali', 'ali']);
    await search.fill('theme');
    expect(await flagOn(page, 'theme').locator('.context:visible').count()).toBe(4);
    await search.fill('theme carol');
    expect(await page.locator('.context:visible').allInnerTexts()).toEqual(['carol']);
    await page.getByRole('link', { name: 'Staging' }).first().click();
    expect(await search.inputValue()).toBe('theme carol');
    await search.press('Escape');
    expect(await page.locator('.flag:visible').count()).toBe(12);
    expect(await highlighted(page)).toEqual([]);
    await page.close();
  });

  test('a search also finds contexts that the page does not show because there are too many', async () => {
    const production = { targets: [{ variation: 1, values: many }] };
    const seed = storefrontSeed({ flags: { theme: { environments: { production } } } });
    const { page, complaints } = await visit({ seed });
    await page.getByRole('searchbox').fill('user-9876');
    await page.locator('.context:visible', { hasText: 'user-9876' }).waitFor();
    expect(await page.locator('.context:visible').count()).toBe(1);
    await page.getByRole('searchbox').fill('user-99');
    await page.getByText('and 51 more').waitFor();
    expect(await page.locator('.context:visible').count()).toBe(60);
    await page.getByRole('searchbox').fill('');
    await page.getByText('and 9,940 more').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('true is green and false is grey, and other variations have the colour of their name', async () => {
    const { page } = await visit();
    const colours = (key: string): Promise<string[]> =>
      flagOn(page, key)
        .locator('.variation')
        .evaluateAll((all) =>
          all.map((one) => one.ownerDocument.defaultView?.getComputedStyle(one).backgroundColor ?? ''),
        );
    await page.getByRole('button', { name: 'Add target to theme' }).click();
    const choices = await page
      .locator('.choice .variation')
      .evaluateAll((all) => all.map((one) => one.className));
    expect(new Set(choices).size).toBe(3);
    expect(await colours('checkout-v2')).toEqual(['rgb(227, 229, 234)']);
    expect(await colours('kill-switch-payments')).toEqual(['rgb(205, 238, 217)']);
    await page.close();
  });

  test('the audit log is that of the environment, and on request that of all', async () => {
    const { world, page } = await visit();
    world.touch('theme', 'alice', 'dark');
    world.touch('theme', 'bob', 'dark', { environment: 'staging' });
    world.simulator.archiveFlag('storefront', 'banner');
    const entries = page.locator('#audit li > p:last-of-type');
    await page.locator('#audit').getByText('Made archived').waitFor();
    expect(await entries.allInnerTexts()).toEqual(['Made archived', 'Targeted alice to Dark']);
    await page.getByRole('link', { name: 'Everywhere' }).click();
    expect(await entries.allInnerTexts()).toEqual([
      'Made archived',
      'Targeted bob to Dark',
      'Targeted alice to Dark',
    ]);
    world.touch('theme', 'carol', 'dark', { environment: 'staging' });
    await page.locator('#audit').getByText('Targeted carol to Dark').waitFor();
    await page.close();
  });

  test('the log of requests shows headers and bodies without credentials, and keeps open what is open', async () => {
    const { world, page } = await visit();
    const theme = '/api/v2/users/storefront/production/alice/flags/theme';
    await call(world.url, 'PUT', theme, { body: { setting: 'dark' } });
    const put = page.locator('#requests li', { hasText: 'PUT' });
    await put.locator('summary').click();
    expect(await put.locator('pre').innerText()).toMatch(/authorization: writer[^]*"setting": "dark"/);
    for (let sent = 0; sent < 3; sent += 1) await call(world.url, 'GET', theme);
    await page.locator('#requests li', { hasText: 'GET' }).nth(2).waitFor();
    expect(await put.locator('pre').isVisible()).toBe(true);
    expect(await page.content()).not.toContain('api-writer');
    await page.close();
  });

  test('the page can be read without JavaScript, and offers nothing that would not work', async () => {
    const { page } = await visit({}, { javaScriptEnabled: false });
    expect(await page.locator('.flag:visible').count()).toBe(12);
    expect(await page.locator('.notice').innerText()).toContain('Without JavaScript this page can be read');
    expect(await page.locator('input:visible, select:visible, button:visible:not(.context)').count()).toBe(0);
    await page.getByRole('link', { name: 'Staging' }).first().click();
    expect(await page.locator('#tabs [aria-current]').innerText()).toBe('Staging');
    await page.close();
  });
});
