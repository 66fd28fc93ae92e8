import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import explainSchema from '../../schemas/explain.schema.json' with { type: 'json' };
import type { Json } from '../../src/json/json.js';
import { MANAGE_MODES, type ManageMode } from '../../src/reconcile/manage.js';
import { config, overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const MODES = Object.keys(MANAGE_MODES) as ManageMode[];

/** A setting of `theme` with its own `manage`. */
const theme = (manage: ManageMode, value = 'dark', more = {}): { readonly theme: Json } => ({
  theme: { $value: value, manage, ...more },
});

/** One user for each mode, who is called as the mode is. */
const everyMode = (value = 'dark', more = {}): string =>
  overrides(Object.fromEntries(MODES.map((mode) => [mode, theme(mode, value, more)])));

/** Nothing that matters, so that the scope is not empty. */
const OTHERS = overrides({ zoe: { 'checkout-v2': true } });

/** The live value of `theme` for the user of each mode. */
const liveThemes = (world: World): Readonly<Record<string, Json | undefined>> =>
  Object.fromEntries(MODES.map((mode) => [mode, world.live('theme', mode)]));

/** A configuration without limits, so that a test may change everything. */
const loose = (scope: Readonly<Record<string, unknown>> = {}): string =>
  config({}, { limits: { updates: '100%', removals: '100%' }, ...scope });

/** A world in which a declaration of each mode was applied. */
async function appliedWorld(scope: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = await startWorld({
    files: { 'flagops.yaml': loose(scope), [FILE]: everyMode(), 'overrides/others.yaml': OTHERS },
  });
  await world.apply();
  return world;
}

describe('a declared override', () => {
  it.concurrent('is set by every mode but none, if there is no override', async () => {
    const world = await appliedWorld();
    expect(liveThemes(world)).toEqual({ full: 'dark', create: 'dark', keep: 'dark', none: undefined });
    expect((await world.plan()).changes).toEqual([]);
    expect((await world.flagops('plan')).stdout).toContain('4 unchanged, 1 declared but left alone');
  });

  it.concurrent('is set back by full and keep if another value is live, and only that is drift', async () => {
    const world = await appliedWorld();
    for (const mode of MODES) world.touch('theme', mode, 'contrast');
    const plan = await world.plan();
    expect(short(plan)).toEqual(['update theme user full', 'update theme user keep']);
    expect(plan.changes.map(({ mark }) => mark)).toEqual(['drift', 'drift']);
    await world.apply();
    expect(liveThemes(world)).toEqual({ full: 'dark', create: 'contrast', keep: 'dark', none: 'contrast' });
  });

  it.concurrent('is set again by create if it was removed elsewhere, which is drift', async () => {
    const world = await appliedWorld();
    for (const mode of MODES) world.touch('theme', mode, undefined);
    const plan = await world.plan();
    expect(plan.changes.map(({ key, mark }) => `${key} ${mark}`)).toEqual([
      'create drift',
      'full drift',
      'keep drift',
    ]);
  });

  it.concurrent('is pending and not drift, once it becomes managed', async () => {
    const world = await appliedWorld();
    for (const mode of ['create', 'none']) world.touch('theme', mode, 'contrast');
    world.repo.commit('Manage them', {
      [FILE]: overrides({ none: theme('full'), create: theme('full'), full: theme('full') }),
    });
    const plan = await world.plan();
    expect(plan.changes.map(({ key, action, mark }) => `${action} ${key} ${mark}`)).toEqual([
      'update create pending',
      'update none pending',
    ]);
  });
});

describe('an override that is no longer declared', () => {
  const deleted = async (world: World): Promise<void> => {
    world.repo.commit('They are done', { [FILE]: null });
    await world.apply();
  };

  it.concurrent('is removed by full and create, and stays with keep and none', async () => {
    const world = await appliedWorld();
    world.touch('theme', 'none', 'dark');
    await deleted(world);
    expect(liveThemes(world)).toEqual({ full: undefined, create: undefined, keep: 'dark', none: 'dark' });
  });

  it.concurrent(
    'is removed by full whatever its value, and by create only with the declared one',
    async () => {
      const world = await appliedWorld();
      for (const mode of MODES) world.touch('theme', mode, 'contrast');
      world.repo.commit('They are done', { [FILE]: null });
      expect((await world.plan()).scopes[0]).toMatchObject({ released: 1, unmanaged: { theme: 3 } });
      await world.apply();
      expect(liveThemes(world)).toEqual({
        full: undefined,
        create: 'contrast',
        keep: 'contrast',
        none: 'contrast',
      });
    },
  );

  it.concurrent('stays if it was kept by the newest commit that declared it, applied or not', async () => {
    const world = await startWorld({
      files: { 'flagops.yaml': loose(), [FILE]: everyMode(), 'overrides/others.yaml': OTHERS },
    });
    await world.apply();
    world.repo.commit('Keep them', {
      [FILE]: overrides({ full: theme('keep'), create: theme('none'), keep: theme('full') }),
    });
    await deleted(world);
    expect(liveThemes(world)).toEqual({ full: 'dark', create: 'dark', keep: 'dark', none: undefined });
  });

  it.concurrent('stays with a warning if only a commit that was not applied kept it', async () => {
    const world = await appliedWorld();
    const both = { full: theme('full'), keep: theme('keep') };
    world.repo.commit('Start again', { [FILE]: overrides(both) });
    await world.apply();
    world.repo.git('checkout', '-q', '-b', 'side');
    world.repo.commit('Keep it', { [FILE]: overrides({ ...both, full: theme('keep') }) });
    world.repo.commit('They are done', { [FILE]: null });
    const plan = await world.plan();
    expect(plan.scopes[0]).toMatchObject({ released: 2 });
    expect(plan.warnings).toEqual([
      'storefront/production: 1 override stays live only because a commit that was not applied says manage: keep or none ' +
        '(apply that commit before the declaration is deleted: if both are merged or squashed as one, the next apply removes what should stay)',
    ]);
    // This is what it warns of: the commit is not in the first-parent history of a merge.
    world.repo.git('checkout', '-q', '-');
    world.repo.commit('Something else', { 'notes.txt': '' });
    world.repo.git('merge', '-q', '-m', 'Merge', 'side');
    const merged = await world.plan();
    expect(short(merged)).toEqual(['remove theme user full']);
    expect(merged.warnings).toEqual([]);
  });

  it.concurrent(
    'is removed if it was kept once, and was managed in full when it was last applied',
    async () => {
      const world = await appliedWorld();
      world.repo.commit('Manage them in full', {
        [FILE]: overrides({ keep: theme('full'), none: theme('full') }),
      });
      await world.apply();
      await deleted(world);
      expect(liveThemes(world)).toMatchObject({ keep: undefined, none: undefined });
    },
  );

  it.concurrent('counts as it was declared in history, if nothing was applied from here', async () => {
    const world = await startWorld({
      files: { 'flagops.yaml': loose(), [FILE]: everyMode(), 'overrides/others.yaml': OTHERS },
    });
    for (const mode of MODES) world.touch('theme', mode, 'dark');
    await deleted(world);
    expect(liveThemes(world)).toEqual({ full: undefined, create: undefined, keep: 'dark', none: 'dark' });
  });

  it.concurrent.each([true, false])(
    'is not ours if two files disagreed about manage, last applied: %s',
    async (isApplied) => {
      const users = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
      const world = await startWorld({
        files: {
          'flagops.yaml': loose(),
          [FILE]: overrides(users),
          'overrides/b.yaml': overrides({ alice: theme('full') }),
          'overrides/others.yaml': OTHERS,
        },
      });
      if (isApplied) world.applied(users);
      else for (const key of Object.keys(users)) world.touch('theme', key, 'dark');
      world.repo.commit('They are done', { [FILE]: null, 'overrides/b.yaml': null });
      expect(short(await world.plan())).toEqual(['add checkout-v2 user zoe', 'remove theme user bob']);
    },
  );

  it.concurrent('counts as it is in HEAD, if its declaration was deleted on disk only', async () => {
    const world = await appliedWorld();
    world.repo.write({ [FILE]: overrides({}) });
    expect(short(await world.plan())).toEqual(['remove theme user create', 'remove theme user full']);
  });

  it.concurrent.each([
    ['contexts', { full: undefined, create: undefined, keep: 'dark', none: 'dark' }],
    ['environment', { full: undefined, create: undefined, keep: undefined, none: undefined }],
  ])('is removed by prune: %s as that mode says', async (prune, left) => {
    const world = await appliedWorld({ prune });
    world.touch('theme', 'none', 'dark');
    await deleted(world);
    expect(liveThemes(world)).toEqual(left);
  });
});

describe('prune: contexts and environment', () => {
  it.concurrent.each(['contexts', 'environment'])(
    '%s leaves alone what is declared with none',
    async (prune) => {
      const world = await appliedWorld({ prune });
      for (const mode of MODES) world.touch('theme', mode, 'contrast');
      world.touch('checkout-v2', 'none', true);
      world.touch('checkout-v2', 'keep', true);
      const removals = ['remove checkout-v2 user keep', 'remove checkout-v2 user none'];
      // A context is declared if anything is declared for it that is not left alone.
      expect(short(await world.plan()).filter((change) => change.startsWith('remove'))).toEqual(
        prune === 'environment' ? removals : removals.slice(0, 1),
      );
    },
  );
});

describe('the past date of an override', () => {
  it.concurrent.each(['owned', 'environment'])(
    'removes what full and create declare, and nothing else, with prune: %s',
    async (prune) => {
      const world = await appliedWorld({ prune });
      world.touch('theme', 'none', 'dark');
      world.repo.commit('It was a trial', { [FILE]: everyMode('dark', { expires: '2020-01-01' }) });
      await world.apply();
      expect(liveThemes(world)).toEqual({ full: undefined, create: undefined, keep: 'dark', none: 'dark' });
      expect((await world.plan()).scopes[0]?.unmanaged).toEqual({});
    },
  );

  it.concurrent(
    'is not set in LaunchDarkly for an override that stays, and is removed there once it stays',
    async () => {
      const scope = { expiry: 'launchdarkly' };
      const expires = '2099-12-31';
      const world = await startWorld({
        files: { 'flagops.yaml': loose(scope), [FILE]: everyMode('dark', { expires }) },
      });
      await world.apply();
      const dated = (): readonly string[] =>
        (world.simulator.flag('storefront', 'theme').configs.get('production')?.expiring.list() ?? []).map(
          ({ key }) => key,
        );
      expect(dated().toSorted()).toEqual(['create', 'full']);
      world.repo.commit('Keep it', {
        [FILE]: overrides({ full: theme('keep', 'dark', { expires }), create: theme('create') }),
      });
      await world.apply();
      expect(dated()).toEqual([]);
      expect((await world.flagops('plan', '--detailed-exitcode')).code).toBe(0);
    },
  );
});

describe('where manage is declared', () => {
  it.concurrent('the most specific one counts: the override, its group, its file, the scope', async () => {
    const group = (name: string, more: Readonly<Record<string, Json>>): Json => ({
      name,
      users: [name],
      flags: { theme: 'dark' },
      ...more,
    });
    const world = await startWorld({
      files: {
        'flagops.yaml': loose({ manage: 'none' }),
        'overrides/scope.yaml': overrides({ scope: { theme: 'dark' } }),
        'overrides/file.yaml': overrides(
          { file: { theme: 'dark' }, override: theme('none') },
          { manage: 'full', groups: [group('group', { manage: 'none' }), group('in-file', {})] },
        ),
      },
    });
    const plan = await world.plan();
    expect(short(plan)).toEqual(['add theme user file', 'add theme user in-file']);
  });

  it.concurrent(
    'a scope is loosened if it may do more, and what was declared before then counts as it was',
    async () => {
      const world = await startWorld({
        files: {
          'flagops.yaml': loose({ manage: 'keep' }),
          [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }),
        },
      });
      await world.apply();
      world.repo.commit('Manage in full, without Bob', {
        'flagops.yaml': loose(),
        [FILE]: overrides({ alice: { theme: 'dark' } }),
      });
      const plan = await world.plan();
      expect(plan.loosened).toMatchObject([{ key: 'manage', before: 'keep', after: 'full' }]);
      expect(plan.changes).toEqual([]);
      expect(plan.scopes[0]).toMatchObject({ released: 1 });
      await world.apply();
      world.repo.commit('Alice is done', { [FILE]: overrides({ carol: { theme: 'dark' } }) });
      expect(short(await world.plan())).toEqual(['remove theme user alice', 'add theme user carol']);
    },
  );

  it.concurrent(
    'the same override with another manage, and null that would remove nothing, are errors',
    async () => {
      const world = await startWorld({
        files: {
          [FILE]: overrides({ alice: { theme: 'dark' } }),
          'overrides/b.yaml': overrides({ alice: theme('keep') }),
          'overrides/c.yaml': overrides({ bob: { theme: null } }, { manage: 'keep' }),
          'overrides/d.yaml': overrides({ carol: { theme: null } }, { manage: 'none' }),
        },
      });
      const { code, stdout } = await world.flagops('validate');
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /overrides\/b\.yaml:5:\d+ declared-differently .* has manage: keep here and no manage at/,
      );
      expect(stdout).toMatch(/overrides\/c\.yaml:\d+:\d+ null-kept theme is null/);
      expect(stdout).not.toContain('overrides/d.yaml');
    },
  );
});

