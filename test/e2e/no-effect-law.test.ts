import { basicLogger, init, type LDContext } from '@launchdarkly/node-server-sdk';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { addRules, FLAGS, project, seedOf, USERS } from '../support/random-flags.js';
import { startWorld } from '../support/world.js';

// The law of "no effect": without all the overrides that `list --no-effect` shows, LaunchDarkly's own SDK serves every
// context the same as before.

/** Users, organizations, and users in organizations. */
const CONTEXTS: readonly LDContext[] = [...USERS, 'nobody'].flatMap((user) => [
  { kind: 'user', key: user },
  { kind: 'organization', key: user },
  ...[...USERS, 'none'].map((organization) => ({
    kind: 'multi' as const,
    user: { key: user, country: 'nz' },
    organization: { key: organization },
  })),
]);

/** What the SDK serves to each context: the index of a variation, or null. */
async function serve(url: string, sdkKey: string): Promise<unknown[]> {
  const client = init(sdkKey, {
    baseUri: url,
    streamUri: url,
    eventsUri: url,
    stream: false,
    sendEvents: false,
    diagnosticOptOut: true,
    logger: basicLogger({ level: 'none' }),
  });
  try {
    await client.waitForInitialization({ timeout: 10 });
    const served: unknown[] = [];
    for (const flag of FLAGS) {
      for (const context of CONTEXTS) {
        const { variationIndex } = await client.variationDetail(flag, context, null);
        served.push([flag, context, variationIndex]);
      }
    }
    return served;
  } finally {
    client.close();
  }
}

interface Listed {
  readonly project: string;
  readonly flag: string;
  readonly kind: string;
  readonly key: string;
}

it('the SDK serves every context the same without the overrides that have no effect', async () => {
  let removed = 0;
  const several = fc.array(project, { minLength: 1, maxLength: 10, size: 'max' });
  await fc.assert(
    fc.asyncProperty(several, async (projects) => {
      const declare = (at: number): string => stringify({ project: `shop-${at}`, environment: 'production' });
      const world = await startWorld({
        simulator: { seed: seedOf(projects) },
        files: Object.fromEntries(projects.map((_, at) => [`overrides/${at}.yaml`, declare(at)])),
      });
      const serveAll = (): Promise<unknown[][]> =>
        Promise.all(projects.map((_, at) => serve(world.url, `sdk-${at}`)));
      try {
        await addRules(world.url, projects);
        const before = await serveAll();
        const run = await world.run(['list', '--no-effect', '--format', 'json', '--local-refs']);
        expect(run).toMatchObject({ code: 0 });
        const { overrides } = JSON.parse(run.stdout) as { overrides: Listed[] };
        removed += overrides.length;
        for (const { project: of, flag, ...context } of overrides) {
          world.simulator.removeTarget(of, 'production', flag, context);
        }
        expect(await serveAll()).toEqual(before);
      } finally {
        await world.simulator.stop();
      }
    }),
    { numRuns: 4 },
  );
  expect(removed).toBeGreaterThan(0);
});
