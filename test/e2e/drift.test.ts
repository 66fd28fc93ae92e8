import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { read } from '../support/workflows.js';
import { config, overrides, type PlanOutput, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const APPLIED = {
  alice: { theme: 'dark', 'checkout-v2': true },
  bob: { theme: 'dark' },
  carol: { theme: 'dark' },
};

/** Declarations that were applied, then edited without an apply, then changed in LaunchDarkly too. */
async function moved(more: Parameters<typeof config>[1] = {}): Promise<World> {
  const world = await startWorld({ files: { [FILE]: overrides(APPLIED), 'flagops.yaml': config({}, more) } });
  world.applied(APPLIED);
  const { carol: _, ...rest } = APPLIED;
  world.repo.commit('Dana waits to be applied, and Carol to be removed', {
    [FILE]: overrides({ ...rest, dana: { theme: 'dark' } }),
  });
  world.touch('theme', 'alice', 'contrast');
  world.touch('theme', 'bob', undefined);
  world.touch('theme', 'stranger', 'dark');
  return world;
}

const HERE = ['update theme user alice', 'add theme user bob'];

it.concurrent('drift shows only what was changed since the last apply, and exits with 2', async () => {
  const world = await moved();
  const { code, stdout, stderr } = await world.flagops('drift');
  expect(code).toBe(2);
  expect(stdout).toContain(
    'Drift: 2 overrides changed elsewhere. To restore what was applied: flagops apply --only drift\n',
  );
  expect(stdout).toContain('! theme  user alice  declared "dark"  live "contrast"  overrides/a.yaml:5\n');
  expect(stdout).toContain('! theme  user bob  declared "dark"  live none  overrides/a.yaml:8\n');
  expect(stdout.match(/^ {8}changed by A Member, [-\d]{10} \d\d:\d\d UTC$/gm)).toHaveLength(2);
  expect(stdout).not.toMatch(/dana|carol|stranger|checkout-v2/);
  expect(stderr).not.toContain('warning');
  expect(world.writes).toEqual([]);
});

it.concurrent('drift --format json is a valid plan with its own fingerprint', async () => {
  const world = await moved();
  const { code, stdout } = await world.flagops('drift', '--format', 'json');
  expect(code).toBe(2);
  const drift = JSON.parse(stdout) as PlanOutput;
  expect(short(drift)).toEqual(HERE);
  expect(drift.counts).toMatchObject({ add: 1, update: 1, remove: 0 });
  const changed = { by: 'A Member', date: expect.any(Number) as number };
  expect(drift.changes.map((change) => change.drift)).toMatchObject([
    { declared: { value: 'dark' }, live: { value: 'contrast' }, changed },
    { declared: { value: 'dark' }, live: null, changed },
  ]);
  const validate = new Ajv2020({ strict: false }).compile(
    JSON.parse(read('schemas/plan.schema.json')) as object,
  );
  expect(validate(drift), JSON.stringify(validate.errors)).toBe(true);
  const plan = await world.plan();
  expect(plan.changes).toHaveLength(4);
  expect(drift.fingerprint).not.toBe(plan.fingerprint);
});

it.concurrent('drift --format markdown is the text of an issue', async () => {
  const world = await moved();
  const { code, stdout } = await world.flagops('drift', '--format', 'markdown', '--out', 'drift.md');
  expect([code, stdout]).toEqual([2, '']);
  const text = readFileSync(join(world.repo.path, 'drift.md'), 'utf8');
  expect(text).toMatch(/^### flagops: drift in 2 overrides in storefront\/production\n/);
  expect(text).toMatch(/^\| Flag \| Context \| Declared → live \| (?:Why \| )?Where \|/m);
  expect(text).toMatch(
    /^\| <code>theme<\/code> \| user `alice` \| <code>"dark"<\/code> → <code>"contrast"<\/code> \|/m,
  );
  expect(text).toMatch(/^\| <code>theme<\/code> \| user `bob` \| <code>"dark"<\/code> → none \|/m);
  expect(text).toMatch(/changed by A Member/);
  expect(text).not.toMatch(/dana|carol|stranger/);
});

it.concurrent.each(['text', 'json', 'markdown'])(
  'drift --format %s exits with 0 if nothing was changed',
  async (format) => {
    const world = await startWorld({ files: { [FILE]: overrides(APPLIED) } });
    world.applied(APPLIED);
    world.repo.commit('Dana waits', { [FILE]: overrides({ ...APPLIED, dana: { theme: 'dark' } }) });
    world.touch('theme', 'stranger', 'dark');
    const { code, stdout } = await world.flagops('drift', '--format', format);
    expect(code).toBe(0);
    const expected = {
      text: 'No drift: live matches what was last applied.\n',
      json: '"changes": []',
      markdown: '### flagops: no drift',
    };
    expect(stdout).toContain(expected[format as keyof typeof expected]);
  },
);

it.concurrent('drift says that drift is unknown for a scope that was never applied', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(APPLIED) } });
  world.touch('theme', 'alice', 'contrast');
  const { code, stdout } = await world.flagops('drift');
  expect(code).toBe(0);
  expect(stdout).toBe('storefront/production: no apply recorded, so there is no drift to report\n');
  const markdown = await world.flagops('drift', '--format', 'markdown');
  expect(markdown.code).toBe(0);
  expect(markdown.stdout).toContain('no apply recorded: drift unknown');
});

