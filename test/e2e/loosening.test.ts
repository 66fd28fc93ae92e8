import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
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

it.concurrent('removals that a wider prune adds count against the applied limits', async () => {
  const world = await appliedWorld(config({}, { limits: { removals: '30%' } }));
  for (let index = 0; index < 12; index += 1) world.touch('theme', `other${index}`, 'dark');
  expect((await world.plan()).changes).toEqual([]);
  world.repo.commit('Remove all others', {
    [CONFIG]: config({}, { prune: 'environment', limits: { removals: '100%' } }),
  });
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards.map(({ message }) => message)).toEqual([
    expect.stringContaining(
      '12 of 32 live overrides would be removed (38%, limit 30%) according to the last',
    ),
  ]);
  expect(plan.loosened.map(({ key }) => key)).toEqual(['prune', 'limits.removals']);
});

it.concurrent('limits that HEAD tightens count at once', async () => {
  const world = await appliedWorld(config({}, { limits: { removals: '100%' } }));
  world.repo.commit('Ten are done', {
    [FILE]: overrides(TEN),
    [CONFIG]: config({}, { limits: { removals: '10%' }, prune: 'never' }),
  });
  expect((await world.plan()).changes).toEqual([]);
  world.repo.commit('Prune again', { [CONFIG]: config({}, { limits: { removals: '10%' } }) });
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards).toMatchObject([{ code: 'removals', judgedBy: 'head' }]);
  expect(plan.guards[0]?.message).toContain("(50%, limit 10%) according to HEAD's configuration");
  expect(plan.loosened).toEqual([]);
});

it.concurrent(
  'an accepted fingerprint lifts the limits of both configurations, but not protect',
  async () => {
    const world = await appliedWorld(config({}, { limits: { removals: '10%' } }));
    const loosened = { limits: { removals: '20%' } };
    world.repo.commit('Ten are done', { [FILE]: overrides(TEN), [CONFIG]: config({}, loosened) });
    const refused = await world.plan();
    expect(codes(refused.guards)).toEqual(['removals', 'removals']);
    expect(refused.guards.map(({ judgedBy }) => judgedBy)).toEqual(['head', 'last-applied']);
    const accept = [refused.fingerprint];
    world.repo.commit('Accept that', { [CONFIG]: config({ accept }, loosened) });

    const plan = await world.flagops('plan');
    expect(plan.code).toBe(0);
    expect(plan.stdout.match(/^lifted: .*\(accepted in flagops\.yaml\)$/gm)).toHaveLength(2);
    const comment = await world.flagops('plan', '--format', 'markdown');
    expect(comment.stdout).toMatch(/Lifted: .*accepted in flagops\.yaml/);
    await world.apply();
    expect(world.writes).toHaveLength(10);
  },
);

it.concurrent('an accepted fingerprint does not lift protect of the applied configuration', async () => {
  const world = await appliedWorld(config({}, { protect: { contexts: ['user:u1'] } }));
  const light = overrides({ ...TWENTY, u1: { theme: 'light' } });
  world.repo.commit('Unprotect', { [FILE]: light, [CONFIG]: config({}, {}) });
  const accept = [(await world.plan()).fingerprint];
  world.repo.commit('Accept that', { [CONFIG]: config({ accept }, {}) });
  expect(codes((await world.plan()).guards)).toEqual(['protected']);
});

it.concurrent(
  'a scope that is taken out of the list is left alone, and shown; listed again, it is too',
  async () => {
    const staging = { project: 'storefront', environment: 'staging' };
    const production = { project: 'storefront', environment: 'production' };
    const world = await appliedWorld(config({ scopes: [{ ...production, ...STRICT }, staging] }));
    world.repo.commit('Only staging', {
      [FILE]: overrides({ u0: { theme: 'dark' } }, { environment: 'staging' }),
      [CONFIG]: config({ scopes: [staging] }),
    });
    const dropped = await world.plan('--environment', 'production');
    expect(dropped.changes).toEqual([]);
    expect(dropped.loosened).toMatchObject([
      { ...production, key: 'scopes', before: 'listed', after: 'not listed' },
    ]);
    await world.apply();
    expect(world.live('theme', 'u0')).toBe('dark');

    world.repo.commit('Empty production', {
      [FILE]: overrides(
        { new: { theme: 'dark' } },
        { environment: undefined, environments: ['production', 'staging'] },
      ),
      [CONFIG]: config({ scopes: [{ ...production, ...LOOSE, prune: 'environment' }, staging] }),
    });
    const plan = await world.plan();
    expect(plan.run.code).toBe(4);
    // The commit that was last applied has no policy for the scope, so the default limits are used.
    expect(plan.guards).toMatchObject([{ code: 'removals', judgedBy: 'last-applied' }]);
    expect(plan.loosened.map(({ key }) => key)).toEqual([
      'scopes',
      'prune',
      'limits.updates',
      'limits.removals',
      'limits.floor',
    ]);
  },
);

