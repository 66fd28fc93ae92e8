import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import {
  config,
  overrides,
  type PlanOutput,
  type Settings,
  startWorld,
  type World,
} from '../support/world.js';

// Moving or renaming the configuration must not hide the one that was applied.

const FILE = 'overrides/a.yaml';
const CONFIG = 'flagops.yaml';
const ALICE: Settings = { alice: { theme: 'dark' } };
const BOTH: Settings = { ...ALICE, bob: { theme: 'dark' } };
const PRODUCTION = { project: 'storefront', environment: 'production' };
const STAGING = { project: 'storefront', environment: 'staging' };
const SHOP = 'apps/shop/flagops.yaml';
const SHOP_FILE = 'apps/shop/overrides/a.yaml';

async function appliedWorld(files: Readonly<Record<string, string>>): Promise<World> {
  const world = await startWorld({ files });
  world.applied(BOTH);
  return world;
}

async function messages(world: World, ...args: string[]): Promise<string[]> {
  return (await world.plan(...args)).guards.map(({ code, message }) => `${code} ${message}`);
}

it.concurrent(
  'a configuration with another name is refused, and only --allow-loosened lifts that',
  async () => {
    const world = await appliedWorld({ [FILE]: overrides(BOTH), [CONFIG]: config({ name: 'default' }, {}) });
    const id = world.repo.head.slice(0, 12);
    world.repo.commit('Rename', { [FILE]: overrides(ALICE), [CONFIG]: config({ name: 'other' }, {}) });
    const refused = await world.plan('--force');
    expect(refused.run.code).toBe(4);
    expect(refused.guards).toMatchObject([
      {
        code: 'configuration-moved',
        message: `storefront/production: it was last applied by the configuration named "default" (${id}), and this one is named "other"`,
        lifted: false,
      },
    ]);
    const accept = [refused.fingerprint];
    world.repo.commit('Accept', { [CONFIG]: config({ name: 'other', accept }, {}) });
    expect((await world.flagops('apply', '--yes', '--force')).code).toBe(4);
    expect(world.writes).toEqual([]);

    await world.apply('--allow-loosened');
    expect(world.ref('production', 'other')).toBe(world.repo.head);
    // The old ref is older now, so it no longer matters.
    world.repo.commit('Go on', { [FILE]: overrides({ ...ALICE, carol: { theme: 'dark' } }) });
    expect(await messages(world)).toEqual([]);
    // But the old name would bring back the old policy.
    world.repo.commit('Back', { [CONFIG]: config({ name: 'default' }, {}) });
    expect(await messages(world)).toEqual([expect.stringMatching(/^configuration-moved .*"other"/)]);
  },
);

it.concurrent('a renamed configuration is refused even if a scope has no change', async () => {
  const world = await appliedWorld({ [FILE]: overrides(BOTH) });
  world.repo.commit('A name', { [CONFIG]: config({ name: 'shop' }) });
  expect((await world.plan()).run.code).toBe(4);
});

/** The guards of a plan that runs in `apps/shop`. */
async function inShop(world: World, ...args: string[]): Promise<string[]> {
  const cwd = join(world.repo.path, 'apps/shop');
  const run = await world.run(['plan', '--format', 'json', ...args], { cwd });
  if (run.stdout === '') throw new Error(run.stderr);
  const { guards } = JSON.parse(run.stdout) as Pick<PlanOutput, 'guards'>;
  return guards.map(({ code, message, lifted }) => `${lifted ? 'lifted ' : ''}${code} ${message}`);
}

it.concurrent('a configuration that a nearer or farther one replaces is refused', async () => {
  const world = await appliedWorld({ [SHOP_FILE]: overrides(BOTH), [SHOP]: config({}, {}) });
  const id = world.repo.head.slice(0, 12);
  const moved = (now: string): string =>
    `configuration-moved storefront/production: when it was last applied (${id}), the configuration was ${SHOP}, and now it is ${now}`;
  expect(await inShop(world)).toEqual([]);
  // Without the file in apps/shop, the one in the root is found.
  const root = config({ declarations: ['apps/shop/overrides/*.yaml'] }, {});
  world.repo.commit('Move up', { [SHOP]: null, [CONFIG]: root });
  expect(await inShop(world)).toEqual([moved(CONFIG)]);
  expect(await inShop(world, '--allow-loosened')).toEqual([`lifted ${moved(CONFIG)}`]);
  world.repo.commit('Move to the defaults', { [SHOP_FILE]: null, [CONFIG]: null, [FILE]: overrides(BOTH) });
  expect(await messages(world)).toEqual([moved(CONFIG)]);
  world.repo.commit('Another path', { 'apps/other.yaml': root });
  expect((await messages(world, '--allow-empty', '--config', 'apps/other.yaml')).at(-1)).toBe(
    moved('apps/other.yaml'),
  );
});

