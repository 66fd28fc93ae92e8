import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Job, startJob, type StepRun } from '../support/action.js';
import { createRepository, temporaryFolder, TestRepository } from '../support/repository.js';
import { overrides } from '../support/world.js';

const ALICE = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };
const MALLORY = { 'overrides/production.yaml': overrides({ mallory: { 'checkout-v2': true } }) };
const NEWER = 'f'.repeat(40);

const push = (job: Job, inputs: Record<string, string> = {}): Promise<StepRun> =>
  job.run({ event: 'push', inputs });

describe('what an apply holds against the tip of the branch', () => {
  it('is asked for again before anything is written: planning takes time, and others push', async () => {
    const job = await startJob({ files: ALICE });
    job.github.before = async () => {
      // The first answer is on its way when the branch moves.
      if (job.github.arrived === 2) job.github.tips.set('main', NEWER);
    };
    const run = await push(job);
    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([
      expect.stringMatching(/^notice .*nothing was applied: main stands at ffffffffffff/),
    ]);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '0' });
    expect(run.summary).toContain('out of date');
    expect(job.world.writes).toEqual([]);
    expect(job.world.ref()).toBeUndefined();
  });

  it('is asked for again where there is nothing to change, and only something to record', async () => {
    const job = await startJob({ files: ALICE });
    job.world.touch('checkout-v2', 'alice', true);
    job.github.before = async () => {
      if (job.github.arrived === 2) job.github.tips.set('main', NEWER);
    };
    expect((await push(job)).annotations.join()).toContain('nothing was applied');
    expect(job.world.ref()).toBeUndefined();
  });

  it('stops what GitHub does not say the second time', async () => {
    const job = await startJob({ files: ALICE });
    job.github.before = async () => {
      if (job.github.arrived === 2) job.github.denied = /git\/ref/;
    };
    const run = await push(job);
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('GitHub does not say where main stands');
    expect(job.world.writes).toEqual([]);
  });

  it('is what the declarations are read from, wherever that was checked out', async () => {
    const job = await startJob({ files: ALICE });
    const { repo } = job.world;
    const pulled = new TestRepository(join(repo.path, 'pulled'));
    repo.git('clone', '--quiet', '.', 'pulled');
    for (const name of ['name', 'email']) pulled.git('config', `user.${name}`, 'mallory@example.com');
    pulled.commit('From a pull request', { ...MALLORY, 'flagops.yaml': 'version: 1\n' });
    const run = await push(job, { config: 'pulled/flagops.yaml' });
    expect(run.annotations.join()).toContain('nothing was applied');
    expect(job.world.simulator.requests).toEqual([]);

    job.github.tips.set('main', pulled.head);
    const there = await push(job, { config: 'pulled/flagops.yaml' });
    expect(there.outputs['applied']).toBe('1');
  });

  it('must be a commit: files that came in some other way are not applied', async () => {
    const job = await startJob({ files: ALICE });
    const folder = temporaryFolder();
    new TestRepository(folder).write(MALLORY);
    const run = await job.run({ event: 'push', folder });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('nobody can tell which commit of main');
    const empty = await job.run({ event: 'push', folder: createRepository().path });
    expect(empty.code).toBe(1);
    expect(job.world.simulator.requests).toEqual([]);
  });

  it.each([
    ['workflow_run', 'refs/heads/main'],
    ['issue_comment', 'refs/heads/main'],
    ['repository_dispatch', 'refs/heads/main'],
  ])('is not what a pull request holds, under %s either', async (event, ref) => {
    const job = await startJob({ files: ALICE });
    job.world.repo.branch('pulled');
    job.world.repo.commit('From a pull request', MALLORY);
    const run = await job.run({ event, ref, inputs: { command: 'apply' } });
    expect(run.annotations.join()).toContain('nothing was applied');
    expect(job.world.simulator.requests).toEqual([]);
  });

  it.each([
    ['release', 'refs/tags/v1', {}],
    ['push', '', {}],
    ['push', 'refs/heads/refs/heads/main', {}],
    ['push', 'refs/heads/main', { 'apply-branch': 'refs/tags/main' }],
    ['push', 'refs/heads/main', { 'apply-branch': 'MAIN' }],
    ['pull_request_review', 'refs/pull/7/merge', {}],
  ])('is not even asked for under %s of %j with %j', async (event, ref, inputs) => {
    const job = await startJob({ files: ALICE });
    const run = await job.run({ event, ref, inputs: { command: 'apply', ...inputs } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('apply runs on ');
    expect(job.github.requests).toEqual([]);
    expect(job.world.simulator.requests).toEqual([]);
  });

  it('is nowhere when the branch was deleted', async () => {
    const job = await startJob({ files: ALICE });
    job.github.tips.delete('main');
    const run = await push(job);
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('GitHub does not say where main stands: GitHub answered 404');
    expect(job.world.simulator.requests).toEqual([]);
  });
});
