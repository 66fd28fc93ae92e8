import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { overrides, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';

it.concurrent('--expect applies only the plan with that fingerprint, in upper or lower case', async () => {
  const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  const { fingerprint } = await world.plan();
  world.touch('theme', 'alice', 'contrast');
  const refused = await world.flagops('apply', '--yes', '--force', '--expect', fingerprint);
  expect(refused.code).toBe(4);
  expect(refused.stdout).toMatch(
    /refused: the plan has the fingerprint [0-9a-f]{64}, but [0-9a-f]{64} was expected/,
  );
  expect(world.writes).toEqual([]);
  world.touch('theme', 'alice', undefined);
  await world.apply('--expect', fingerprint.toUpperCase());
  expect(world.live('theme', 'alice')).toBe('dark');
});

it.concurrent('--plan accepts what is left of the changes in the file and refuses all others', async () => {
  const world = await startWorld({
    files: { [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }) },
  });
  await world.flagops('plan', '--format', 'json', '--out', 'plan.json');
  // The state after an apply of that plan that was interrupted after Alice.
  world.touch('theme', 'alice', 'dark');
  world.touch('banner', 'alice', { show: false });
  const resumed = await world.apply('--plan', 'plan.json');
  expect(resumed.stdout).toContain('Applied 1 of 1 change.');

  world.repo.commit('Carol too', {
    [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' }, carol: { theme: 'dark' } }),
  });
  const refused = await world.flagops('apply', '--yes', '--force', '--plan', 'plan.json');
  expect(refused.code).toBe(4);
  expect(refused.stdout).toContain('refused: add theme for user "carol" is not in the plan file');
  expect(world.live('theme', 'carol')).toBeUndefined();
});

it.concurrent(
  'a plan file that is invalid or from another host is refused before anything is written',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    await world.flagops('plan', '--format', 'json', '--out', 'plan.json');
    world.simulator.forgetRequests();
    const plan = readFileSync(join(world.repo.path, 'plan.json'), 'utf8');
    world.repo.write({
      'cut.json': plan.slice(0, 200),
      'shape.json': '{"format": "flagops-plan/1"}',
      'next.json': plan.replace('flagops-plan/1', 'flagops-plan/2'),
    });
    for (const [file, reason] of [
      ['absent.json', /cannot read the plan absent\.json: ENOENT/],
      ['cut.json', /cannot read the plan cut\.json: it is not JSON/],
      ['shape.json', /shape\.json is not a plan/],
      ['next.json', /next\.json is not a plan/],
    ] as const) {
      const run = await world.flagops('apply', '--yes', '--plan', file);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(reason);
      expect(
        run.stderr
          .trimEnd()
          .split('\n')
          .filter((line) => line.startsWith('error: ')),
      ).toHaveLength(1);
    }
    expect(world.simulator.requests).toEqual([]);
    world.repo.write({ 'elsewhere.json': plan.replace(world.url, 'https://app.launchdarkly.com') });
    const elsewhere = await world.flagops('apply', '--yes', '--plan', 'elsewhere.json');
    expect(elsewhere.code).toBe(4);
    expect(elsewhere.stdout).toContain('is for https://app.launchdarkly.com');
    expect(world.writes).toEqual([]);
  },
);

it.concurrent(
  'uncommitted declarations are refused; --allow-dirty applies them, and they are not owned afterwards',
  async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'dark' } }), '.gitignore': 'overrides/local.yaml\n' },
    });
    world.applied({ alice: { theme: 'dark' } });
    const applied = world.repo.head;
    world.repo.commit('Something else');
    // Other paths do not count; ignored files do.
    world.repo.write({ 'notes.txt': 'x', 'overrides/local.yaml': overrides({ bob: { theme: 'dark' } }) });
    const plan = await world.plan();
    expect(plan.changes[0]?.provenance.type).toBe('uncommitted');
    const refused = await world.flagops('apply', '--yes', '--force');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toContain('refused: overrides/local.yaml is not committed');

    await world.apply('--allow-dirty');
    expect(world.live('theme', 'bob')).toBe('dark');
    expect(world.comments).toEqual(['uncommitted edit']);
    expect(world.ref()).toBe(applied);
    world.repo.write({ 'overrides/local.yaml': null });
    const after = await world.plan();
    expect(after.changes).toEqual([]);
    expect(after.scopes[0]?.unmanaged).toEqual({ theme: 1 });
  },
);
