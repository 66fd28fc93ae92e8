import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { approvalDescription } from '../../src/reconcile/approvals.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { skippingClock } from '../launchdarkly/server.js';
import { approvalStage } from './approvals-setup.js';
import { change, ends } from './setup.js';

const ALICE_CONTRAST = { kind: 'user', key: 'alice', variation: 2 };

const reasons = async (outcomes: Promise<readonly Outcome[]>): Promise<string[]> => ends(await outcomes);

describe('the answer to the creation of an approval request', () => {
  it.each(['reset-after,once', 'status-after=502,once', 'truncate,once', 'malformed,once'])(
    'is lost (%s): the request is found, and not created again',
    async (fault) => {
      const { named, run, requested, posts } = await approvalStage([`${fault},method=POST`]);
      expect(await reasons(run([named('theme', 'alice', 1)]))).toEqual([
        'approval-required approval-requested',
      ]);
      expect(requested()).toEqual([['alice']]);
      expect(posts()).toHaveLength(1);
    },
  );

  it('is lost before the request takes effect: it is found after a pause', async () => {
    const { named, stage, run, requested, posts } = await approvalStage(['late=1,once,method=POST']);
    const arrived = (): Promise<void> =>
      vi.waitFor(() => expect(stage.simulator.world.approvals.size).toBe(1), { interval: 1 });
    const clock = { ...skippingClock(), sleep: arrived };
    expect(await reasons(run([named('theme', 'alice', 1)], { clock }))).toEqual([
      'approval-required approval-requested',
    ]);
    expect(requested()).toEqual([['alice']]);
    expect(posts()).toHaveLength(1);
  });

  it.each(['reset-before,once', 'status=503,once'])(
    'does not come, and no request is found (%s): it is created',
    async (fault) => {
      const { named, run, requested, posts } = await approvalStage([`${fault},method=POST`]);
      expect(await reasons(run([named('theme', 'alice', 1)]))).toEqual([
        'approval-required approval-requested',
      ]);
      expect(requested()).toEqual([['alice']]);
      expect(posts()).toHaveLength(2);
    },
  );

  it('never comes: the change has failed, may still be requested, and nothing else is sent', async () => {
    const { named, run, posts } = await approvalStage(['status=503,always,method=POST']);
    const changes = [named('theme', 'alice', 1), named('checkout-v2', 'alice', 0)];
    const [first, second] = await run(changes, { concurrency: 1 });
    expect(first).toMatchObject({ status: 'failed', reason: 'request-unconfirmed', unanswered: true });
    expect(second).toMatchObject({ status: 'approval-required', reason: 'approval-required' });
    expect(posts()).toEqual([503, 503, 503, 503]);
  });

  it('is lost, and so is the answer to the look-up: it is not created again in this run', async () => {
    const { named, stage, run, requested, posts } = await approvalStage(['reset-after,once,method=POST']);
    const outcomes = await run([named('theme', 'alice', 1)], {
      // Called after the open requests were listed.
      describe: (group) => {
        stage.simulator.faults.add(parseFault('status=503,always,method=GET,path=*/approval-requests'));
        return { description: approvalDescription(group, 'default', 'Start'), comment: 'Start' };
      },
    });
    expect(outcomes).toMatchObject([{ reason: 'request-unconfirmed', unanswered: true }]);
    expect(requested()).toEqual([['alice']]);
    expect(posts()).toHaveLength(1);
  });

  it('says that there were too many requests: it is sent again', async () => {
    const { named, run, requested } = await approvalStage(['ip-limit=1,once,method=POST']);
    expect(await reasons(run([named('theme', 'alice', 1)]))).toEqual([
      'approval-required approval-requested',
    ]);
    expect(requested()).toEqual([['alice']]);
  });

  it('is a refusal: the change has failed with the action that the token lacks', async () => {
    const { named, run } = await approvalStage([], 'api-denied');
    const [outcome] = await run([named('theme', 'alice', 1)]);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'missing-permission' });
    expect(outcome?.message).toContain(
      'the token needs createApprovalRequest on proj/storefront:env/production:flag/theme',
    );
  });

  it('is a refusal of the instructions: the change has failed with its reason', async () => {
    const { named, stage, run } = await approvalStage();
    const [outcome] = await run([named('theme', 'alice', 1)], {
      // Called after the flag was read.
      describe: (group) => {
        stage.simulator.setTarget('storefront', 'production', 'theme', ALICE_CONTRAST);
        return { description: approvalDescription(group, 'default', 'Start'), comment: 'Start' };
      },
    });
    expect(outcome).toMatchObject({ status: 'failed', reason: 'refused' });
    expect(outcome?.message).toMatch(/^no approval request was created: .*another variation/);
  });

  it('is lost during an interruption: the request is looked up, and not created again', async () => {
    const { named, run, posts } = await approvalStage(['reset-before,once,method=POST']);
    const interruption = new AbortController();
    const outcomes = await run([named('theme', 'alice', 1)], {
      signal: interruption.signal,
      describe: (group) => {
        interruption.abort();
        return { description: approvalDescription(group, 'default', 'Start'), comment: 'Start' };
      },
    });
    expect(outcomes).toMatchObject([{ reason: 'request-unconfirmed', unanswered: true }]);
    expect(posts()).toHaveLength(1);
  });
});

