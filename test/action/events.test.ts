import { describe, expect, it } from 'vitest';
import { NODE_24, pullRequest, startJob } from '../support/action.js';
import { overrides } from '../support/world.js';

const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };

describe.skipIf(NODE_24 === undefined)('the Action on events', () => {
  it('the Action plans a pull request and comments on it', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' });

    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ 'has-changes': 'true', adds: '1', applied: '0', 'exit-code': '0' });
    const [comment] = job.github.comments.get(7) ?? [];
    expect(comment?.body).toContain(
      '### flagops: merging will change 1 override for 1 user in storefront/production\n\n➕ 1 to add\n',
    );
    expect(comment?.body).toContain(`fingerprint \`${run.outputs['fingerprint']}\``);
    expect(job.world.writes).toEqual([]);
  });

  it('the Action applies a push to the default branch and records the applied commit', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push' });

    expect(run.log).toContain('Applied 1 of 1 change');
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ applied: '1', failed: '0', 'exit-code': '0' });
    expect(job.world.live('checkout-v2', 'alice')).toBe(true);
    expect(job.world.ref()).toBe(job.world.repo.head);
    expect(run.summary).toContain('### flagops: applied 1 of 1 change\n');
  });

  it('the Action only plans on a push to another branch, in a merge queue or if started by hand', async () => {
    const job = await startJob({ files: FILES });
    const runs = [
      await job.run({ event: 'push', ref: 'refs/heads/feature' }),
      await job.run({ event: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7' }),
      await job.run({ event: 'workflow_dispatch' }),
    ];
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ outputs }) => outputs['has-changes'])).toEqual(['true', 'true', 'true']);
    expect(job.world.writes).toEqual([]);
    expect(job.github.writes).toEqual([]);
  });

  it('the Action applies if started by hand with command apply on the default branch', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'workflow_dispatch', inputs: { command: 'apply' } });
    expect(run.code).toBe(0);
    expect(job.world.live('checkout-v2', 'alice')).toBe(true);
  });

  it.each([
    ['pull_request', 'refs/pull/7/merge', pullRequest(7), 'apply does not run on pull_request events'],
    [
      'pull_request_target',
      'refs/heads/main',
      pullRequest(7),
      'apply does not run on pull_request_target events',
    ],
    ['merge_group', 'refs/heads/main', undefined, 'apply does not run on merge_group events'],
    ['push', 'refs/heads/feature', undefined, 'apply runs only on main, and this is refs/heads/feature'],
    ['push', 'refs/tags/main', undefined, 'apply runs only on main, and this is refs/tags/main'],
  ])('the Action refuses to apply on %s of %s', async (event, ref, payload, message) => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event, ref, inputs: { command: 'apply' }, ...(payload && { payload }) });

    expect(run.code).toBe(1);
    expect(run.annotations.join('\n')).toContain(message);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '1' });
    expect(job.world.simulator.requests).toEqual([]);
  });

  it('the Action applies another branch if the workflow names it', async () => {
    const job = await startJob({ files: FILES });
    job.github.tips.set('release/2', job.world.repo.head);
    const inputs = { 'apply-branch': 'release/2' };
    const release = await job.run({ event: 'push', ref: 'refs/heads/release/2', inputs });
    expect(release.outputs['applied']).toBe('1');
    const main = await job.run({ event: 'push', ref: 'refs/heads/main', inputs });
    expect(main.log).toContain('plan on push');
  });

  it('the Action leaves applying to the run for the newer commit', async () => {
    const job = await startJob({ files: FILES });
    job.github.tips.set('main', 'f'.repeat(40));
    const run = await job.run({ event: 'push' });

    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '0' });
    expect(run.annotations).toEqual([
      expect.stringMatching(/^notice .*nothing was applied: main is at ffffffffffff/),
    ]);
    expect(job.world.simulator.requests).toEqual([]);
  });

  it('the Action applies nothing if GitHub does not return the tip of the branch', async () => {
    const job = await startJob({ files: FILES });
    job.github.denied = /git\/ref/;
    const run = await job.run({ event: 'push' });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('the job needs permissions: contents: read');
    const without = await job.run({ event: 'push', inputs: { 'github-token': undefined } });
    expect(without.code).toBe(1);
    expect(job.world.writes).toEqual([]);
  });

  it('the Action retries after a rate limit and after a broken connection', async () => {
    const job = await startJob({ files: FILES });
    const limited = { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '0' } };
    job.github.interruptions.push({ answer: limited });
    const applied = await job.run({ event: 'push' });
    expect(applied.outputs['applied']).toBe('1');
    // An apply asks for the tip of the branch when it begins, and again before it writes.
    expect(job.github.requests.map(({ status }) => status)).toEqual([429, 200, 200]);

    job.world.touch('checkout-v2', 'alice', undefined);
    job.github.interruptions.push({ answer: { status: 200, body: [] } }, { done: true });
    const planned = await job.run({
      event: 'pull_request',
      payload: pullRequest(7),
      ref: 'refs/pull/7/merge',
    });
    expect(planned.annotations).toEqual([]);
    expect(job.github.comments.get(7)).toHaveLength(1);
  });

  it('the Action only validates the pull request of a fork, which has no secrets, and reports why', async () => {
    const job = await startJob({ files: FILES });
    const fork = { event: 'pull_request', payload: pullRequest(7, { fork: true }), ref: 'refs/pull/7/merge' };
    const run = await job.run({ ...fork, inputs: { 'access-token': '' } });

    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([
      expect.stringMatching(/^notice .*GitHub gives no secrets to pull requests from forks/),
    ]);
    expect(run.summary).toContain('GitHub gives no secrets');
    expect(job.world.simulator.requests).toEqual([]);
    expect(job.github.writes).toEqual([]);

    job.world.repo.write({ 'overrides/production.yaml': 'project: storefront\n' });
    const invalid = await job.run({ ...fork, inputs: { 'access-token': '' } });
    expect(invalid.code).toBe(1);
  });

  it('the Action fails if the LaunchDarkly token is missing for another reason', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({
      event: 'pull_request',
      payload: pullRequest(7),
      inputs: { 'access-token': '' },
    });
    expect(run.code).toBe(1);
    expect(run.annotations).toEqual([
      expect.stringMatching(/^error .*the input access-token is empty \(the secret/),
    ]);
    expect(run.summary).toContain('access-token is empty');
  });
});
