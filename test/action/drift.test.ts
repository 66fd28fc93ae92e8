import { describe, expect, it } from 'vitest';
import { type Job, startJob, type StepRun } from '../support/action.js';
import { STRANGER } from '../support/github.js';
import { config, overrides } from '../support/world.js';

const FILES = {
  'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'dark' } }),
};

const runDrift = (job: Job): Promise<StepRun> => job.run({ event: 'schedule' });
const openIssues = (job: Job): string[] =>
  job.github.issues.filter(({ state }) => state === 'open').map(({ title }) => title);

describe('the issue about drift', () => {
  it('one issue about drift is opened, updated, and closed when the drift is gone', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    expect((await runDrift(job)).outputs).toMatchObject({ 'has-changes': 'false', 'exit-code': '0' });
    expect(job.github.issues).toEqual([]);

    job.world.touch('checkout-v2', 'alice', false);
    const run = await runDrift(job);
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ 'has-changes': 'true', updates: '1', 'exit-code': '2' });
    expect(openIssues(job)).toEqual([
      'Drift in storefront/production: LaunchDarkly differs from what was last applied',
    ]);

    job.world.touch('theme', 'bob', undefined);
    await runDrift(job);
    await runDrift(job);
    expect(openIssues(job)).toHaveLength(1);
    expect(job.github.issues[0]?.body).toContain('drift in 2 overrides');
    expect(job.github.issues[0]?.body).toMatch(/changed by A Member, /i);
    expect(job.github.issues[0]?.body).toContain(
      'Changed in LaunchDarkly since the last apply. To restore what was applied, run `flagops apply --only drift`.',
    );
    expect(job.github.writes).toHaveLength(2);

    await job.world.apply();
    await runDrift(job);
    expect(openIssues(job)).toEqual([]);
    expect(job.github.issues[0]).toMatchObject({ state: 'closed' });
    expect(job.github.issues[0]?.body).toContain('no drift');

    job.world.touch('theme', 'bob', 'light');
    await runDrift(job);
    expect(openIssues(job)).toHaveLength(1);
    expect(job.github.issues).toHaveLength(2);
  });

  it('pending changes open no issue about drift', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.repo.commit('Not yet', {
      'overrides/production.yaml': overrides({ alice: { 'checkout-v2': false } }),
    });
    const run = await runDrift(job);
    expect(run.outputs['has-changes']).toBe('false');
    expect(job.github.issues).toEqual([]);
  });

  it('the issue about drift is found on a later page; pull requests and copies by others are ignored', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    await runDrift(job);
    const ours = job.github.issues[0];
    for (let index = 0; index < 4; index += 1) job.github.addIssue('Another', 'one');
    job.github.addIssue('Copied', ours?.body ?? '', { author: STRANGER });
    job.github.addIssue('Pulled', ours?.body ?? '', { isPullRequest: true });
    job.github.pageSize = 2;
    job.world.touch('theme', 'bob', undefined);
    await runDrift(job);
    expect(ours?.body).toContain('drift in 2 overrides');
    expect(job.github.issues).toHaveLength(7);
  });

  it('drift fails the job with exit code 2 if no issue can be written', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    job.github.denied = /POST/;
    const run = await runDrift(job);
    expect(run.code).toBe(2);
    expect(run.annotations.join()).toContain('permissions: issues: write');
    const withoutIssue = await job.run({ event: 'schedule', inputs: { comment: 'false' } });
    expect(withoutIssue.code).toBe(2);
  });

  it('the issue about drift stays open if drift is unknown', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    await runDrift(job);
    // As in a fresh checkout whose remote cannot be reached.
    job.world.repo.git('update-ref', '-d', job.world.refName('production'));
    job.world.repo.git('remote', 'add', 'origin', '/no/where');
    const run = await runDrift(job);
    expect(run.code).toBe(0);
    expect(run.annotations.join()).toContain('could not be fetched');
    expect(openIssues(job)).toHaveLength(1);
  });

  it('a run on another branch does not change the issue about drift', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    const drift = { event: 'workflow_dispatch', inputs: { command: 'drift' } };
    const topic = await job.run({ ...drift, ref: 'refs/heads/topic' });
    expect(topic.code).toBe(2);
    expect(openIssues(job)).toEqual([]);
    expect((await job.run(drift)).code).toBe(0);
    expect(openIssues(job)).toHaveLength(1);
  });
});

