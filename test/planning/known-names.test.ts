import { beforeEach, describe, expect, it } from 'vitest';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import type { ScopeSelection } from '../../src/planning/selection.js';
import type { ChangeFilter } from '../../src/reconcile/filter.js';
import { scopeKey } from '../../src/reconcile/state.js';
import { planInProcess } from '../support/in-process.js';
import { config, overrides, startWorld, type World } from '../support/world.js';
import { changeSeed } from '../support/seeds.js';

const FILE = 'overrides/a.yaml';
const APPLIED = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
const CMS = { projects: { cms: { environments: { live: {}, production: {} }, flags: { editor: {} } } } };

type Filter = Partial<ScopeSelection & ChangeFilter>;

/**
 * Applied once to `storefront/production`; since then an override was added, one was changed, and Bob's was removed.
 * `cms/live` is only configured, and `storefront/gone` was applied once and is no longer declared or configured.
 */
async function moved(): Promise<World> {
  const acme = { organization: { acme: { theme: 'light' } } };
  const world = await startWorld({
    simulator: { seed: changeSeed(defaultSeed, CMS) },
    files: { [FILE]: overrides(APPLIED), 'overrides/o.yaml': overrides({}, { contexts: acme }) },
  });
  world.applied(APPLIED);
  world.touch('theme', 'acme', 'light', { kind: 'organization' });
  world.touch('theme', 'zoe', 'contrast');
  world.simulator.archiveFlag('storefront', 'search-limit');
  world.repo.git('update-ref', world.refName('gone'), 'HEAD');
  world.repo.commit('Carol instead of Bob', {
    [FILE]: overrides({ alice: { theme: 'light' }, carol: { theme: 'dark' } }),
    'flagops.yaml': config({
      scopes: [
        { project: 'storefront', environment: 'production' },
        { project: 'cms', environment: 'live', prune: 'never' },
      ],
    }),
  });
  return world;
}

let world: World;
beforeEach(async () => {
  world ??= await moved();
  world.simulator.forgetRequests();
});

const error = (message: string, hint: string): object => ({ code: 'filter-unknown', message, hint });

describe('filters for projects and environments', () => {
  it.each<[Filter, string, string]>([
    [
      { environments: ['prod'] },
      '--environment prod matches no known environment',
      'did you mean production?',
    ],
    [{ projects: ['storfront'] }, '--project storfront matches no known project', 'did you mean storefront?'],
    [
      { environments: ['production', 'producton'] },
      '--environment producton matches no known environment',
      'did you mean production?',
    ],
    [
      { environments: ['eu-*'] },
      '--environment eu-* matches no known environment',
      'known: gone, live, production',
    ],
    // LaunchDarkly has it, but it is neither declared nor configured here.
    [
      { projects: ['cms'], environments: ['production'] },
      '--environment production matches no known environment of --project cms',
      'known: live',
    ],
  ])('the filter %j is refused without a request', async (filter, message, hint) => {
    await expect(planInProcess(world, filter)).rejects.toMatchObject(error(message, hint));
    expect(world.simulator.requests).toEqual([]);
  });
});

describe('filters for flags and contexts', () => {
  it.each<[Filter, string, string]>([
    [{ flags: ['them'] }, '--flag them matches no known flag', 'did you mean theme?'],
    // The plan does not need that flag, so only reading all flags finds it.
    [{ flags: ['gift-wraping'] }, '--flag gift-wraping matches no known flag', 'did you mean gift-wrapping?'],
    [{ flags: ['theme', 'zz-*'] }, '--flag zz-* matches no known flag', 'check its key in LaunchDarkly'],
    [
      { projects: ['cms'], flags: ['theme'] },
      '--flag theme matches no known flag of --project cms',
      'check its key in LaunchDarkly',
    ],
    [{ contexts: ['alcie'] }, '--context alcie matches no known context', 'did you mean alice?'],
    [
      { contexts: ['alice', 'user:zeo'] },
      '--context user:zeo matches no known context',
      'did you mean user:zoe?',
    ],
    [{ contexts: ['acme'] }, '--context acme matches no known context', 'did you mean organization:acme?'],
    [
      { contexts: ['device:*'] },
      '--context device:* matches no known context',
      'known contexts are those that are declared, or live in the flags that were read',
    ],
  ])('the filter %j is refused with a hint', async (filter, message, hint) => {
    await expect(planInProcess(world, filter)).rejects.toMatchObject(error(message, hint));
  });
});

it.each<[keyof Filter, string]>([
  ['projects', '--project'],
  ['environments', '--environment'],
  ['flags', '--flag'],
  ['contexts', '--context'],
])('an empty filter for %s, as from an unset variable, is an error', async (name, option) => {
  await expect(planInProcess(world, { [name]: ['*', ''] })).rejects.toMatchObject({
    code: 'filter-empty',
    message: `${option} is empty`,
  });
});

describe('known names', () => {
  it.each<[string, Filter]>([
    ['a flag that no plan needs', { flags: ['gift-wrapping'] }],
    ['a glob for flags that no plan needs', { flags: ['gift-*'] }],
    ['an archived flag', { flags: ['search-limit'] }],
    ['a flag of another project', { flags: ['editor'] }],
    ['a context that is only live', { contexts: ['zoe'] }],
    ['a context of another kind', { contexts: ['organization:*'] }],
    ['everything', { projects: ['*'], environments: ['*'], flags: ['*'], contexts: ['*:zo*'] }],
  ])('a filter for %s is not an error, and the plan counts what it leaves out', async (_, filter) => {
    const plan = await planInProcess(world, filter);
    expect(plan.changes).toEqual([]);
    expect(plan.filtered).toBe(3);
  });

  it.each([
    ['is only configured', 'cms/live', { environments: ['live'] }],
    [
      'was applied once and is no longer declared or configured',
      'storefront/gone',
      { environments: ['gone'] },
    ],
  ])('a scope that %s can be selected', async (_, name, selection) => {
    const plan = await planInProcess(world, selection);
    expect(plan.scopes.map(scopeKey)).toEqual([name]);
    expect(plan).toMatchObject({ changes: [], filtered: 0 });
  });

  it('a flag that the plan does not read is looked up with one request, and other flags with none', async () => {
    const requests = async (filter: Filter): Promise<number> => {
      world.simulator.forgetRequests();
      await planInProcess(world, filter);
      return world.simulator.requests.length;
    };
    const before = await requests({ projects: ['storefront'] });
    expect(await requests({ projects: ['storefront'], flags: ['theme'] })).toBe(before);
    expect(await requests({ projects: ['storefront'], flags: ['gift-wrapping'] })).toBe(before + 1);
  });

  it('a flag that was applied is known even if it is no longer declared and LaunchDarkly has deleted it', async () => {
    const other = await moved();
    other.touch('theme', 'bob', undefined);
    expect((await planInProcess(other, { contexts: ['bob'] })).filtered).toBe(2);
    other.repo.commit('Nothing about theme any more', {
      [FILE]: overrides({ alice: { 'checkout-v2': true } }),
      'overrides/o.yaml': null,
    });
    other.simulator.deleteFlag('storefront', 'theme');
    expect((await planInProcess(other, { flags: ['theme'] })).filtered).toBe(1);
  });
});