it.concurrent(
  'an override that changed on both sides is drift, and one that only expired is not',
  async () => {
    const world = await startWorld({
      files: {
        [FILE]: overrides(APPLIED),
        'overrides/b.yaml': overrides({ eve: { theme: 'dark' } }, { expires: '2020-01-01' }),
      },
    });
    world.applied({ ...APPLIED, eve: { theme: 'dark' } });
    world.repo.commit('Light for Alice', {
      [FILE]: overrides({ ...APPLIED, alice: { theme: 'light', 'checkout-v2': true } }),
    });
    world.touch('theme', 'alice', 'contrast');
    const { stdout } = await world.flagops('drift', '--format', 'json');
    expect(short(JSON.parse(stdout) as PlanOutput)).toEqual(['update theme user alice']);
    const text = await world.flagops('drift');
    expect(text.stdout).toContain('declared "light"  live "contrast"  [live moved too');
    expect(text.stdout).toMatch(/\nDrift: 1 override changed elsewhere\.\n$/);
    world.touch('theme', 'bob', 'light');
    expect((await world.flagops('drift')).stdout).toMatch(
      /\nDrift: 2 overrides changed elsewhere\. To restore 1 of them: flagops apply --only drift\n$/,
    );
  },
);

it.concurrent('drift is reported even if guards refuse or the scope is paused', async () => {
  const world = await moved({ drift: 'report', limits: { changes: 0 }, protect: { flags: ['theme'] } });
  const { code, stdout } = await world.flagops('drift');
  expect(code).toBe(2);
  expect(stdout).toContain('not applied: drift is only reported here');
  expect(stdout).not.toContain('refused');
});

it.concurrent('drift with a filter ignores everything else', async () => {
  const world = await moved();
  const bob = await world.flagops('drift', '--context', 'bob', '--format', 'json');
  expect(bob.code).toBe(2);
  expect(short(JSON.parse(bob.stdout) as PlanOutput)).toEqual(['add theme user bob']);
  expect((await world.flagops('drift', '--flag', 'checkout-*')).code).toBe(0);
});

it.concurrent('drift without a token that can read fails with one line', async () => {
  const world = await moved();
  const without = await world.run(['drift'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: undefined } });
  expect(without).toMatchObject({ code: 1, stdout: '' });
  expect(without.stderr).toContain('LAUNCHDARKLY_ACCESS_TOKEN is not set');
  const reader = await world.run(['drift'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } });
  expect(reader.code).toBe(2);
});

