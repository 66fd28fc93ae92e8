import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { OperatorError } from '../../src/diagnostics/operator-error.js';
import type { FlagWriter } from '../../src/launchdarkly/client.js';
import { ApiError } from '../../src/launchdarkly/http/api-error.js';
import { NetworkError } from '../../src/launchdarkly/http/network-error.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { approvalStage, type ApprovalStage, described } from './approvals-setup.js';
import { ends, recordingClock } from './setup.js';

const POST = { method: 'POST', path: '/api/v2/approval-requests', route: 'approval request' } as const;

/** The requests about approvals and flags, as `method status`. */
function requests(simulator: Simulator): string[] {
  return simulator.requests.map(({ method, path, status }) =>
    path.includes('approval-requests') ? `${method} ${status}` : `${method} flag ${status}`,
  );
}

/** A writer that answers the creation of a request like this. */
function creating(
  { stage }: ApprovalStage,
  create: () => ReturnType<FlagWriter['createApprovalRequest']>,
): FlagWriter {
  return { ...stage.writer, createApprovalRequest: create };
}

/** A writer that cannot list open requests. */
function listing({ stage }: ApprovalStage, error: Error): FlagWriter {
  return { ...stage.writer, listApprovalRequests: () => Promise.reject(error) };
}

/** The changes of two flags, of which the second is requested only if the first does not stop the run. */
function twoFlags({ named }: ApprovalStage): readonly [ReturnType<typeof named>, ReturnType<typeof named>] {
  return [named('theme', 'alice', 1), named('checkout-v2', 'alice', 0)];
}

const ONE_BY_ONE = { concurrency: 1 } as const;
const REQUESTED = 'approval-required approval-requested';
const REQUIRED = 'approval-required approval-required';

/** How the first change ended, without the change. */
function firstOf([outcome]: readonly Outcome[]): Omit<Outcome, 'change'> {
  if (outcome === undefined) throw new Error('there is no outcome');
  const { change: _, ...ending } = outcome;
  return ending;
}

describe('a request that is created', () => {
  test('it asks the reviewers of its scope, and its outcome names it', async () => {
    const { stage, named, request } = await approvalStage();
    const outcomes = await request([named('theme', 'alice', 1)], {
      notify: () => ({ members: ['m1'], teams: ['t1'] }),
    });
    const [id] = stage.simulator.world.approvals.keys();
    expect(firstOf(outcomes)).toStrictEqual({
      status: 'approval-required',
      reason: 'approval-requested',
      message: 'approval requested',
      approval: { id, url: expect.stringContaining(String(id)) as string },
    });
    expect(stage.simulator.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      notifyMemberIds: ['m1'],
      notifyTeamKeys: ['t1'],
    });
    expect(requests(stage.simulator)).toEqual(['GET 200', 'GET flag 200', 'POST 201']);
  });

  test('its flag is not read if an open request already asks for the same', async () => {
    const { stage, named, request } = await approvalStage();
    await request([named('theme', 'alice', 1)]);
    const earlier = stage.simulator.requests.length;
    expect(ends(await request([named('theme', 'alice', 1)]))).toEqual(['approval-required approval-pending']);
    expect(requests(stage.simulator).slice(earlier)).toEqual(['GET 200']);
  });

  test('a flag that needs no approval gets no request, and the next flag still gets one', async () => {
    const { stage, named, run } = await approvalStage();
    const changes = [named('theme', 'alice', 1, { environment: 'staging' }), named('theme', 'alice', 1)];
    expect(ends(await run(changes, ONE_BY_ONE))).toEqual(['applied written', REQUESTED]);
    expect(stage.simulator.world.approvals.size).toBe(1);
  });
});

describe('what was changed since the plan', () => {
  test.each<[string, (simulator: Simulator) => void]>([
    ['theme was deleted since the plan was made', (simulator) => simulator.deleteFlag('storefront', 'theme')],
    [
      'theme was archived since the plan was made',
      (simulator) => simulator.archiveFlag('storefront', 'theme'),
    ],
  ])('no request is created if %s', async (message, end) => {
    const { stage, named, request, posts } = await approvalStage();
    const changes = [named('theme', 'alice', 1), named('theme', 'bob', 1)];
    const writer: FlagWriter = {
      ...stage.writer,
      listApprovalRequests: async (...args) => {
        const open = await stage.writer.listApprovalRequests(...args);
        end(stage.simulator);
        return open;
      },
    };
    const outcomes = await request(changes, { writer });
    expect(outcomes.map(({ status, message: text }) => [status, text])).toEqual([
      ['skipped', message],
      ['skipped', message],
    ]);
    expect(posts()).toEqual([]);
  });

  test('no request is created for an override that is already removed', async () => {
    const { named, request, posts } = await approvalStage();
    expect(ends(await request([named('theme', 'alice', null, { before: 1 })]))).toEqual([
      'applied already-live',
    ]);
    expect(posts()).toEqual([]);
  });
});

