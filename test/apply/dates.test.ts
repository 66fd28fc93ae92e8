import { describe, expect, test } from 'vitest';
import { exitCode } from '../../src/apply/report.js';
import { verify } from '../../src/apply/verify.js';
import type { FlagWriter } from '../../src/launchdarkly/client.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';
import { datesStage, ended, JULY, JUNE, PATH } from './dates-setup.js';
import { change } from './setup.js';

describe('applying dates', () => {
  test('one patch sets, moves and removes the dates of a flag', async () => {
    const { simulator, all, theme, live } = await datesStage();
    const first = await all([theme('alice', null, JULY), theme('bob', JUNE, JULY)]);
    expect(ended(first.dates)).toEqual(['applied written', 'applied written']);
    expect(live()).toEqual({ bob: JULY, alice: JULY });
    const second = await all([theme('alice', JULY, null), theme('bob', JULY, JULY)]);
    expect(ended(second.dates)).toEqual(['applied written', 'applied already-live']);
    expect(live()).toEqual({ bob: JULY });
    const patches = simulator.requests.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ body }) => body)).toMatchObject([
      {
        comment: 'for alice',
        instructions: [
          { kind: 'addExpiringTarget', contextKind: 'user', contextKey: 'alice', value: JULY },
          { kind: 'updateExpiringTarget', contextKey: 'bob', value: JULY },
        ],
      },
      { instructions: [{ kind: 'removeExpiringTarget', contextKey: 'alice' }] },
    ]);
  });

  test('a patch has no more dates than the configuration allows', async () => {
    const { simulator, all, theme, live } = await datesStage();
    const dates = ['alice', 'bob', 'carol'].map((key) => theme(key, null, JULY));
    await all(dates, [], { writes: { mode: 'put', values: 2 } });
    expect(Object.keys(live())).toHaveLength(3);
    expect(simulator.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });

  test.each<[string, string[], string, boolean]>([
    ['an answer that was lost', ['reset-after,always,method=PATCH'], 'applied found-live', true],
    ['a server error after the patch', ['status-after=500,once,method=PATCH'], 'applied found-live', true],
    ['a request that is never answered', ['reset-before,always,method=PATCH'], 'failed unreachable', false],
    ['server errors', ['status=503,always,method=PATCH'], 'failed unavailable', false],
    ['a conflict', ['conflict,once,method=PATCH'], 'applied written', true],
    ['conflicts without end', ['conflict,always,method=PATCH'], 'failed conflict', false],
    ['a response that is not JSON', ['malformed,once,method=PATCH'], 'applied written', true],
    ['a response that ends early', ['truncate,once,method=PATCH'], 'applied written', true],
  ])('after %s, the outcome is what is live', async (_, faults, outcome, isLive) => {
    const { simulator, writer, all, theme, live } = await datesStage();
    for (const fault of faults) simulator.faults.add(parseFault(`${fault},${PATH}`));
    const written = await all([theme('alice', null, JULY)]);
    expect(ended(written.dates)).toEqual([outcome]);
    expect(live()['alice']).toBe(isLive ? JULY : undefined);
    simulator.faults.clear();
    const { dates, verification } = await verify(written, { reader: writer, clock: new VirtualClock() });
    expect(ended(dates)).toEqual([outcome]);
    expect(verification.dateMismatches).toEqual([]);
    const code = exitCode({ ...written, verification, interrupted: false, unrecorded: [] });
    expect(code).toBe(isLive ? 0 : /conflict/.test(outcome) ? 1 : 3);
  });

  test('an answer that was lost is unknown if the dates cannot be read either', async () => {
    const { simulator, writer, all, theme } = await datesStage();
    simulator.faults.add(parseFault(`reset-after,always,method=PATCH,${PATH}`));
    let reads = 0;
    const flaky = {
      ...writer,
      lookUpDates: (): Promise<never> => {
        reads += 1;
        return Promise.reject(new Error('no network'));
      },
    };
    const { dates } = await all([theme('alice', null, JULY)], [], { writer: flaky });
    expect(reads).toBe(1);
    expect(dates).toMatchObject([
      {
        status: 'unknown',
        reason: 'lookup-failed',
        message: expect.stringContaining('no network') as string,
      },
    ]);
    simulator.faults.clear();
    const read = await verify({ outcomes: [], dates }, { reader: writer, clock: new VirtualClock() });
    expect(ended(read.dates)).toEqual(['applied found-live']);
  });

  test('a date is not sent if its override was not applied', async () => {
    const { simulator, all, theme } = await datesStage();
    simulator.archiveFlag('storefront', 'theme');
    const { outcomes, dates } = await all(
      [theme('alice', null, JULY), theme('bob', JUNE, JULY)],
      [change('theme', 'alice', 0, { before: 1 })],
    );
    expect(outcomes).toMatchObject([{ status: 'skipped', reason: 'flag-archived' }]);
    // Bob's override does not change: the flag itself is what stops it.
    expect(ended(dates)).toEqual(['skipped flag-archived', 'failed refused']);
  });

  test('a date of an override that waits for an approval waits as well', async () => {
    const { simulator, all, theme } = await datesStage();
    simulator.requireApprovals('storefront/production');
    const result = await all(
      [theme('alice', null, JULY), theme('bob', JUNE, JULY)],
      [change('theme', 'alice', 0, { before: 1 })],
    );
    expect(ended(result.dates)).toEqual([
      'approval-required approval-required',
      'approval-required approval-required',
    ]);
    expect(exitCode({ ...result, verification: undefined, interrupted: false, unrecorded: [] })).toBe(5);
  });

  test('with --check no date is sent, and that is no failure', async () => {
    const { simulator, all, theme } = await datesStage();
    const result = await all([theme('alice', null, JULY)], [], {
      dryRun: true,
      writes: { mode: 'batch', values: 500 },
    });
    expect(ended(result.dates)).toEqual(['skipped not-checked']);
    expect(simulator.requests).toEqual([]);
    expect(exitCode({ ...result, verification: undefined, interrupted: false, unrecorded: [] })).toBe(0);
  });

  test('an interruption leaves dates that were not started', async () => {
    const { all, theme, live } = await datesStage();
    const stop = new AbortController();
    stop.abort();
    const { dates } = await all([theme('alice', null, JULY)], [], { signal: stop.signal });
    expect(ended(dates)).toEqual(['skipped interrupted']);
    expect(live()).toEqual({ bob: JUNE });
  });

  test('with --expect, a date that was changed since the plan is left alone', async () => {
    const { all, theme, live } = await datesStage();
    const { dates } = await all([theme('bob', JULY, JULY + 1e9)], [], { strict: true });
    expect(ended(dates)).toEqual(['skipped live-moved']);
    expect(live()).toEqual({ bob: JUNE });
  });

  test('read-back reports the dates that are not live', async () => {
    const { writer, all, theme, live } = await datesStage();
    const written = await all([theme('alice', null, JULY), theme('bob', JUNE, JULY)]);
    await all([theme('alice', JULY, null), theme('bob', JULY, JUNE)]);
    expect(live()).toEqual({ bob: JUNE });
    const clock = new VirtualClock();
    const { verification } = await clock.run(verify(written, { reader: writer, clock }));
    expect(verification.checked).toBe(2);
    expect(verification.dateMismatches.map(({ change: { key }, live: at }) => [key, at])).toEqual([
      ['alice', undefined],
      ['bob', JUNE],
    ]);
    expect(exitCode({ ...written, verification, interrupted: false, unrecorded: [] })).toBe(3);
  });

  test('if LaunchDarkly does not say which instruction failed, the dates do', async () => {
    const { writer, all, theme, live } = await datesStage();
    const silent: FlagWriter = {
      ...writer,
      patchDates: async (scope, flag, [first, ...others], comment, delivery) => {
        if (first !== undefined) await writer.patchDates(scope, flag, [first], comment, delivery);
        return { errors: new Map(), othersSucceeded: others.length === 0 };
      },
    };
    const { dates } = await all([theme('alice', null, JULY), theme('carol', null, JULY)], [], {
      writer: silent,
    });
    expect(ended(dates)).toEqual(['applied written', 'failed refused']);
    expect(live()).toEqual({ bob: JUNE, alice: JULY });
  });

  test('a date that another client has set in the meantime counts as set', async () => {
    const { writer, all, theme, live } = await datesStage();
    const late: FlagWriter = {
      ...writer,
      patchDates: async (...args) => {
        await writer.patchDates(...args);
        return writer.patchDates(...args);
      },
    };
    const { dates } = await all([theme('alice', null, JULY)], [], { writer: late });
    expect(ended(dates)).toEqual(['applied already-live']);
    expect(live()['alice']).toBe(JULY);
  });
});
