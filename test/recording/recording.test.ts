import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { fetchRefs } from '../../src/history/refs/fetch-refs.js';
import { beginAttempts, type RecordingInput } from '../../src/recording/attempt.js';
import { recordApplied } from '../../src/recording/record.js';
import { planned } from '../reconcile/world.js';
import { opened } from '../support/history.js';
import { gitStateOf } from '../support/planning.js';
import { attemptHead, NO_FILTER, recordedIn } from '../support/refs.js';
import { createRepository, type TestRepository } from '../support/repository.js';
import { overrides } from '../support/world.js';

const NOW = Date.UTC(2026, 5, 1);
const APPLIED = 'refs/flagops/applied/app.launchdarkly.com/default/shop/production';

interface Run {
  readonly options?: Partial<RecordingInput['options']>;
  /** What `f` of Alice is declared to be; undefined for no change. */
  readonly desired?: boolean | undefined;
}

/** An apply of `shop/production` that has planned now. */
async function planning(
  repository: TestRepository,
  { options = {}, desired = true }: Run = {},
): Promise<RecordingInput> {
  const { declared, state } = await gitStateOf(repository);
  const plan = planned({ desired: { 'f user alice': desired } });
  return {
    planning: { declared, past: state, plan, plannedAt: NOW, waiting: new Set() },
    plan,
    options: { filter: NO_FILTER, offline: false, record: true, ...options },
    now: () => NOW,
    timeLeft: () => 60_000,
  };
}

/** The same without differences. */
async function planningNothing(repository: TestRepository): Promise<RecordingInput> {
  const input = await planning(repository);
  const plan = planned({ desired: { 'f user alice': true }, live: { 'f user alice': 0 } });
  return { ...input, plan, planning: { ...input.planning, plan } };
}

/** Every change ends with the same outcome. */
function ended(
  { plan }: RecordingInput,
  ending: Omit<Extract<Outcome, { status: 'applied' | 'failed' }>, 'change'> = {
    status: 'applied',
    reason: 'written',
    message: '',
  } as const,
): Parameters<typeof recordApplied>[2] {
  const outcomes = plan.changes.map((change): Outcome => ({ change, ...ending }) as Outcome);
  return { outcomes, dates: [], verification: undefined, interrupted: false };
}

async function apply(
  repository: TestRepository,
  run?: Run,
): Promise<Awaited<ReturnType<typeof recordApplied>>> {
  const input = await planning(repository, run);
  return recordApplied(input, await beginAttempts(input), ended(input));
}

function started(): { readonly repository: TestRepository; readonly remote: TestRepository } {
  const repository = createRepository();
  repository.commit('first', { 'overrides/a.yaml': overrides({}) });
  return { repository, remote: repository.addRemote() };
}

function refsOf(repository: TestRepository): string {
  return repository.git('for-each-ref', '--format=%(refname)', 'refs/flagops');
}

