import { afterEach, describe, expect, test } from 'vitest';
import { startControl } from '../../src/simulator/control.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import type { Seed } from '../../src/simulator/seed/seed.js';
import { changeSeed, storefrontSeed } from '../support/seeds.js';
import { call, type Reply } from './support/call.js';
import { latch } from './support/latch.js';
import { simulators, type Running } from './support/running.js';

const start = simulators();
const SEMANTIC = 'application/json; domain-model=launchdarkly.semanticpatch';
const FLAG = '/api/v2/flags/storefront/theme';
const DATES = `${FLAG}/expiring-targets/production`;
const REQUESTS = '/api/v2/projects/storefront/flags/theme/environments/production/approval-requests';
const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;

/** Production requires approvals. The flag `theme`: alice dark. */
const seed: Seed = changeSeed(
  storefrontSeed({
    environments: { production: { requireApprovals: true } },
    flags: {
      theme: { environments: { production: { targets: [{ variation: 1, values: ['alice'] }] } } },
    },
  }),
  {
    tokens: [
      ...defaultSeed.tokens,
      { token: 'api-reviewer', role: 'admin', name: 'Reviewer' },
      { token: 'api-bypass', role: 'writer', name: 'Bypass', bypassApprovals: true },
      {
        token: 'api-limited',
        role: 'writer',
        denied: ['updateExpiringTargets', 'updateOn', 'applyApprovalRequest'],
      },
    ],
  },
);

function startAt(clock = { now: () => NOW }): Promise<Running> {
  return start({ seed, clock });
}

function id({ simulator }: Running, index: number): string {
  return simulator.flag('storefront', 'theme').variations[index]?.id ?? '';
}

type Instruction = Readonly<Record<string, unknown>>;

const target = (running: Running, variation: number, ...values: readonly string[]): Instruction => ({
  kind: 'addTargets',
  contextKind: 'user',
  variationId: id(running, variation),
  values,
});

async function create(
  running: Running,
  instructions: readonly Instruction[],
  fields: object = {},
): Promise<Reply & { readonly id: string }> {
  const body = { description: 'Dark theme for Bob', comment: 'because', instructions, ...fields };
  const reply = await running.call('POST', REQUESTS, { body });
  const { _id = '' } = Object(reply.body) as { _id?: string };
  return { ...reply, id: _id };
}

const send = (
  running: Running,
  request: string,
  action: 'reviews' | 'apply',
  body: object,
  token = 'api-reviewer',
): Promise<Reply> => running.call('POST', `${REQUESTS}/${request}/${action}`, { body, token });

const get = async (running: Running, request: string): Promise<unknown> =>
  (await running.call('GET', `${REQUESTS}/${request}`, { token: 'api-reader' })).body;

const live = ({ simulator }: Running, key: string): number | undefined =>
  simulator.variationOf('storefront', 'production', 'theme', 'user', key);