describe('approval requests', () => {
  it('are not created if the open ones cannot be read, since one may already exist', async () => {
    const { named, run, posts } = await approvalStage(['status=404,always,method=GET']);
    const outcomes = await run([named('theme', 'alice', 1)]);
    expect(outcomes).toMatchObject([
      { status: 'failed', message: expect.stringMatching(/^no approval request was created: /) },
    ]);
    expect(posts()).toEqual([]);
  });

  it('are not created after an interruption: the change only requires approval', async () => {
    const { named, run, posts } = await approvalStage();
    const signal = AbortSignal.abort();
    expect(await reasons(run([named('theme', 'alice', 1)], { signal }))).toEqual([
      'approval-required approval-required',
    ]);
    expect(posts()).toEqual([]);
  });

  it('are not created with a token that bypasses approvals, or where they are only reported', async () => {
    const bypassing = await approvalStage([], 'api-bypass');
    expect(await reasons(bypassing.run([bypassing.named('theme', 'alice', 1)]))).toEqual(['applied written']);
    const reporting = await approvalStage();
    const notify = (): undefined => undefined;
    expect(await reasons(reporting.run([reporting.named('theme', 'alice', 1)], { notify }))).toEqual([
      'approval-required approval-required',
    ]);
    expect([bypassing.posts(), reporting.posts()]).toEqual([[], []]);
  });

  it('hold no more context keys than a patch may', async () => {
    const { named, run, requested } = await approvalStage();
    const changes = ['alice', 'bob', 'carol'].map((key) => named('theme', key, 1));
    await run(changes, { values: 2 });
    expect(requested()).toEqual([['alice', 'bob'], ['carol']]);
    await run(changes, { values: 2 });
    expect(requested()).toHaveLength(2);
  });

  it('are not duplicated if more is wanted, or if a filter selects a part', async () => {
    const { named, run, requested } = await approvalStage();
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((key) => named('theme', key, 1));
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('no changes');
    await run([alice, bob]);
    expect(await reasons(run([alice, bob, carol]))).toEqual([
      'approval-required approval-pending',
      'approval-required approval-pending',
      'approval-required approval-requested',
    ]);
    expect(requested()).toEqual([['alice', 'bob'], ['carol']]);
    expect(await reasons(run([bob], { isPartial: true }))).toEqual(['approval-required approval-pending']);
    expect(requested()).toHaveLength(2);
    // Without a filter, the request for Alice as well is not what is wanted.
    expect(await reasons(run([bob]))).toEqual(['approval-required approval-requested']);
  });

  it('are not created for what was changed since the plan', async () => {
    const { named, stage, run, posts } = await approvalStage();
    const changes = [named('theme', 'alice', 2), named('theme', 'bob', 1), named('theme', 'carol', 1)];
    for (const key of ['alice', 'bob']) {
      stage.simulator.setTarget('storefront', 'production', 'theme', { ...ALICE_CONTRAST, key });
    }
    expect(await reasons(run(changes))).toEqual([
      'applied already-live',
      'skipped live-moved',
      'approval-required approval-requested',
    ]);
    expect(posts()).toHaveLength(1);
    stage.simulator.deleteFlag('storefront', 'theme');
    expect(await reasons(run(changes))).toEqual(Array(3).fill('skipped flag-deleted'));
  });

  it('are created for the other flags if one hits an error in flagops', async () => {
    const { named, run } = await approvalStage();
    const outcomes = await run([named('checkout-v2', 'alice', 0), named('theme', 'alice', 1)], {
      describe: (group) => {
        if (group.changes[0].flag === 'checkout-v2') throw new Error('a bug');
        return { description: approvalDescription(group, 'default', 'Start'), comment: 'Start' };
      },
    });
    expect(outcomes).toMatchObject([
      { status: 'failed', reason: 'unexpected', message: 'unexpected: a bug', unanswered: true },
      { reason: 'approval-requested' },
    ]);
  });

  it('cannot be created if LaunchDarkly gave no ids of variations', async () => {
    const { run, posts } = await approvalStage();
    const outcomes = await run([change('theme', 'alice', 1)]);
    expect(outcomes).toMatchObject([{ status: 'approval-required', reason: 'approval-required' }]);
    expect(posts()).toEqual([]);
  });
});
