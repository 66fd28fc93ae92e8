import { expect, it } from 'vitest';
import { config, overrides, type Settings, startWorld, type World } from '../support/world.js';

// A pull request must not be able to loosen the guards that judge it.

const FILE = 'overrides/a.yaml';
const CONFIG = 'flagops.yaml';

/** `theme` is dark for users `u0`, `u1` ... */
function dark(count: number): Settings {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`u${index}`, { theme: 'dark' }]));
}

const TWENTY = dark(20);
const TEN = dark(10);
const STRICT = { limits: { removals: '10%' }, protect: { flags: ['theme'], contexts: ['user:u1?'] } };
const LOOSE = { limits: { updates: '100%', removals: '100%', floor: 1000 } };

/** A world in which the first commit was applied: 20 overrides under this configuration. */
async function appliedWorld(configuration: string | undefined): Promise<World> {
  const files = { [FILE]: overrides(TWENTY) };
  const world = await startWorld({
    files: configuration === undefined ? files : { ...files, [CONFIG]: configuration },
  });
  world.applied(TWENTY);
  return world;
}

const codes = (guards: readonly { readonly code: string; readonly lifted: boolean }[]): string[] =>
  guards.map(({ code, lifted }) => (lifted ? `${code} lifted` : code));

it.concurrent('a change that loosens limits and removes much is refused by the applied limits', async () => {
  const world = await appliedWorld(config({}, { limits: { removals: '10%' } }));
  const id = world.repo.head.slice(0, 12);
  world.repo.commit('Ten are done', { [FILE]: overrides(TEN), [CONFIG]: config({}, LOOSE) });

  const plan = await world.flagops('plan');
  expect(plan.code).toBe(4);
  expect(plan.stdout).toContain(
    `refused: storefront/production: 10 of 20 live overrides would be removed (50%, limit 10%) according to the last applied configuration (${id}) (lifted by --force, or applying the change of limits.removals on its own first, or --allow-loosened)`,
  );
  expect(plan.stdout.split('\n').slice(0, 3)).toEqual([
    `warning: loosened: storefront/production limits.updates, from 30% to 100% (last applied ${id}); counts only after this is applied`,
    `warning: loosened: storefront/production limits.removals, from 10% to 100% (last applied ${id}); counts only after this is applied`,
    `warning: loosened: storefront/production limits.floor, from 10 to 1000 (last applied ${id}); counts only after this is applied`,
  ]);
  const refused = await world.flagops('apply', '--yes');
  expect(refused.code).toBe(4);
  expect(world.writes).toEqual([]);

  await world.apply('--allow-loosened');
  expect(world.writes).toHaveLength(10);
});

it.concurrent('a loosening that is applied on its own helps afterwards', async () => {
  const world = await appliedWorld(config({}, { limits: { removals: '10%' } }));
  world.repo.commit('Loosen', { [CONFIG]: config({}, LOOSE) });
  await world.apply();
  expect(world.ref()).toBe(world.repo.head);
  world.repo.commit('Ten are done', { [FILE]: overrides(TEN) });
  const plan = await world.plan();
  expect(plan.guards).toEqual([]);
  await world.apply();
  expect(world.writes).toHaveLength(10);
});

it.concurrent('a change that drops protect and touches what it protected is refused', async () => {
  const world = await appliedWorld(config({}, STRICT));
  world.repo.commit('Nothing is protected', {
    [FILE]: overrides({ ...TWENTY, u0: { theme: 'light' } }),
    [CONFIG]: config({}, { limits: { removals: '10%' } }),
  });
  for (const more of [[], ['--force']]) {
    const plan = await world.plan(...more);
    expect(plan.run.code).toBe(4);
    expect(codes(plan.guards)).toEqual(['protected']);
    expect(plan.guards[0]?.message).toContain('according to the last applied configuration');
  }
  expect((await world.plan('--allow-loosened')).guards).toEqual([]);
});