describe('an environment that requires approvals', () => {
  const put = (running: Running, token: string): Promise<Reply> =>
    running.call('PUT', '/api/v2/users/storefront/production/bob/flags/theme', {
      token,
      body: { setting: 'dark' },
    });
  const patch = (running: Running, path: string, instruction: Instruction, token: string): Promise<Reply> =>
    running.call('PATCH', path, {
      token,
      contentType: SEMANTIC,
      body:
        path === FLAG
          ? { environmentKey: 'production', instructions: [instruction] }
          : { instructions: [instruction] },
    });
  const date = (running: Running): Instruction => ({
    kind: 'addExpiringTarget',
    contextKind: 'user',
    contextKey: 'alice',
    variationId: id(running, 1),
    value: NOW + HOUR,
  });

  test('refuses PUTs and patches of the flag with 405, and patches of dates with 403', async () => {
    const running = await startAt();
    const message = (text: string): object => ({ message: expect.stringContaining(text) });
    expect(await put(running, 'api-writer')).toMatchObject({
      status: 405,
      body: message('require approval'),
    });
    expect(await patch(running, FLAG, target(running, 1, 'bob'), 'api-writer')).toMatchObject({
      status: 405,
      body: message('require approval'),
    });
    expect(await patch(running, DATES, date(running), 'api-writer')).toMatchObject({
      status: 403,
      body: message('approval is required'),
    });
    expect(running.simulator.auditLog()).toEqual([]);
  });

  test('lets a token change it directly that bypasses approvals', async () => {
    const running = await startAt();
    expect((await put(running, 'api-bypass')).status).toBe(204);
    expect((await patch(running, FLAG, target(running, 1, 'carol'), 'api-bypass')).status).toBe(200);
    expect((await patch(running, DATES, date(running), 'api-bypass')).body).toMatchObject({
      successfulInstructions: 1,
    });
    expect(running.simulator.auditLog()).toHaveLength(3);
  });

  test('can be switched on and off, in one project or in all', async () => {
    const running = await startAt();
    running.simulator.requireApprovals('storefront/production', false);
    expect((await put(running, 'api-writer')).status).toBe(204);
    running.simulator.requireApprovals('production');
    expect((await put(running, 'api-writer')).status).toBe(405);
    expect(() => running.simulator.requireApprovals('elsewhere/production')).toThrow(
      expect.objectContaining({ code: 'bad-approvals' }),
    );
  });

  test('a token that is denied an action gets 403', async () => {
    const running = await startAt();
    running.simulator.requireApprovals('production', false);
    expect((await patch(running, DATES, date(running), 'api-limited')).status).toBe(403);
    expect((await patch(running, FLAG, { kind: 'turnFlagOff' }, 'api-limited')).status).toBe(403);
    expect((await put(running, 'api-limited')).status).toBe(204);
  });
});

