import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import type { SimulatorOptions } from '../../../src/simulator/simulator.js';
import { atEndOfFile, oncePerFile } from '../../support/end-of-file.js';
import { overrides, startWorld, type World } from '../../support/world.js';

/** Debian's package `chromium`, or whatever `CHROMIUM` names. */
const executablePath = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined)
  console.warn('skipped: the page needs Chromium; install the package chromium');

export const hasChromium = executablePath !== undefined;

const browser = oncePerFile(async (): Promise<Browser> => {
  const launched = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  atEndOfFile(() => launched.close());
  return launched;
});

export interface Looks {
  readonly query?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
  /** Whether there is a repository to run flagops in. */
  readonly git?: boolean;
}

export interface Visit {
  readonly world: World;
  readonly page: Page;
  /** Errors in the browser's console, and requests to other hosts. */
  readonly complaints: string[];
}

/** Opens the page of a new simulator, with declarations in which alice gets the dark theme. */
export async function visit(options: SimulatorOptions = {}, looks: Looks = {}): Promise<Visit> {
  const { query = '', width = 1280, colorScheme = 'light', javaScriptEnabled = true, git = false } = looks;
  const files = { 'overrides/storefront.yaml': overrides({ alice: { theme: 'dark' } }) };
  const world = await startWorld({ simulator: options, files, git });
  const wanted: BrowserContextOptions = { viewport: { width, height: 800 }, colorScheme, javaScriptEnabled };
  const page = await (await browser()).newPage({ ...wanted, reducedMotion: 'reduce' });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(world.url) && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  await page.goto(`${world.url}/${query}`);
  if (javaScriptEnabled) await page.locator('#live.on').waitFor();
  return { world, page, complaints };
}

/** The article of one flag. */
export function flagOn(page: Page, key: string): Locator {
  return page.locator('.flag', { has: page.getByRole('heading', { name: key, exact: true }) });
}