it.concurrent('dropping the whole list of scopes is shown, and the applied policy still counts', async () => {
  const world = await appliedWorld(config({}, STRICT));
  world.repo.commit('Any scope', { [FILE]: overrides(TEN), [CONFIG]: config({}) });
  const plan = await world.plan();
  expect(codes(plan.guards)).toEqual(['removals', 'removals', 'protected']);
  expect(plan.loosened.map(({ environment, key }) => [environment, key])).toEqual([
    [undefined, 'scopes'],
    ['production', 'protect.flags'],
    ['production', 'protect.contexts'],
    ['production', 'limits.removals'],
  ]);
});

it.concurrent('deleting the configuration does not escape from what was applied', async () => {
  const world = await appliedWorld(config({}, STRICT));
  world.repo.commit('No configuration', { [FILE]: overrides(TEN), [CONFIG]: null });
  const plan = await world.plan();
  expect(codes(plan.guards)).toEqual(['removals', 'removals', 'protected']);
});

it.concurrent(
  'a configuration that becomes a link to another file is still compared with what it was',
  async () => {
    const world = await appliedWorld(config({}, STRICT));
    world.repo.write({ 'other.yaml': config({}, LOOSE), [CONFIG]: null });
    symlinkSync('other.yaml', join(world.repo.path, CONFIG));
    world.repo.commit('A link', { [FILE]: overrides(TEN) });
    const plan = await world.plan();
    expect(codes(plan.guards)).toEqual(['removals', 'protected']);
  },
);

it.concurrent('edits that are not committed are judged in the same way', async () => {
  const world = await appliedWorld(config({}, STRICT));
  world.repo.write({ [FILE]: overrides(TEN), [CONFIG]: config({}, LOOSE) });
  const plan = await world.plan();
  expect(codes(plan.guards)).toEqual(['removals', 'protected']);
  expect(plan.warnings).toEqual([
    'flagops.yaml and 1 more are not committed: apply refuses uncommitted edits unless --allow-dirty is given',
  ]);
  const apply = await world.flagops('apply', '--yes', '--allow-dirty', '--force');
  expect(apply.code).toBe(4);
  expect(world.writes).toEqual([]);
});

it.concurrent(
  'a last-applied configuration that cannot be read is replaced by the defaults, with a warning',
  async () => {
    const world = await appliedWorld('version: 2\nscopes: everything\n');
    const id = world.repo.head.slice(0, 12);
    world.repo.commit('Back to version 1', {
      [FILE]: overrides(TEN),
      [CONFIG]: config({ declarations: ['overrides/*.yaml'] }, { ...LOOSE, prune: 'environment' }),
    });
    const plan = await world.plan();
    expect(plan.warnings.join('\n')).toContain(
      `in the last applied commit ${id}, flagops.yaml cannot be read: the default limits and protections count in its place`,
    );
    expect(plan.guards).toMatchObject([{ code: 'removals', judgedBy: 'last-applied' }]);
    expect(plan.guards[0]?.message).toContain('limit 30%');
  },
);

it.concurrent(
  'without a last-applied commit the current limits count alone, and the plan says so',
  async () => {
    const world = await startWorld({
      files: { [FILE]: overrides(TEN), [CONFIG]: config({}, { prune: 'environment', ...LOOSE }) },
    });
    for (let index = 0; index < 12; index += 1) world.touch('theme', `other${index}`, 'dark');
    const plan = await world.flagops('plan');
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('no apply recorded: drift unknown, only the current limits count');
    expect((await world.plan()).scopes).toMatchObject([{ judgedBy: 'head' }]);
  },
);

it.concurrent('a rewind to a looser configuration is judged by the newer one that was applied', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(TEN), [CONFIG]: config({}, LOOSE) } });
  const old = world.repo.head;
  world.repo.commit('Strict', {
    [FILE]: overrides(TWENTY),
    [CONFIG]: config({}, { limits: { removals: '10%' } }),
  });
  world.applied(TWENTY);
  const applied = world.repo.head.slice(0, 12);
  world.repo.git('reset', '--quiet', '--hard', old);

  const plan = await world.flagops('plan');
  expect(plan.code).toBe(4);
  expect(plan.stdout).toContain(`refused: HEAD does not contain ${applied}, which was last applied`);
  expect(plan.stdout).toContain('what it changed would be undone (merge or rebase first)');
  const allowed = await world.plan('--allow-rewind');
  expect(allowed.run.code).toBe(4);
  expect(codes(allowed.guards)).toEqual(['removals', 'rewind lifted']);
  const lifted = await world.plan('--allow-rewind', '--allow-loosened');
  expect(lifted.run.code).toBe(0);
});
