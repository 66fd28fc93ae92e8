import { describe, expect, it } from 'vitest';
import { NODE_24, pullRequest, startJob } from '../support/action.js';
import { overrides } from '../support/world.js';

const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };

describe.skipIf(NODE_24 === undefined)('the Action under its events', () => {
  it('plans in a pull request, and says so in a comment', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' });

    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ 'has-changes': 'true', adds: '1', applied: '0', 'exit-code': '0' });
    const [comment] = job.github.comments.get(7) ?? [];
    expect(comment?.body).toContain('1 to add, 0 to update, 0 to remove');
    expect(comment?.body).toContain(`<code>${run.outputs['fingerprint']}`.slice(6));
    expect(job.world.writes).toEqual([]);
  });

  it('applies on a push to the default branch', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push' });

    expect(run.log).toContain('Applied 1 of 1 change');
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ applied: '1', failed: '0', 'exit-code': '0' });
    expect(job.world.live('checkout-v2', 'alice')).toBe(true);
    expect(job.world.ref()).toBe(job.world.repo.head);
  });
});