describe('--only drift', () => {
  it.concurrent(
    'apply --only drift repairs what moved, ships nothing pending and records nothing',
    async () => {
      const world = await moved();
      const before = world.ref();
      const plan = await world.plan('--only', 'drift');
      expect(short(plan)).toEqual(HERE);
      expect(plan.filtered).toBe(2);
      const run = await world.apply('--only', 'drift', '--expect', plan.fingerprint);
      expect(run.stdout).toContain('Applied 2 of 2 changes; the filters leave out 2 changes.');
      const live = (key: string): unknown => world.live('theme', key);
      expect(['alice', 'bob', 'carol', 'dana', 'stranger'].map(live)).toEqual([
        'dark',
        'dark',
        'dark',
        undefined,
        'dark',
      ]);
      expect(world.ref()).toBe(before);
      expect((await world.plan('--only', 'drift')).run.stdout).toContain('"changes": []');
      expect(short(await world.plan())).toEqual(['remove theme user carol', 'add theme user dana']);
    },
  );

  it.concurrent('an override that changed on both sides is not repaired with --only drift', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(APPLIED) } });
    world.applied(APPLIED);
    world.repo.commit('Light for Bob', { [FILE]: overrides({ ...APPLIED, bob: { theme: 'light' } }) });
    world.touch('theme', 'bob', 'contrast');
    const run = await world.apply('--only', 'drift');
    expect(run.stdout).toBe('Nothing to apply: the filters leave out 1 change.\n');
    expect(world.writes).toEqual([]);
  });

  it.concurrent(
    'guards check the whole scope with --only drift, and accept lifts them for its plan',
    async () => {
      const world = await moved({ limits: { changes: 3 } });
      const refused = await world.flagops('apply', '--yes', '--only', 'drift');
      expect(refused.code).toBe(4);
      expect(refused.stdout).toContain('4 changes');
      const { fingerprint } = await world.plan('--only', 'drift');
      world.repo.commit('Accept', {
        'flagops.yaml': config({ accept: [fingerprint] }, { limits: { changes: 3 } }),
      });
      expect((await world.flagops('plan')).code).toBe(4);
      await world.apply('--only', 'drift');
      expect(world.live('theme', 'alice')).toBe('dark');
      expect(world.live('theme', 'dana')).toBeUndefined();
    },
  );

  it.concurrent('--only drift leaves alone what drift: report only reports', async () => {
    const world = await moved({ drift: 'report' });
    const run = await world.flagops('apply', '--yes', '--only', 'drift');
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('not applied: drift is only reported here');
    expect(world.writes).toEqual([]);
  });

  it.concurrent('a policy that waits to be applied removes nothing with --only drift', async () => {
    const world = await moved();
    world.repo.commit('Decide about everything', { 'flagops.yaml': config({}, { prune: 'environment' }) });
    expect(short(await world.plan())).toContain('remove theme user stranger');
    expect(short(await world.plan('--only', 'drift'))).toEqual(HERE);
    expect((await world.flagops('drift')).stdout).toContain(
      'Drift: 2 overrides changed elsewhere. To restore what',
    );
    world.repo.git('update-ref', world.refName('production'), 'HEAD');
    expect(short(await world.plan('--only', 'drift'))).toContain('remove theme user stranger');
    expect((await world.flagops('drift')).stdout).toContain('user stranger');
  });

  it.concurrent.each(['is being applied', 'was applied'])(
    '--only drift writes nothing if a newer commit %s while it plans',
    async (state) => {
      let whenAsked = (): void => undefined;
      const now = (): number => {
        whenAsked();
        return Date.now();
      };
      const world = await startWorld({
        files: { [FILE]: overrides(APPLIED) },
        simulator: { clock: { now } },
      });
      world.applied(APPLIED);
      const older = world.repo.head;
      const { carol: _, ...rest } = APPLIED;
      const newer = world.repo.commit('Carol is done', { [FILE]: overrides(rest) });
      await world.apply('--no-record');
      const [attempt = ''] = world.attempts();
      const tag = world.repo.git('rev-parse', attempt);
      world.repo.git('update-ref', '-d', attempt);
      world.repo.git('checkout', '--quiet', '--detach', older);
      whenAsked = () => {
        if (!world.simulator.requests.some(({ path }) => path.includes('/auditlog'))) return;
        whenAsked = () => undefined;
        if (state === 'was applied') world.repo.git('update-ref', world.refName('production'), newer);
        else world.repo.git('update-ref', attempt, tag);
      };
      const writes = world.writes.length;
      const run = await world.flagops('apply', '--yes', '--only', 'drift');
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`${newer.slice(0, 12)}) ${state}`);
      expect(world.writes).toHaveLength(writes);
      expect(world.live('theme', 'carol')).toBeUndefined();
    },
  );

  it.concurrent('the attempts of repairs do not pile up', async () => {
    const world = await moved();
    for (const value of ['light', 'contrast', 'light']) {
      world.touch('theme', 'alice', value);
      await world.apply('--only', 'drift');
      world.expireAttempts();
    }
    expect(world.attempts()).toHaveLength(1);
  });

  it.concurrent('an override that had expired and is declared with a later date is not shipped', async () => {
    const until = (expires: string): Record<string, string> => ({
      [FILE]: overrides(APPLIED),
      'overrides/b.yaml': overrides({ eve: { theme: 'dark' } }, { expires }),
    });
    const world = await startWorld({ files: until('2020-01-01') });
    world.applied(APPLIED);
    world.repo.commit('Eve may have it again', until('2099-01-01'));
    expect(short(await world.plan('--only', 'drift'))).toEqual([]);
    expect((await world.flagops('drift')).code).toBe(0);
    expect((await world.plan()).changes.map(({ mark }) => mark)).toEqual(['pending']);
  });

  it.concurrent('a context whose only declaration was left alone makes nothing drift', async () => {
    const world = await startWorld({
      files: {
        [FILE]: overrides({ alice: { 'checkout-v2': true } }, { manage: 'none' }),
        'flagops.yaml': config({}, { prune: 'contexts' }),
      },
    });
    world.applied({});
    world.touch('theme', 'alice', 'light');
    expect(short(await world.plan())).toEqual([]);
    world.repo.commit('Manage Alice', { [FILE]: overrides({ alice: { 'checkout-v2': true } }) });
    expect(short(await world.plan())).toContain('remove theme user alice');
    expect(short(await world.plan('--only', 'drift'))).toEqual([]);
  });

  it.concurrent('--only drift does not undo what an apply of a newer commit is doing', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(APPLIED) } });
    world.applied(APPLIED);
    const older = world.repo.head;
    const { carol: _, ...rest } = APPLIED;
    world.repo.commit('Carol is done', { [FILE]: overrides(rest) });
    // It has written, and has not recorded that yet.
    await world.apply('--no-record');
    world.repo.git('checkout', '--quiet', '--detach', older);
    const writes = world.writes.length;
    const run = await world.flagops('apply', '--yes', '--only', 'drift');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /error: a newer commit \([0-9a-f]{12}\) is being applied to storefront\/production/,
    );
    expect(world.writes).toHaveLength(writes);

    world.expireAttempts();
    expect((await world.flagops('plan', '--only', 'drift')).code).toBe(0);
  });
});