describe('a run that is over', () => {
  test('nothing is read or created after an interruption', async () => {
    const { stage, named, request } = await approvalStage();
    const outcomes = await request([named('theme', 'alice', 1)], { signal: AbortSignal.abort() });
    expect(ends(outcomes)).toEqual([REQUIRED]);
    expect(requests(stage.simulator)).toEqual([]);
  });

  test('an interruption ends the run after the request that is being created', async () => {
    const { named, request, requested } = await approvalStage();
    const interruption = new AbortController();
    const changes = [named('theme', 'alice', 1), named('theme', 'bob', 1)];
    const outcomes = await request(changes, {
      values: 1,
      signal: interruption.signal,
      describe: (group) => {
        interruption.abort();
        return described(group);
      },
    });
    expect(ends(outcomes)).toEqual([REQUESTED, REQUIRED]);
    expect(requested()).toEqual([['alice']]);
  });

  test('no time is spent on a pause after an interruption', async () => {
    const { named, request } = await approvalStage(['reset-before,once,method=POST']);
    const interruption = new AbortController();
    const clock = recordingClock();
    await request([named('theme', 'alice', 1)], {
      clock,
      signal: interruption.signal,
      describe: (group) => {
        interruption.abort();
        return described(group);
      },
    });
    expect(clock.waits).toEqual([]);
  });

  test.each(['interrupted', 'run-timeout'] as const)(
    'the changes only require approval if the run is %s while something is read or created',
    async (code) => {
      const error = new OperatorError(code, 'over');
      const reading = await approvalStage();
      const writer = listing(reading, error);
      expect(ends(await reading.request(twoFlags(reading), { ...ONE_BY_ONE, writer }))).toEqual([
        REQUIRED,
        REQUIRED,
      ]);
      const sending = await approvalStage();
      let sent = 0;
      const outcomes = await sending.request(twoFlags(sending), {
        ...ONE_BY_ONE,
        writer: creating(sending, () => {
          sent += 1;
          return Promise.reject(error);
        }),
      });
      expect(ends(outcomes)).toEqual([REQUIRED, REQUIRED]);
      expect(sent).toBe(1);
    },
  );

  test('open requests are not listed for the next flag', async () => {
    const made = await approvalStage();
    let listed = 0;
    const writer: FlagWriter = {
      ...made.stage.writer,
      listApprovalRequests: () => {
        listed += 1;
        return Promise.reject(new OperatorError('interrupted', 'over'));
      },
    };
    await made.request(twoFlags(made), { ...ONE_BY_ONE, writer });
    expect(listed).toBe(1);
  });
});

describe('open requests that cannot be read', () => {
  const NOT_CREATED = 'no approval request was created: ';

  test('a refusal fails only the changes of its flag', async () => {
    const made = await approvalStage(['status=404,once,method=GET']);
    const outcomes = await made.request(twoFlags(made), ONE_BY_ONE);
    expect(ends(outcomes)).toEqual(['failed refused', REQUESTED]);
    const { message, cause } = firstOf(outcomes);
    expect(message.startsWith(NOT_CREATED)).toBe(true);
    expect(cause).toMatchObject({ status: 404 });
  });

  test.each([500, 503] as const)('a %d fails them, and nothing else is sent', async (status) => {
    const made = await approvalStage([`status=${status},always,method=GET`]);
    const outcomes = await made.request(twoFlags(made), ONE_BY_ONE);
    expect(ends(outcomes)).toEqual(['failed unavailable', REQUIRED]);
    const { message, cause } = firstOf(outcomes);
    expect(message.startsWith(NOT_CREATED)).toBe(true);
    expect(cause).toMatchObject({ status });
    expect(made.stage.simulator.requests.every(({ path }) => path.includes('/theme/'))).toBe(true);
  });

  test('nothing else is sent if LaunchDarkly cannot be reached', async () => {
    const made = await approvalStage(['reset-before,always,method=GET']);
    const outcomes = await made.request(twoFlags(made), ONE_BY_ONE);
    expect(ends(outcomes)).toEqual(['failed unreachable', REQUIRED]);
    const { message, cause } = firstOf(outcomes);
    expect(message.startsWith(NOT_CREATED)).toBe(true);
    expect(cause).toMatchObject({ code: 'ECONNRESET' });
  });

  test('the message contains that of the error', async () => {
    const made = await approvalStage();
    const cause = new ApiError({ ...POST, method: 'GET', path: '/api/v2/x' }, 404, 'not_found', 'Unknown');
    const outcomes = await made.request([made.named('theme', 'alice', 1)], { writer: listing(made, cause) });
    expect(firstOf(outcomes)).toStrictEqual({
      status: 'failed',
      reason: 'refused',
      message: `${NOT_CREATED}LaunchDarkly answered 404 not_found to GET /api/v2/x: Unknown`,
      cause,
    });
  });
});