describe('an approval request', () => {
  test('is created with its instructions, and shown singly and in the list, newest first', async () => {
    const running = await startAt();
    const instructions = [target(running, 1, 'bob')];
    const created = await create(running, instructions, { notifyMemberIds: ['m1'], notifyTeamKeys: ['t1'] });
    expect(created).toMatchObject({
      status: 201,
      body: {
        _version: 1,
        creationDate: NOW,
        serviceKind: 'launchdarkly',
        description: 'Dark theme for Bob',
        reviewStatus: 'pending',
        status: 'pending',
        allReviews: [],
        notifyMemberIds: ['m1'],
        instructions,
        conflicts: [],
      },
    });
    const second = await create(running, instructions);
    expect(second.id).not.toBe(created.id);
    expect(await get(running, created.id)).toEqual(created.body);
    const { body } = await running.call('GET', REQUESTS);
    expect(body).toMatchObject({ items: [{ _id: second.id }, { _id: created.id }] });
    expect(live(running, 'bob')).toBe(undefined);
    expect(running.simulator.auditLog()).toMatchObject([
      {
        actions: ['createApprovalRequest'],
        comment: 'because',
        description: 'Requested approval: Dark theme for Bob',
        environment: 'production',
      },
      {},
    ]);
  });

  test.each<[string, (running: Running) => object]>([
    ['no description', () => ({ description: undefined })],
    ['an empty description', () => ({ description: '' })],
    ['a description that is too long', () => ({ description: 'x'.repeat(5001) })],
    ['no instructions', () => ({ instructions: [] })],
    ['an unknown instruction', () => ({ instructions: [{ kind: 'explode' }] })],
    ['an instruction that is not possible', (running) => ({ instructions: [target(running, 2, 'alice')] })],
    ['members that are not a list', () => ({ notifyMemberIds: 'm1' })],
    ['members that are not strings', () => ({ notifyMemberIds: [1] })],
    [
      'more than ten reviewers',
      () => ({ notifyMemberIds: Array.from('abcdefgh'), notifyTeamKeys: ['i', 'j', 'k'] }),
    ],
    ['a date of execution', () => ({ executionDate: NOW + HOUR })],
  ])('with %s is refused', async (_, fields) => {
    const running = await startAt();
    expect((await create(running, [target(running, 1, 'bob')], fields(running))).status).toBe(400);
    expect(running.simulator.world.approvals.size).toBe(0);
  });

  test('that was approved is applied with its comment, once', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [
      { kind: 'removeTargets', variationId: id(running, 1), contextKind: 'user', values: ['alice'] },
      target(running, 2, 'alice'),
    ]);
    const early = await send(running, request, 'apply', {});
    expect(early).toMatchObject({ status: 400, body: { message: 'the approval request is not approved' } });
    const approved = await send(running, request, 'reviews', { kind: 'approve', comment: 'Fine' });
    expect(approved).toMatchObject({
      status: 200,
      body: {
        _version: 2,
        reviewStatus: 'approved',
        status: 'pending',
        allReviews: [{ kind: 'approve', comment: 'Fine', creationDate: NOW }],
      },
    });
    const applied = await send(running, request, 'apply', {}, 'api-writer');
    expect(applied).toMatchObject({
      status: 200,
      body: { _version: 3, status: 'completed', appliedDate: NOW, conflicts: [] },
    });
    expect(live(running, 'alice')).toBe(2);
    expect(running.simulator.auditLog().slice(1)).toMatchObject([
      { actions: ['reviewApprovalRequest'], tokenName: 'Reviewer', comment: 'Fine' },
      {
        actions: ['applyApprovalRequest', 'updateTargets'],
        tokenName: 'Writer',
        comment: 'because',
        description: 'Removed targets, Added targets',
      },
    ]);
    expect((await send(running, request, 'apply', {})).status).toBe(400);
    expect((await send(running, request, 'reviews', { kind: 'decline' })).status).toBe(400);
  });

  test('is declined until another reviewer, or the same one later, approves it', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    const review = async (kind: string, token: string): Promise<unknown> =>
      (await send(running, request, 'reviews', { kind }, token)).body;
    expect(await review('decline', 'api-reviewer')).toMatchObject({ reviewStatus: 'declined' });
    expect((await send(running, request, 'apply', {})).status).toBe(400);
    expect(await review('comment', 'api-reviewer')).toMatchObject({ reviewStatus: 'declined' });
    expect(await review('approve', 'api-bypass')).toMatchObject({ reviewStatus: 'approved' });
    expect(await review('decline', 'api-bypass')).toMatchObject({ reviewStatus: 'declined' });
    expect(await review('approve', 'api-reviewer')).toMatchObject({ reviewStatus: 'approved' });
    expect((await send(running, request, 'reviews', { kind: 'maybe' })).status).toBe(400);
  });

  test('cannot be approved with the token that created it, or with a reader token', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    for (const token of ['api-writer', 'api-reader']) {
      expect((await send(running, request, 'reviews', { kind: 'approve' }, token)).status).toBe(403);
    }
    expect((await send(running, request, 'reviews', { kind: 'comment' }, 'api-writer')).status).toBe(200);
    expect(await get(running, request)).toMatchObject({ reviewStatus: 'pending' });
  });

  test('can be applied without approval by a token that bypasses approvals, unless it is denied to apply', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    expect((await send(running, request, 'apply', {}, 'api-limited')).status).toBe(403);
    expect((await send(running, request, 'apply', { comment: 'urgent' }, 'api-bypass')).status).toBe(200);
    expect(running.simulator.auditLog().at(-1)).toMatchObject({ comment: 'urgent', tokenName: 'Bypass' });
  });

  test('shows the instructions that conflict, and fails if it is applied, without a change', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'carol'), target(running, 1, 'bob')]);
    await send(running, request, 'reviews', { kind: 'approve' });
    running.simulator.setTarget('storefront', 'production', 'theme', {
      kind: 'user',
      key: 'bob',
      variation: 2,
    });
    const reason = 'user "bob" is already targeted to another variation';
    expect(await get(running, request)).toMatchObject({
      conflicts: [{ instruction: target(running, 1, 'bob'), reason }],
    });
    const applied = await send(running, request, 'apply', {});
    expect(applied).toMatchObject({ status: 400, body: { message: reason } });
    expect(await get(running, request)).toMatchObject({ status: 'failed', reviewStatus: 'approved' });
    expect([live(running, 'carol'), live(running, 'bob')]).toEqual([undefined, 2]);
    expect(running.simulator.auditLog().at(-1)).toMatchObject({
      description: 'Failed to apply an approval request',
    });
  });

  test('that changes nothing completes without a new version of the flag', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'alice')]);
    running.simulator.decideRequest(request, 'approve');
    running.simulator.decideRequest(request, 'apply');
    expect(await get(running, request)).toMatchObject({ status: 'completed' });
    expect(running.simulator.flag('storefront', 'theme').version).toBe(1);
    expect(running.simulator.auditLog().at(-1)).toMatchObject({ actions: ['applyApprovalRequest'] });
  });

  test('can schedule the removal of targets, unless the date has passed when it is applied', async () => {
    let now = NOW;
    const running = await startAt({ now: () => now });
    const date = {
      kind: 'addExpiringTarget',
      contextKind: 'user',
      contextKey: 'bob',
      variationId: id(running, 1),
      value: NOW + HOUR,
    };
    const first = await create(running, [target(running, 1, 'bob'), date]);
    const second = await create(running, [target(running, 1, 'bob'), date]);
    for (const request of [first, second]) running.simulator.decideRequest(request.id, 'approve');
    running.simulator.decideRequest(first.id, 'apply');
    expect((await running.call('GET', DATES)).body).toMatchObject({
      items: [{ contextKey: 'bob', expirationDate: NOW + HOUR, _version: 1 }],
    });
    now = NOW + 2 * HOUR;
    expect(await get(running, second.id)).toMatchObject({
      conflicts: [{ reason: 'value must be a time in the future' }],
    });
    expect(live(running, 'bob')).toBe(undefined);
  });

  test('with dates alone raises no version of the flag', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [
      {
        kind: 'addExpiringTarget',
        contextKind: 'user',
        contextKey: 'alice',
        variationId: id(running, 1),
        value: NOW + HOUR,
      },
    ]);
    running.simulator.decideRequest(request, 'approve');
    running.simulator.decideRequest(request, 'apply');
    expect(running.simulator.flag('storefront', 'theme').version).toBe(1);
    running.simulator.moveClock(NOW + HOUR);
    expect(live(running, 'alice')).toBe(undefined);
  });

  test('protects itself against patches that would make it fail, unless conflicts are ignored', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    const patch = (query: string): Promise<Reply> =>
      running.call('PATCH', `${FLAG}${query}`, {
        token: 'api-bypass',
        contentType: SEMANTIC,
        body: { environmentKey: 'production', instructions: [target(running, 2, 'bob')] },
      });
    for (const query of ['', '?dryRun=true']) {
      expect(await patch(query)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(`pending approval request ${request} fail`) },
      });
    }
    expect((await patch('?ignoreConflicts=true')).status).toBe(200);
    // It conflicts now, so it protects against nothing.
    expect((await patch('')).status).toBe(200);
  });

  test('protects nothing after it was applied', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'alice', 'bob')]);
    expect((await send(running, request, 'apply', {}, 'api-bypass')).status).toBe(200);
    const move = [
      { kind: 'removeTargets', variationId: id(running, 1), values: ['bob'] },
      target(running, 2, 'bob'),
    ];
    const reply = await running.call('PATCH', FLAG, {
      token: 'api-bypass',
      contentType: SEMANTIC,
      body: { environmentKey: 'production', instructions: move },
    });
    expect(reply.status).toBe(200);
  });

  test('can be deleted, and is deleted with its flag', async () => {
    const running = await startAt();
    const first = await create(running, [target(running, 1, 'bob')]);
    await create(running, [target(running, 1, 'bob')]);
    const path = `${REQUESTS}/${first.id}`;
    expect((await running.call('DELETE', path, { token: 'api-reader' })).status).toBe(403);
    expect((await running.call('DELETE', path)).status).toBe(204);
    expect((await running.call('DELETE', path)).status).toBe(404);
    expect((await running.call('GET', path)).status).toBe(404);
    expect(running.simulator.auditLog().at(-1)).toMatchObject({ actions: ['deleteApprovalRequest'] });
    expect(running.simulator.world.approvals.size).toBe(1);
    running.simulator.deleteFlag('storefront', 'theme');
    expect(running.simulator.world.approvals.size).toBe(0);
  });

  test('is not applied, and not created, if its flag is deleted meanwhile', async () => {
    const arrived = latch();
    const writes = latch();
    let isHeld = false;
    const running = await start({
      seed,
      clock: { now: () => NOW },
      writeDuration: async () => {
        if (!isHeld) return;
        arrived.open();
        await writes.opened();
      },
    });
    const instructions = [target(running, 1, 'bob')];
    const { id: request } = await create(running, instructions);
    running.simulator.decideRequest(request, 'approve');
    isHeld = true;
    const pending = [create(running, instructions), send(running, request, 'apply', {})];
    await arrived.opened();
    running.simulator.deleteFlag('storefront', 'theme');
    const entries = running.simulator.auditLog().length;
    writes.open();
    expect((await Promise.all(pending)).map(({ status }) => status)).toEqual([404, 404]);
    expect(running.simulator.auditLog()).toHaveLength(entries);
  });

  test('belongs to one flag and environment', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    for (const [name, other] of [
      ['production', 'staging'],
      ['theme', 'banner'],
    ] as const) {
      const path = REQUESTS.replace(name, other);
      expect((await running.call('GET', `${path}/${request}`)).status).toBe(404);
      expect((await running.call('GET', path)).body).toMatchObject({ items: [] });
    }
  });

  test('is part of the state that another simulator can start from, as are the tokens that may bypass it', async () => {
    const running = await startAt();
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    await send(running, request, 'reviews', { kind: 'approve' });
    const snapshot = JSON.parse(JSON.stringify(running.simulator.world.snapshot()));
    const other = await start({ seed: snapshot, clock: { now: () => NOW } });
    expect(await get(other, request)).toEqual(await get(running, request));
    expect((await send(other, request, 'apply', {}, 'api-limited')).status).toBe(403);
    const fresh = await create(other, [target(other, 1, 'carol')]);
    expect(fresh.id).not.toBe(request);
    expect((await send(other, fresh.id, 'apply', {}, 'api-bypass')).status).toBe(200);
    expect(live(running, 'carol')).toBe(undefined);
  });
});