describe('drift: repair', () => {
  const REPAIR = { event: 'schedule', inputs: { drift: 'repair' } };

  /** Applied; then Alice's flag changed in LaunchDarkly, and a change for Bob is committed and not applied. */
  async function drifted(more: Record<string, string> = {}): Promise<Job> {
    const job = await startJob({ files: { ...FILES, ...more } });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    job.world.repo.commit('Light for Bob, later', {
      'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'light' } }),
    });
    job.github.tips.set('main', job.world.repo.head);
    return job;
  }

  it('drift: repair sets drift back, ships nothing pending and closes the issue', async () => {
    const job = await drifted();
    await runDrift(job);
    expect(openIssues(job)).toHaveLength(1);
    const before = job.world.ref();
    const run = await job.run(REPAIR);
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ applied: '1', updates: '1', 'exit-code': '0' });
    expect(run.summary).toContain('applied 1 of 1 change; the filters leave out 1 change');
    expect([job.world.live('checkout-v2', 'alice'), job.world.live('theme', 'bob')]).toEqual([true, 'dark']);
    expect(job.world.ref()).toBe(before);
    expect(openIssues(job)).toEqual([]);
    const again = await job.run(REPAIR);
    expect(again.outputs).toMatchObject({ 'has-changes': 'false', applied: '0', 'exit-code': '0' });
    expect(job.world.writes).toHaveLength(3);
  });

  it('drift: repair keeps the issue for what changed on both sides, and writes nothing for it', async () => {
    const job = await drifted();
    job.world.touch('checkout-v2', 'alice', true);
    job.world.touch('theme', 'bob', 'contrast');
    const writes = job.world.writes.length;
    const run = await job.run(REPAIR);
    expect(run.code).toBe(0);
    expect(job.world.writes).toHaveLength(writes);
    expect(openIssues(job)).toHaveLength(1);
    expect(job.github.issues[0]?.body).toContain('live moved too');
  });

  it('drift: repair that a guard refuses fails the job, and keeps the issue', async () => {
    const protect = config({}, { protect: { flags: ['checkout-*'] } });
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    job.world.repo.commit('Protect it', { 'flagops.yaml': protect });
    job.github.tips.set('main', job.world.repo.head);
    const run = await job.run(REPAIR);
    expect(run.code).toBe(4);
    expect(run.annotations.join()).toContain('protected');
    expect(job.world.live('checkout-v2', 'alice')).toBe(false);
    expect(openIssues(job)).toHaveLength(1);
  });

  it('drift: repair that fails to write fails the job, and the issue shows what is left', async () => {
    const job = await drifted();
    const run = await job.run({ ...REPAIR, inputs: { ...REPAIR.inputs, 'access-token': 'api-reader' } });
    expect(run.code).toBe(1);
    expect(run.outputs).toMatchObject({ failed: '1', 'exit-code': '1' });
    expect(openIssues(job)).toHaveLength(1);
  });

  it('drift: repair changes nothing from a commit that is no longer the newest', async () => {
    const job = await drifted();
    job.github.tips.set('main', '1'.repeat(40));
    const run = await job.run(REPAIR);
    expect(run.code).toBe(0);
    expect(run.annotations.join()).toContain('nothing was applied');
    expect(job.world.live('checkout-v2', 'alice')).toBe(false);
  });

  it.each([
    ['schedule', 'refs/heads/other', 'drift: repair runs only on main'],
    ['pull_request', 'refs/pull/7/merge', 'drift: repair does not run on pull_request events'],
  ])('drift: repair is refused on %s of %s', async (event, ref, message) => {
    const job = await drifted();
    const run = await job.run({ event, ref, inputs: { ...REPAIR.inputs, command: 'drift' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain(message);
    expect(job.world.live('checkout-v2', 'alice')).toBe(false);
  });

  it('drift must be report or repair', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'schedule', inputs: { drift: 'fix' } });
    expect(run.annotations.join()).toContain('the input drift must be report or repair, not fix');
  });
});
