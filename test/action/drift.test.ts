import { describe, expect, it } from 'vitest';
import { type Job, startJob, type StepRun } from '../support/action.js';
import { STRANGER } from '../support/github.js';
import { overrides } from '../support/world.js';

const FILES = {
  'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'dark' } }),
};

const look = (job: Job): Promise<StepRun> => job.run({ event: 'schedule' });
const open = (job: Job): string[] =>
  job.github.issues.filter(({ state }) => state === 'open').map(({ title }) => title);

describe('the issue about drift', () => {
  it('is opened once, kept up to date, and closed when the drift is gone', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    expect((await look(job)).outputs).toMatchObject({ 'has-changes': 'false', 'exit-code': '0' });
    expect(job.github.issues).toEqual([]);

    job.world.touch('checkout-v2', 'alice', false);
    const run = await look(job);
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ 'has-changes': 'true', updates: '1', 'exit-code': '2' });
    expect(open(job)).toEqual(['Drift in storefront/production: LaunchDarkly is not what was last applied']);

    job.world.touch('theme', 'bob', undefined);
    await look(job);
    await look(job);
    expect(open(job)).toHaveLength(1);
    expect(job.github.issues[0]?.body).toContain('drift in 2 overrides');
    expect(job.github.writes).toHaveLength(2);

    await job.world.apply();
    await look(job);
    expect(open(job)).toEqual([]);
    expect(job.github.issues[0]).toMatchObject({ state: 'closed' });
    expect(job.github.issues[0]?.body).toContain('no drift');

    job.world.touch('theme', 'bob', 'light');
    await look(job);
    expect(open(job)).toHaveLength(1);
    expect(job.github.issues).toHaveLength(2);
  });

  it('says nothing about what waits to be applied', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.repo.commit('Not yet', {
      'overrides/production.yaml': overrides({ alice: { 'checkout-v2': false } }),
    });
    const run = await look(job);
    expect(run.outputs['has-changes']).toBe('false');
    expect(job.github.issues).toEqual([]);
  });

  it('is found among others: on a later page, no pull request, and not by a stranger', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    await look(job);
    const ours = job.github.issues[0];
    for (let index = 0; index < 4; index += 1) job.github.addIssue('Another', 'one');
    job.github.addIssue('Copied', ours?.body ?? '', { author: STRANGER });
    job.github.addIssue('Pulled', ours?.body ?? '', { isPullRequest: true });
    job.github.pageSize = 2;
    job.world.touch('theme', 'bob', undefined);
    await look(job);
    expect(ours?.body).toContain('drift in 2 overrides');
    expect(job.github.issues).toHaveLength(7);
  });

  it('ends with 2 where no issue can say it', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    job.github.denied = /POST/;
    const run = await look(job);
    expect(run.code).toBe(2);
    expect(run.annotations.join()).toContain('permissions: issues: write');
    const quiet = await job.run({ event: 'schedule', inputs: { comment: 'false' } });
    expect(quiet.code).toBe(2);
  });

  it('stays open where nobody can tell whether the drift is gone', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    await look(job);
    // As in a fresh checkout whose remote does not answer.
    job.world.repo.git('update-ref', '-d', job.world.refName('production'));
    job.world.repo.git('remote', 'add', 'origin', '/no/where');
    const run = await look(job);
    expect(run.code).toBe(0);
    expect(run.annotations.join()).toContain('could not be fetched');
    expect(open(job)).toHaveLength(1);
  });

  it('is left alone by a run of another branch', async () => {
    const job = await startJob({ files: FILES });
    await job.world.apply();
    job.world.touch('checkout-v2', 'alice', false);
    const drift = { event: 'workflow_dispatch', inputs: { command: 'drift' } };
    const topic = await job.run({ ...drift, ref: 'refs/heads/topic' });
    expect(topic.code).toBe(2);
    expect(open(job)).toEqual([]);
    expect((await job.run(drift)).code).toBe(0);
    expect(open(job)).toHaveLength(1);
  });
});