describe('approvals in the control API', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  test('the control API requires approvals, and lists, approves and applies requests as a member', async () => {
    const running = await startAt();
    const { url, stop } = await startControl(running.simulator, 0);
    stops.push(stop);
    const { id: request } = await create(running, [target(running, 1, 'bob')]);
    const decide = (body: object, path = request): Promise<Reply> =>
      call(url, 'POST', `/approvals/${path}`, { body });
    expect(await call(url, 'PUT', '/approvals', { body: { staging: true } })).toMatchObject({
      status: 200,
      body: {
        required: ['storefront/production', 'storefront/staging'],
        requests: [{ id: request, reviewStatus: 'pending', notifyTeamKeys: [] }],
      },
    });
    expect(await decide({ kind: 'apply' })).toMatchObject({
      status: 400,
      body: { error: 'the approval request is not approved' },
    });
    expect((await decide({ kind: 'approve', comment: 'Fine' })).status).toBe(200);
    expect(await get(running, request)).toMatchObject({
      reviewStatus: 'approved',
      allReviews: [{ comment: 'Fine', memberId: expect.any(String) }],
    });
    await decide({ kind: 'apply' });
    expect((await call(url, 'GET', '/approvals')).body).toMatchObject({
      requests: [{ status: 'completed' }],
    });
    expect(live(running, 'bob')).toBe(1);
    for (const wrong of [
      await decide({ kind: 'approve' }, 'unknown'),
      await decide({ kind: 'maybe' }),
      await decide({ kind: 'approve', comment: 7 }),
      await call(url, 'PUT', '/approvals', { body: {} }),
      await call(url, 'PUT', '/approvals', { body: { staging: 'yes' } }),
      await call(url, 'PUT', '/approvals', { body: { nowhere: true } }),
    ]) {
      expect(wrong).toMatchObject({
        status: 400,
        body: { error: expect.any(String), hint: expect.any(String) },
      });
    }
  });
});
