import { describe, expect, it } from 'vitest';
import { NODE_24, pullRequest } from '../support/action.js';
import { ExampleWorkflow } from '../support/example-workflow.js';

const STOREFRONT = new ExampleWorkflow('storefront');
const ENVIRONMENTS = new ExampleWorkflow('environments');

describe.skipIf(NODE_24 === undefined)('the workflow that users copy', () => {
  it('the example workflow plans, applies and finds drift with the tokens and permissions that it grants', async () => {
    const job = await STOREFRONT.start();
    const planned = await STOREFRONT.run(job, 'plan', {
      event: 'pull_request',
      payload: pullRequest(7),
      ref: 'refs/pull/7/merge',
    });
    expect(planned.annotations).toEqual([]);
    expect(Number(planned.outputs['adds'])).toBeGreaterThan(10);
    expect(job.github.comments.get(7)).toHaveLength(1);
    expect(job.world.writes).toEqual([]);
    expect(
      (
        await STOREFRONT.run(job, 'plan', {
          event: 'merge_group',
          ref: 'refs/heads/gh-readonly-queue/main/pr-7',
        })
      ).code,
    ).toBe(0);

    const applied = await STOREFRONT.run(job, 'apply', { event: 'push' });
    expect(applied.annotations).toEqual([]);
    expect(applied.outputs['applied']).toBe(planned.outputs['adds']);
    for (const environment of ['production', 'staging'])
      expect(job.world.ref(environment)).toBe(job.world.repo.head);
    const again = await STOREFRONT.run(job, 'apply', { event: 'workflow_dispatch' });
    expect(again.outputs).toMatchObject({ 'has-changes': 'false', 'exit-code': '0' });

    job.world.touch('theme', 'alice@example.com', 'light');
    const drifted = await STOREFRONT.run(job, 'drift', { event: 'schedule' });
    expect(drifted.annotations).toEqual([]);
    expect(drifted.outputs).toMatchObject({ 'has-changes': 'true', updates: '1' });
    expect(job.github.issues).toHaveLength(1);
  });

  it('the example workflow only validates for a fork, without secrets and with a read-only token', async () => {
    const job = await STOREFRONT.start();
    job.github.denied = /^(?!GET)/;
    const fork = { event: 'pull_request', payload: pullRequest(7, { fork: true }), ref: 'refs/pull/7/merge' };
    const validated = await job.run({ ...fork, inputs: { 'access-token': '' } });
    expect(validated.code).toBe(0);
    expect(validated.annotations).toEqual([
      expect.stringMatching(/^notice .*no secrets to pull requests from forks/),
    ]);
    expect(job.world.simulator.requests).toEqual([]);
  });
});

describe.skipIf(NODE_24 === undefined)('the workflow with one token for each environment', () => {
  it('each job applies and records its environment, and sends no request about another', async () => {
    const job = await ENVIRONMENTS.start();
    for (const environment of ['staging', 'production']) {
      const others = ['staging', 'production'].filter((other) => other !== environment);
      job.world.simulator.forgetRequests();
      const applied = await ENVIRONMENTS.run(job, `apply-${environment}`, { event: 'push' });
      expect(applied.annotations).toEqual([]);
      expect(applied.outputs).toMatchObject({ 'has-changes': 'true', 'exit-code': '0' });
      expect(job.world.ref(environment)).toBe(job.world.repo.head);
      const paths = job.world.simulator.requests.map(({ path }) => path);
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) for (const other of others) expect(path).not.toContain(other);
    }
    const planned = await ENVIRONMENTS.run(job, 'plan', { event: 'merge_group' });
    expect(planned.outputs).toMatchObject({ 'has-changes': 'false', 'exit-code': '0' });
  });
});
