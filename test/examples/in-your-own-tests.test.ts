import { basicLogger, init } from '@launchdarkly/node-server-sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Simulator } from '../../src/index.js';

const simulator = new Simulator({ port: 0 });
let url = '';

beforeAll(async () => {
  ({ url } = await simulator.start());
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.stop());

/** Replace it by the code that you test. */
async function themeOf(user: string): Promise<string> {
  const logger = basicLogger({ level: 'none' });
  const client = init('sdk-production', { baseUri: url, streamUri: url, eventsUri: url, logger });
  await client.waitForInitialization({ timeout: 10 });
  const theme = (await client.variation('theme', { kind: 'user', key: user }, 'none')) as string;
  client.close();
  return theme;
}

it('serves Alice the dark theme, and everyone else the light one', async () => {
  simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
  expect(await themeOf('alice')).toBe('dark');
  expect(await themeOf('bob')).toBe('light');
});

it('falls back if the flag does not exist', async () => {
  simulator.deleteFlag('storefront', 'theme');
  expect(await themeOf('alice')).toBe('none');
});
