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

describe('the check that the checked-out commit is the tip of the branch', () => {
  it('an apply checks the tip again before it writes, since others may push while it plans', async () => {
    const job = await startJob({ files: ALICE });
    job.github.before = async () => {
      // The branch moves after the first check.
      if (job.github.arrived === 2) job.github.tips.set('main', NEWER);
    };
    const run = await push(job);
    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([
      expect.stringMatching(/^notice .*nothing was applied: main is at ffffffffffff/),
    ]);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '0' });
    expect(run.summary).toContain('out of date');
    expect(job.world.writes).toEqual([]);
    expect(job.world.ref()).toBeUndefined();
  });

  it('an apply checks the tip again before it records a plan without changes', async () => {
    const job = await startJob({ files: ALICE });
    job.world.touch('checkout-v2', 'alice', true);
    job.github.before = async () => {
      if (job.github.arrived === 2) job.github.tips.set('main', NEWER);
    };
    expect((await push(job)).annotations.join()).toContain('nothing was applied');
    expect(job.world.ref()).toBeUndefined();
  });

  it('an apply writes nothing if GitHub does not return the tip the second time', async () => {
    const job = await startJob({ files: ALICE });
    job.github.before = async () => {
      if (job.github.arrived === 2) job.github.denied = /git\/ref/;
    };
    const run = await push(job);
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('GitHub did not return the tip of main');
    expect(job.world.writes).toEqual([]);
  });

  it('an apply checks the repository that contains the declarations', async () => {
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
    const pulledTip = await push(job, { config: 'pulled/flagops.yaml' });
    expect(pulledTip.outputs['applied']).toBe('1');
  });

  it('an apply refuses files that are not from a commit', async () => {
    const job = await startJob({ files: ALICE });
    const folder = temporaryFolder();
    new TestRepository(folder).write(MALLORY);
    const run = await job.run({ event: 'push', folder });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('cannot tell which commit of main');
    const empty = await job.run({ event: 'push', folder: createRepository().path });
    expect(empty.code).toBe(1);
    expect(job.world.simulator.requests).toEqual([]);
  });

  it.each([
    ['workflow_run', 'refs/heads/main'],
    ['issue_comment', 'refs/heads/main'],
    ['repository_dispatch', 'refs/heads/main'],
  ])('an apply refuses the commit of a pull request on %s', async (event, ref) => {
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
  ])(
    'an apply is refused on %s of %j with %j before GitHub is asked for the tip',
    async (event, ref, inputs) => {
      const job = await startJob({ files: ALICE });
      const run = await job.run({ event, ref, inputs: { command: 'apply', ...inputs } });
      expect(run.code).toBe(1);
      expect(run.annotations.join()).toContain('apply runs only on ');
      expect(job.github.requests).toEqual([]);
      expect(job.world.simulator.requests).toEqual([]);
    },
  );

  it('an apply fails if the branch was deleted', async () => {
    const job = await startJob({ files: ALICE });
    job.github.tips.delete('main');
    const run = await push(job);
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('GitHub did not return the tip of main: GitHub answered 404');
    expect(job.world.simulator.requests).toEqual([]);
  });
});