it.concurrent('an override that is left alone counts for no limit', async () => {
  const users = (manage: ManageMode): Record<string, { readonly theme: Json }> =>
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${manage}-${index}`, theme(manage)]));
  const world = await startWorld({
    files: {
      'flagops.yaml': config({}, { limits: { floor: 1 } }),
      [FILE]: overrides({ ...users('none'), alice: { theme: 'dark' }, bob: { theme: 'dark' } }),
    },
  });
  for (const key of Object.keys(users('none'))) world.touch('theme', key, 'dark');
  await world.apply();
  world.repo.commit('Bob is done', { [FILE]: overrides({ ...users('none'), alice: { theme: 'dark' } }) });
  const { guards } = await world.plan();
  expect(guards.map(({ message }) => message)).toEqual([
    expect.stringContaining('1 of 2 live overrides would be removed'),
  ]);
});

it.concurrent('what was left alone is not removed with --only drift', async () => {
  const prune = { prune: 'environment' };
  const world = await appliedWorld(prune);
  for (const mode of ['create', 'none']) world.touch('theme', mode, 'contrast');
  world.touch('theme', 'dora', 'contrast');
  world.repo.commit('They are done', { [FILE]: overrides({ full: theme('full'), keep: theme('keep') }) });
  const removals = ['remove theme user create', 'remove theme user dora', 'remove theme user none'];
  expect(short(await world.plan())).toEqual(removals);
  expect(short(await world.plan('--only', 'drift'))).toEqual(['remove theme user dora']);
});

it.concurrent('what a commit hands over counts for the limits of its removals', async () => {
  const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);
  /** Settings of these users, with their own `manage` or with that of the scope. */
  const all = (keys: readonly string[], manage?: ManageMode): Record<string, { readonly theme: Json }> =>
    Object.fromEntries(keys.map((key) => [key, manage === undefined ? { theme: 'dark' } : theme(manage)]));
  const [removed, kept, others] = [users.slice(0, 4), users.slice(4, 5), users.slice(5)];
  const files = { [FILE]: overrides({ ...all([...removed, ...kept], 'full'), ...all(others) }) };
  const world = await startWorld({ files: { 'flagops.yaml': config({}, {}), ...files } });
  await world.apply();
  const rest = { ...all(kept, 'full'), ...all(others) };
  world.repo.commit('Four are done, and five are left to others', {
    'flagops.yaml': config({}, { manage: 'none' }),
    [FILE]: overrides(rest),
  });
  const { guards, run } = await world.plan();
  expect(run.code).toBe(4);
  expect(guards.map(({ message }) => message)).toEqual([
    expect.stringContaining('4 of 10 live overrides would be removed (40%, limit 30%)'),
  ]);
});

it.concurrent('list and explain show how an override is managed', async () => {
  const world = await appliedWorld();
  world.touch('theme', 'create', 'contrast');
  const { stdout } = await world.flagops('list', '--flag', 'theme');
  expect(stdout).toMatch(/create {2}"contrast" \(declared "dark"\) {2}\[manage: create\]\n/);
  const explained = await world.flagops('explain', 'create', 'theme');
  expect(explained.stdout).toContain('left alone (manage: create)');
  expect((await world.flagops('explain', 'create')).stdout).toMatch(/manage: create/);
  const json = await world.flagops('explain', 'keep', '--format', 'json');
  expect(
    new Ajv2020({ strictTypes: false, validateFormats: false }).compile(explainSchema)(
      JSON.parse(json.stdout),
    ),
  ).toBe(true);
  const csv = await world.flagops('list', '--flag', 'theme', '--format', 'csv');
  expect(csv.stdout.split('\r\n').map((line) => line.split(',').at(-1))).toEqual([
    'manage',
    'create',
    '',
    'keep',
    'none',
    '',
  ]);
});
