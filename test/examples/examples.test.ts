import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startWorld, type World } from '../support/world.js';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const names = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'demo')
  .map((entry) => entry.name);

async function copied(name: string): Promise<World> {
  const world = await startWorld();
  cpSync(join(EXAMPLES, name), world.repo.path, { recursive: true });
  world.repo.commit('Copy the example');
  return world;
}

describe.each(names)('the example %s', (name) => {
  it('an example is valid, can be applied, and then shows no difference', async () => {
    const world = await copied(name);
    const validated = await world.flagops('validate');
    expect(validated.stdout).toMatch(/^valid: \d+ overrides in \d+ files?\n$/);

    const plan = await world.plan();
    expect(plan.run.code).toBe(0);
    expect(plan.guards).toEqual([]);
    expect(plan.counts.add).toBeGreaterThan(0);
    expect(plan.counts).toMatchObject({ update: 0, remove: 0 });

    const applied = await world.apply();
    expect(applied.stdout).toContain(`Applied ${plan.counts.add} of ${plan.counts.add} changes.`);
    expect(world.writes).toHaveLength(plan.counts.add);

    const after = await world.flagops('plan', '--detailed-exitcode');
    expect(after).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No difference: live matches the declarations.') as string,
    });
  });
});

describe('the storefront example', () => {
  it('the storefront example shows every way to declare an override', async () => {
    const world = await copied('storefront');
    await world.apply();
    expect(world.live('theme', 'alice@example.com')).toBe('dark');
    expect(world.live('theme', 'erin@example.com')).toBe('contrast');
    expect(world.live('payment-methods', 'bob@example.com')).toEqual(['card', 'transfer', 'invoice']);
    expect(world.live('checkout-v2', 'acme', { kind: 'organization' })).toBe(true);
    expect(world.live('banner', 'kiosk-2', { kind: 'device' })).toMatchObject({ show: true });
    expect(world.live('banner', 'qa-1', { environment: 'staging' })).toMatchObject({ text: 'Back soon' });
    expect(world.live('recommendation-model', 'qa-2', { environment: 'staging' })).toBe('personal');
  });

  it('the storefront example removes an override that was set by hand and is declared as null', async () => {
    const world = await copied('storefront');
    world.touch('checkout-v2', 'mallory@example.com', true);
    await world.apply();
    expect(world.live('checkout-v2', 'mallory@example.com')).toBeUndefined();
  });
});
