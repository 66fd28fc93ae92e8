import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { changeSeed } from '../support/seeds.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const PRODUCTION = 'overrides/production.yaml';
const STAGING = 'overrides/staging.yaml';
const CMS = { projects: { cms: { environments: { live: {} }, flags: { editor: {} } } } };
const SELECTED = ['--project', 'storefront', '--environment', 'production'];

const staging = (theme: string): string =>
  overrides({ alice: { theme }, bob: { theme } }, { environment: 'staging' });

/** Two environments of one project, and another project that only the configuration names. */
async function twoEnvironments(): Promise<World> {
  return startWorld({
    simulator: { seed: changeSeed(defaultSeed, CMS) },
    files: {
      [PRODUCTION]: overrides({ alice: { theme: 'dark' } }),
      [STAGING]: staging('dark'),
      'flagops.yaml': stringify({
        version: 1,
        scopes: [
          { project: 'storefront', environment: 'production' },
          { project: 'storefront', environment: 'staging' },
          { project: 'cms', environment: 'live' },
        ],
      }),
    },
  });
}

/** The projects and environments that requests named, from their paths and queries. */
function named(world: World): { projects: Set<string>; environments: Set<string> } {
  const urls = world.simulator.requests.map(({ path }) => new URL(path, world.url));
  const projects = urls.flatMap(({ pathname }) => pathname.match(/\b(?:storefront|cms)\b/g) ?? []);
  const environments = urls.flatMap((url) => [
    ...url.searchParams.getAll('env'),
    ...(url.pathname.match(/\b(?:production|staging|live)\b/g) ?? []),
  ]);
  return { projects: new Set(projects), environments: new Set(environments) };
}

describe('--project and --environment select whole scopes', () => {
  it.concurrent('no request names a scope that is not selected', async () => {
    const world = await twoEnvironments();
    const run = await world.flagops('apply', '--yes', ...SELECTED);
    expect(run.code).toBe(0);
    expect(named(world)).toEqual({
      projects: new Set(['storefront']),
      environments: new Set(['production']),
    });
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(world.live('theme', 'alice', { environment: 'staging' })).toBeUndefined();
  });

  it.concurrent('an apply moves the refs of the selected scopes and no others', async () => {
    const world = await twoEnvironments();
    const first = await world.flagops('apply', '--yes', ...SELECTED);
    expect(first).toMatchObject({ code: 0 });
    expect(world.ref('production')).toBe(world.repo.git('rev-parse', 'HEAD'));
    expect(world.ref('staging')).toBeUndefined();
    await world.flagops('apply', '--yes', '--environment', 'staging');
    expect(world.ref('staging')).toBe(world.repo.git('rev-parse', 'HEAD'));
    expect((await world.flagops('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it.concurrent('--flag and --context still select changes, and then no ref moves', async () => {
    const world = await twoEnvironments();
    for (const filter of [
      ['--flag', 'theme'],
      ['--context', 'alice'],
    ]) {
      expect((await world.flagops('apply', '--yes', ...SELECTED, ...filter)).code).toBe(0);
      expect(world.ref('production')).toBeUndefined();
    }
  });

  it.concurrent('a scope that is not selected cannot refuse the plan', async () => {
    const world = await twoEnvironments();
    await world.flagops('apply', '--yes');
    world.repo.commit('Nothing in staging any more', {
      [STAGING]: null,
      [PRODUCTION]: overrides({ alice: { theme: 'light' } }),
    });
    expect((await world.flagops('plan')).code).toBe(4);
    expect((await world.flagops('plan', '--environment', 'staging')).code).toBe(4);
    expect((await world.flagops('apply', '--yes', ...SELECTED)).code).toBe(0);
    expect(world.live('theme', 'alice')).toBe('light');
    expect(world.live('theme', 'alice', { environment: 'staging' })).toBe('dark');
  });

  it.concurrent('a rewind of a scope that is not selected does not refuse an apply', async () => {
    const world = await twoEnvironments();
    await world.flagops('apply', '--yes');
    const before = world.repo.git('rev-parse', 'HEAD');
    world.repo.commit('Staging only', { [STAGING]: staging('light') });
    await world.flagops('apply', '--yes', '--environment', 'staging');
    world.repo.git('reset', '--hard', before);
    expect((await world.flagops('apply', '--yes', '--environment', 'staging')).code).toBe(4);
    expect((await world.flagops('apply', '--yes', ...SELECTED)).code).toBe(0);
  });

  it.concurrent('a declaration that does not fit LaunchDarkly fails only the scopes it is for', async () => {
    const world = await twoEnvironments();
    world.repo.commit('A variation that does not exist', { [STAGING]: staging('neon') });
    expect((await world.flagops('plan')).code).toBe(1);
    const { scopes, run } = await world.plan(...SELECTED);
    expect(run.code).toBe(0);
    expect(scopes.map(({ environment }) => environment)).toEqual(['production']);
  });

  it.concurrent('a file that does not parse fails every selection', async () => {
    const world = await twoEnvironments();
    world.repo.commit('Broken', { [STAGING]: 'users: [' });
    expect((await world.flagops('plan', ...SELECTED)).code).toBe(1);
  });

  it.concurrent('a scope that only its ref names can be selected, and is then emptied', async () => {
    const world = await startWorld({
      files: {
        [STAGING]: staging('dark'),
        [PRODUCTION]: overrides({ alice: { theme: 'dark' } }),
        'flagops.yaml': config({}),
      },
    });
    await world.flagops('apply', '--yes');
    world.repo.commit('No staging any more', { [STAGING]: null });
    const run = await world.flagops('apply', '--yes', '--environment', 'staging', '--force');
    expect(run.code).toBe(0);
    expect(world.live('theme', 'alice', { environment: 'staging' })).toBeUndefined();
    expect(world.live('theme', 'alice')).toBe('dark');
  });
});