it.concurrent(
  'a file that was there before but not in use is refused when it replaces the one that was',
  async () => {
    const world = await appliedWorld({
      [SHOP_FILE]: overrides(BOTH),
      [SHOP]: config({}, { protect: { flags: ['theme'] } }),
      [CONFIG]: config({ declarations: ['apps/shop/overrides/*.yaml'] }, {}),
    });
    world.repo.commit('Drop the nearer one', { [SHOP]: null, [SHOP_FILE]: overrides(ALICE) });
    expect(await inShop(world)).toEqual([
      expect.stringMatching(/^protected .*according to the last applied configuration/),
      expect.stringMatching(/^configuration-moved /),
    ]);
  },
);

it.concurrent('a configuration given with --config that was at another path is refused', async () => {
  const world = await appliedWorld({ [FILE]: overrides(BOTH), 'ops/prod.yaml': config({}, {}) });
  world.repo.commit('Move', { 'ops/prod.yaml': null, 'prod.yaml': config({}, {}) });
  expect(await messages(world, '--config', 'prod.yaml')).toEqual([
    expect.stringMatching(
      /^configuration-moved .*the configuration was not prod\.yaml, or it had another name/,
    ),
  ]);
});

it.concurrent('two configurations that exchange their names are refused', async () => {
  const files = (root: string, shop: string): Record<string, string> => ({
    [CONFIG]: config({ name: root }, { protect: { flags: ['theme'] } }),
    [SHOP]: config({ name: shop, scopes: [{ ...PRODUCTION }] }),
  });
  const world = await appliedWorld({
    [FILE]: overrides(BOTH),
    [SHOP_FILE]: overrides(BOTH),
    ...files('default', 'shop'),
  });
  world.repo.commit('Exchange', files('shop', 'default'));
  expect(await inShop(world)).toEqual([
    expect.stringMatching(/^configuration-moved .*was flagops\.yaml, and now/),
  ]);
});

it.concurrent.each([
  ['the same name', 'default'],
  ['another name', 'shop'],
])('configurations with %s and other scopes do not disturb each other', async (_, name) => {
  const world = await startWorld({
    files: {
      [FILE]: overrides(BOTH),
      [CONFIG]: config({}, {}),
      [SHOP_FILE]: overrides(BOTH, { environment: 'staging' }),
      [SHOP]: config({ name, scopes: [STAGING] }),
    },
  });
  const cwd = join(world.repo.path, 'apps/shop');
  for (const message of ['First', 'Second']) {
    await world.apply();
    const run = await world.run(['apply', '--yes'], { cwd });
    expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining('loosened')]);
    const plan = await world.plan();
    expect([plan.guards, plan.loosened]).toEqual([[], []]);
    world.repo.commit(message);
  }
});

it.concurrent('two configurations can share a scope once the second one was allowed to', async () => {
  const flags = (flag: string): Record<string, unknown> => ({ flags: { include: [flag] } });
  const world = await appliedWorld({ [FILE]: overrides(BOTH), [CONFIG]: config({}, flags('theme')) });
  world.repo.commit('A second one', {
    [SHOP_FILE]: overrides({ alice: { 'checkout-v2': true } }),
    [SHOP]: config({ name: 'shop' }, flags('checkout-v2')),
  });
  expect(await inShop(world)).toEqual([expect.stringMatching(/^configuration-moved /)]);
  const cwd = join(world.repo.path, 'apps/shop');
  expect((await world.run(['apply', '--yes', '--allow-loosened'], { cwd })).code).toBe(0);
  for (const message of ['First', 'Second']) {
    expect(await messages(world)).toEqual([]);
    await world.apply();
    world.repo.commit(message);
    expect(await inShop(world)).toEqual([]);
    expect((await world.run(['apply', '--yes'], { cwd })).code).toBe(0);
  }
});

it.concurrent('a first configuration after none is compared with the defaults', async () => {
  const world = await appliedWorld({ [FILE]: overrides(BOTH) });
  world.repo.commit('A configuration', { [CONFIG]: config({}, { limits: { removals: '90%' } }) });
  const plan = await world.plan();
  expect([plan.run.code, plan.guards]).toEqual([0, []]);
  expect(plan.loosened).toMatchObject([{ key: 'limits.removals', before: '30%', after: '90%' }]);
});

it.concurrent('a ref of another name whose commit is missing here is an error, not nothing', async () => {
  const world = await appliedWorld({ [FILE]: overrides(BOTH) });
  const ref = world.refName('production', 'other');
  const { path } = world.repo;
  mkdirSync(dirname(join(path, '.git', ref)), { recursive: true });
  writeFileSync(join(path, '.git', ref), `${'0123456789'.repeat(4)}\n`);
  const run = await world.flagops('plan');
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(`${ref} points to 012345678901, a commit that this clone does not have`);
});