describe('a request that is refused', () => {
  const refusal = (status: number): ApiError => new ApiError(POST, status, '', '');
  const message = (status: number): string =>
    `no approval request was created: LaunchDarkly answered ${status} to POST /api/v2/approval-requests`;
  const denied = (status: number): string =>
    `denied (${status}): the token needs createApprovalRequest on proj/storefront:env/production:flag/theme`;

  test.each([
    [400, 'refused', message(400)],
    [401, 'missing-permission', denied(401)],
    [403, 'missing-permission', denied(403)],
    [429, 'rate-limited', message(429)],
  ])('a %d fails its changes as %s, and the next flag is requested', async (status, reason, text) => {
    const made = await approvalStage();
    const cause = refusal(status);
    let sent = 0;
    const outcomes = await made.request(twoFlags(made), {
      ...ONE_BY_ONE,
      writer: creating(made, () => {
        sent += 1;
        return Promise.reject(cause);
      }),
    });
    expect(firstOf(outcomes)).toStrictEqual({ status: 'failed', reason, message: text, cause });
    expect(sent).toBe(2);
  });

  test('a redirect fails its changes as refused', async () => {
    const made = await approvalStage();
    const cause = new OperatorError('redirect', 'redirected');
    const outcomes = await made.request([made.named('theme', 'alice', 1)], {
      writer: creating(made, () => Promise.reject(cause)),
    });
    expect(firstOf(outcomes)).toStrictEqual({
      status: 'failed',
      reason: 'refused',
      message: 'no approval request was created: redirected',
      cause,
    });
  });

  test('nothing else is sent if no connection can be made', async () => {
    const made = await approvalStage();
    const cause = new NetworkError('refused', 'ld.test', new Error('ECONNREFUSED'), 'unsent');
    const outcomes = await made.request(twoFlags(made), {
      ...ONE_BY_ONE,
      writer: creating(made, () => Promise.reject(cause)),
    });
    expect(ends(outcomes)).toEqual(['failed unreachable', REQUIRED]);
    const first = firstOf(outcomes);
    expect(first.message).toMatch(/ld\.test/);
    expect(first.cause).toBe(cause);
  });
});

describe('a request whose answer was lost', () => {
  const UNCONFIRMED = 'an approval request for theme in production may have been created, and was not found';

  test('an open request that asks for more is not taken for it', async () => {
    const made = await approvalStage();
    const [alice, bob] = ['alice', 'bob'].map((key) => made.named('theme', key, 1));
    if (alice === undefined || bob === undefined) throw new Error('no changes');
    await made.request([alice, bob]);
    made.stage.simulator.faults.add(parseFault('reset-before,once,method=POST,path=*/approval-requests'));
    await made.request([bob]);
    expect(made.requested()).toEqual([['alice', 'bob'], ['bob']]);
  });

  test('it is not confirmed if the answers never contain it', async () => {
    const made = await approvalStage();
    let sent = 0;
    const outcomes = await made.request([made.named('theme', 'alice', 1)], {
      writer: creating(made, () => {
        sent += 1;
        return Promise.resolve(undefined);
      }),
    });
    expect(sent).toBe(4);
    expect(firstOf(outcomes)).toStrictEqual({
      status: 'failed',
      reason: 'request-unconfirmed',
      message: UNCONFIRMED,
      unanswered: true,
    });
  });

  test('it says why it was not found, with the error of the lookup', async () => {
    const made = await approvalStage(['reset-after,once,method=POST']);
    const cause = new Error('no network');
    const outcomes = await made.request([made.named('theme', 'alice', 1)], {
      writer: { ...made.stage.writer, lookUpApprovalRequests: () => Promise.reject(cause) },
    });
    expect(firstOf(outcomes)).toStrictEqual({
      status: 'failed',
      reason: 'request-unconfirmed',
      message: `${UNCONFIRMED}: no network`,
      cause,
      unanswered: true,
    });
  });
});

test('an error in flagops leaves the requests that were created, and those of other flags', async () => {
  const made = await approvalStage();
  const bug = new Error('a bug');
  const changes = [made.named('theme', 'alice', 1), made.named('theme', 'bob', 1)];
  let calls = 0;
  const outcomes = await made.request(changes, {
    values: 1,
    describe: (group) => {
      calls += 1;
      if (calls > 1) throw bug;
      return described(group);
    },
  });
  expect(ends(outcomes)).toEqual([REQUESTED, 'failed unexpected']);
  expect(outcomes[1]).toMatchObject({ message: 'unexpected: a bug', cause: bug, unanswered: true });
});