/** Adds a hook that the remote runs for each push. */
function addHook(remote: TestRepository, name: string, script: string): void {
  remote.write({ [`hooks/${name}`]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(remote.path, 'hooks', name), 0o755);
}

function refusePushes(remote: TestRepository): void {
  addHook(remote, 'pre-receive', 'exit 1');
}

describe('an apply', () => {
  it('records an attempt with its commit, filter, shard and expiry on the remote before it writes', async () => {
    const { repository, remote } = started();
    const filter = { ...NO_FILTER, flags: ['f*'] };
    const input = await planning(repository, { options: { filter, shard: { index: 1, count: 1 } } });
    const { attempts, notices } = await beginAttempts(input);
    expect(notices).toEqual([]);
    expect(attempts).toEqual([
      expect.objectContaining({
        commit: repository.head,
        filter,
        shard: { index: 1, count: 1 },
        // timeouts.run, timeouts.attempt and ten minutes
        expires: NOW + (60 + 0.5 + 10) * 60_000,
      }) as unknown,
    ]);
    expect(refsOf(remote)).toMatch(
      /^refs\/flagops\/attempts\/app\.launchdarkly\.com\/default\/shop\/production\/[0-9a-f]{16}$/,
    );
    expect([...(await recordedIn(repository)).attempts.values()].flat()).toEqual(attempts);
  });

  it('moves the ref and forgets its attempt, here and on the remote', async () => {
    const { repository, remote } = started();
    const result = await apply(repository);
    expect(result).toEqual({
      recorded: [{ project: 'shop', environment: 'production' }],
      unrecorded: [],
      notices: [],
    });
    for (const place of [repository, remote]) {
      expect(refsOf(place)).toBe(APPLIED);
      expect(place.ref(APPLIED)).toBe(repository.head);
    }
  });

  it('keeps its attempt if LaunchDarkly may not have answered, or if a change failed', async () => {
    for (const reason of ['unreachable', 'refused'] as const) {
      const { repository } = started();
      const input = await planning(repository);
      const begun = await beginAttempts(input);
      const end = ended(input, { status: 'failed', reason, message: '' });
      expect((await recordApplied(input, begun, end)).recorded).toEqual([]);
      expect((await recordedIn(repository)).attempts.size).toBe(1);
    }
  });

  it('keeps its attempt and reports it if it was overtaken, and the other clone keeps its ref', async () => {
    const { repository, remote } = started();
    const older = await planning(repository);
    const begun = await beginAttempts(older);
    const other = remote.clone();
    const newer = other.commit('newer');
    await fetchRefs(await opened(other));
    expect((await apply(other)).recorded).toHaveLength(1);
    const { recorded, unrecorded } = await recordApplied(older, begun, ended(older));
    expect(recorded).toEqual([]);
    expect(unrecorded).toEqual([
      `a newer commit (${newer.slice(0, 12)}) was applied to shop/production meanwhile; run again at the newest commit`,
    ]);
    expect(remote.ref(APPLIED)).toBe(newer);
    expect(begun.attempts.map(({ ref }) => ref)).toEqual(
      refsOf(remote)
        .split('\n')
        .filter((ref) => ref.includes('/attempts/')),
    );
  });

  it('keeps its attempt if the remote refuses to move the ref, and the next run in any clone completes it', async () => {
    const { repository, remote } = started();
    const input = await planning(repository);
    const begun = await beginAttempts(input);
    refusePushes(remote);
    const { recorded, unrecorded, notices } = await recordApplied(input, begun, ended(input));
    expect(recorded).toEqual([]);
    expect(unrecorded).toEqual([
      expect.stringMatching(/could not be moved on the remote.*declined.*contents: write/),
    ]);
    expect(notices).toEqual([]);
    expect(repository.ref(APPLIED)).toBeUndefined();
    remote.write({ 'hooks/pre-receive': null });
    for (const clone of [remote.clone(), repository]) {
      await fetchRefs(await opened(clone));
      expect((await recordedIn(clone)).attempts.get('shop/production')).toHaveLength(1);
      const again = await planningNothing(clone);
      expect(await beginAttempts(again)).toEqual({ attempts: [], notices: [] });
      expect((await recordApplied(again, { attempts: [], notices: [] }, ended(again))).recorded).toHaveLength(
        1,
      );
      expect(clone.ref(APPLIED)).toBe(repository.head);
    }
  });

  it('stops before it writes if the attempt cannot be pushed; with --no-record it goes on with a warning', async () => {
    const { repository, remote } = started();
    refusePushes(remote);
    await expect(beginAttempts(await planning(repository))).rejects.toMatchObject({
      code: 'attempt-not-recorded',
    });
    const input = await planning(repository, { options: { record: false } });
    const begun = await beginAttempts(input);
    expect(begun.notices).toEqual([expect.stringContaining('the attempt could not be pushed')]);
    const result = await recordApplied(input, begun, ended(input));
    expect(result).toEqual({ recorded: [], unrecorded: [], notices: begun.notices });
    await fetchRefs(await opened(repository));
    expect((await recordedIn(repository)).attempts.size).toBe(1);
  });

  it.each([
    ['nothing changes', {}, true],
    ['--check is given', { check: true }, false],
  ])('records no attempt if %s', async (_, options, isUnchanged) => {
    const { repository } = started();
    const input = isUnchanged ? await planningNothing(repository) : await planning(repository, { options });
    expect(await beginAttempts(input)).toEqual({ attempts: [], notices: [] });
    expect(refsOf(repository)).toBe('');
  });

  it('records neither outside git nor before the first commit', async () => {
    const input = await planning(createRepository());
    expect(await beginAttempts(input)).toEqual({ attempts: [], notices: [] });
    expect((await recordApplied(input, { attempts: [], notices: [] }, ended(input))).recorded).toEqual([]);
  });
});

describe('the attempts of others', () => {
  it('are forgotten only by a complete apply, and only if they had expired before it planned', async () => {
    const { repository, remote } = started();
    await attemptHead(repository, '00', { expires: NOW - 1 });
    await attemptHead(repository, 'ff', { expires: NOW });
    await attemptHead(repository, 'ee', { expires: NOW - 1, push: false });
    const left = (): string[] =>
      refsOf(repository)
        .split('\n')
        .filter((ref) => ref.includes('/attempts/'))
        .map((ref) => ref.slice(ref.lastIndexOf('/') + 1));
    for (const options of [
      { filter: { ...NO_FILTER, flags: ['f'] } },
      { shard: { index: 1, count: 1 } },
      { record: false },
    ]) {
      const input = await planning(repository, { options });
      await recordApplied(input, { attempts: [], notices: [] }, ended(input));
      expect(left()).toEqual(['00', 'ff', 'local-ee']);
    }
    expect((await apply(repository)).notices).toEqual([]);
    expect(left()).toEqual(['ff']);
    expect(refsOf(remote).split('\n')).toHaveLength(2);
  });

  it('are kept, with a notice, if the remote does not delete them', async () => {
    const { repository, remote } = started();
    await attemptHead(repository, '00', { expires: NOW - 1 });
    addHook(remote, 'update', 'case $3 in *[!0]*) ;; *) exit 1;; esac');
    const { recorded, notices } = await apply(repository);
    expect(recorded).toHaveLength(1);
    expect(notices).toEqual([expect.stringMatching(/^finished attempts could not be deleted on the remote/)]);
    expect((await recordedIn(repository)).attempts.get('shop/production')).toHaveLength(2);
  });
});
