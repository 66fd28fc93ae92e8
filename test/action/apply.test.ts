import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pullRequest, startJob } from '../support/action.js';
import { config, overrides } from '../support/world.js';

const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };
const CAREFUL = { 'flagops.yaml': config({}, { limits: { changes: 1 } }) };
const TWO = {
  'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'dark' } }),
};

describe('the Action and the command line', () => {
  it('the Action and the command line make the same plan', async () => {
    const job = await startJob({ files: TWO });
    job.world.touch('theme', 'bob', 'light');
    const run = await job.run({ event: 'workflow_dispatch', inputs: { 'plan-file': 'plan.json' } });
    const byCli = await job.world.flagops('plan', '--format', 'json');

    expect(JSON.parse(readFileSync(`${job.world.repo.path}/plan.json`, 'utf8'))).toEqual(
      JSON.parse(byCli.stdout),
    );
    expect(run.outputs['plan-file']).toBe(`${job.world.repo.path}/plan.json`);
    const byText = await job.world.flagops('plan');
    // The log of a job has no next step: what to do is in the comment.
    expect(run.log).toContain(byText.stdout.replace(/Next: .*\n$/, ''));
    expect(run.log).not.toContain('Next: ');
  });

  it('the Action and the command line return the same exit code if a guard refuses', async () => {
    const job = await startJob({ files: { ...TWO, ...CAREFUL } });
    const run = await job.run({ event: 'push' });
    const byCli = await job.world.flagops('apply', '--yes');
    expect([run.code, byCli.code]).toEqual([4, 4]);
    expect(run.outputs).toMatchObject({ 'exit-code': '4', applied: '0' });
    expect(run.annotations).toEqual([
      expect.stringContaining('refused: storefront/production: 2 changes, limit 1'),
    ]);
    expect(run.summary).toMatch(
      /^### 🛑 flagops: refused, nothing was applied\n\nIt would have changed 2 overrides for 2 users in storefront\/production: ➕ 2 to add\.\n/,
    );
    expect(job.world.writes).toEqual([]);
  });
});

describe('a refused plan', () => {
  it('a refused plan, and only that one, can be accepted with the line in the comment', async () => {
    const job = await startJob({ files: { ...TWO, ...CAREFUL } });
    const review = { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' };
    const refused = await job.run(review);
    expect(refused.code).toBe(4);
    const line = /^accept: \["[0-9a-f]{64}"\]$/m.exec(job.github.comments.get(7)?.[0]?.body ?? '')?.[0];
    expect(line).toContain(refused.outputs['fingerprint']);

    job.world.repo.commit('Accept it', { 'flagops.yaml': `${CAREFUL['flagops.yaml']}${line}\n` });
    const accepted = await job.run(review);
    expect(accepted.code).toBe(0);
    expect(job.github.comments.get(7)?.[0]?.body).toContain('Lifted: ');

    job.world.touch('theme', 'bob', 'light');
    expect((await job.run(review)).code).toBe(4);
    job.world.touch('theme', 'bob', undefined);

    job.github.tips.set('main', job.world.repo.head);
    const applied = await job.run({ event: 'push' });
    expect(applied.code).toBe(0);
    expect(applied.outputs['applied']).toBe('2');
  });

  it('a plan with protected overrides cannot be accepted', async () => {
    const job = await startJob({
      files: { ...FILES, 'flagops.yaml': config({}, { protect: { flags: ['checkout-*'] } }) },
    });
    const review = { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' };
    const refused = await job.run(review);
    expect(job.github.comments.get(7)?.[0]?.body).not.toContain('accept:');
    job.world.repo.commit('Accept it', {
      'flagops.yaml': config(
        { accept: [refused.outputs['fingerprint'] ?? ''] },
        { protect: { flags: ['checkout-*'] } },
      ),
    });
    expect((await job.run({ ...review, inputs: { force: 'true' } })).code).toBe(4);
  });
});

describe('the inputs of an apply', () => {
  it('expect limits an apply to the plan with that fingerprint', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push', inputs: { expect: '0'.repeat(64) } });
    expect(run.code).toBe(4);
    const again = await job.run({ event: 'push', inputs: { expect: run.outputs['fingerprint'] } });
    expect(again.outputs['applied']).toBe('1');
  });

  it('no-removals, force and record-applied work as on the command line', async () => {
    const job = await startJob({ files: { ...TWO, ...CAREFUL } });
    const forced = await job.run({ event: 'push', inputs: { force: 'true', 'record-applied': 'false' } });
    expect(forced.outputs['applied']).toBe('2');
    expect(job.world.ref()).toBeUndefined();

    job.world.repo.commit('Bob is done', FILES);
    job.github.tips.set('main', job.world.repo.head);
    const withoutRemovals = await job.run({ event: 'push', inputs: { 'no-removals': 'true' } });
    expect(withoutRemovals.outputs).toMatchObject({ removals: '1', applied: '0' });
    expect(job.world.live('theme', 'bob')).toBe('dark');
  });

  it('invalid inputs are refused', async () => {
    const job = await startJob({ files: FILES });
    const wrong = await job.run({ event: 'push', inputs: { force: 'yes' } });
    expect(wrong.code).toBe(1);
    expect(wrong.annotations).toEqual([expect.stringContaining('force must be true or false, not yes')]);
    const unknown = await job.run({ event: 'push', inputs: { command: 'destroy' } });
    expect(unknown.annotations).toEqual([
      expect.stringContaining('one of validate, plan, apply, drift, not destroy'),
    ]);
  });

  it('failed changes are in outputs, annotations and summary', async () => {
    const job = await startJob({ files: TWO });
    const run = await job.run({ event: 'push', inputs: { 'access-token': 'api-reader' } });
    expect(run.code).toBe(1);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '1' });
    expect(run.outputs['failed']).toBe('2');
    const denied = (flag: string): string =>
      `failed: ${flag} in storefront/production: 1 change denied (403 forbidden: Access to the requested resource was denied): the token needs updateTargets on proj/storefront:env/production:flag/${flag}`;
    expect(run.annotations).toEqual(
      ['checkout-v2', 'theme'].map((flag) => `error title=flagops::${denied(flag)}`),
    );
    expect(run.summary).toContain('- failed: <code>theme</code> in storefront/production: 1 change denied');
  });
});
