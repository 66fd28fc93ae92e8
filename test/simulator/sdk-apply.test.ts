import { basicLogger, init, type LDClient, type LDContext } from '@launchdarkly/node-server-sdk';
import { afterEach, expect, test } from 'vitest';
import { overrides, startWorld } from '../support/world.js';

const clients: LDClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function application(url: string, stream: boolean): Promise<LDClient> {
  const logger = basicLogger({ level: 'none' });
  const client = init('sdk-production', { baseUri: url, streamUri: url, eventsUri: url, stream, logger });
  clients.push(client);
  await client.waitForInitialization({ timeout: 10 });
  return client;
}

const alice: LDContext = { kind: 'user', key: 'alice' };
const acme: LDContext = { kind: 'organization', key: 'acme' };
const SETTINGS = {
  'checkout-v2': true,
  theme: 'contrast',
  'search-limit': 100,
  banner: { show: true, text: 'Back soon', until: { hour: 6, zone: 'UTC' } },
};

async function served(client: LDClient, context: LDContext): Promise<Record<string, unknown>> {
  const flags = Object.keys(SETTINGS);
  const values = await Promise.all(flags.map((flag) => client.variation(flag, context, null)));
  return Object.fromEntries(flags.map((flag, index) => [flag, values[index]]));
}

/** Resolves when the SDK has reported a change of every flag. */
async function allUpdated(client: LDClient): Promise<void> {
  await Promise.all(
    Object.keys(SETTINGS).map(
      (flag) => new Promise<void>((resolve) => void client.once(`update:${flag}`, () => resolve())),
    ),
  );
}

test('an application’s own SDK serves what flagops applied, streaming and polling', async () => {
  const world = await startWorld({
    files: {
      'overrides/storefront.yaml': overrides(
        { alice: SETTINGS },
        // A copy, because YAML would write an alias for the same object.
        { contexts: { organization: { acme: structuredClone(SETTINGS) } } },
      ),
    },
  });
  const streaming = await application(world.url, true);
  const before = await served(streaming, alice);
  expect(before).not.toEqual(SETTINGS);
  const heard = allUpdated(streaming);
  await world.apply();
  await heard;
  // The SDK polls at most every thirty seconds, but a new client polls at once.
  const polling = await application(world.url, false);
  for (const client of [streaming, polling]) {
    expect(await served(client, alice)).toEqual(SETTINGS);
    expect(await served(client, acme)).toEqual(SETTINGS);
    expect(await served(client, { kind: 'user', key: 'bob' })).toEqual(before);
  }
});
