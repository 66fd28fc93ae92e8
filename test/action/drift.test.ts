import { describe, expect, it } from 'vitest';
import { type Job, startJob, type StepRun } from '../support/action.js';
import { STRANGER } from '../support/github.js';
import { overrides } from '../support/world.js';

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
