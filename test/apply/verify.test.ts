import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { READ_DELAYS } from '../../src/apply/read-back.js';
import { verify } from '../../src/apply/verify.js';
import type { FlagReader } from '../../src/launchdarkly/client.js';
import { systemClock } from '../../src/launchdarkly/clock.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';
import { change, ends, recordingClock, stage } from './setup.js';

describe('verify', () => {
  test('verify finds every applied change live', async () => {
    const { writer, apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'bob', 0)]);
    expect(await verify({ outcomes, dates: [] }, { reader: writer, clock: new VirtualClock() })).toEqual({
      outcomes,
      dates: [],
      verification: { checked: 2, mismatches: [], dateMismatches: [], failure: undefined },
    });
  });

  test('verify sends one request for one flag, and one list request for several', async () => {
    for (const [flags, requests] of [
      [['theme'], 1],
      [['theme', 'checkout-v2', 'kill-switch-payments'], 1],
    ] as const) {
      const { simulator, writer, apply } = await stage();
      const outcomes = await apply(flags.map((flag) => change(flag, 'alice', 1)));
      simulator.forgetRequests();
      await verify({ outcomes, dates: [] }, { reader: writer, clock: new VirtualClock() });
      expect(simulator.requests).toHaveLength(requests);
    }
  });

  test('verify reports which changes are not live, and what is live instead, after reading several times', async () => {
    const { simulator, writer, apply } = await stage();
    const outcomes = await apply([
      change('theme', 'alice', 1),
      change('theme', 'bob', 1),
      change('theme', 'carol', null),
    ]);
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 2 });
    simulator.removeTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob' });
    simulator.forgetRequests();
    const clock = new VirtualClock();
    const { verification } = await clock.run(verify({ outcomes, dates: [] }, { reader: writer, clock }));
    expect(verification.checked).toBe(3);
    expect(verification.mismatches.map(({ change: { key }, live }) => [key, live])).toEqual([
      ['alice', 2],
      ['bob', undefined],
    ]);
    expect(simulator.requests.length).toBeGreaterThan(2);
  });

  test('verify waits for a write that cannot be read at once', async () => {
    const { simulator, writer } = await stage();
    const clock = new VirtualClock();
    const outcomes = [
      { change: change('theme', 'alice', 1), status: 'applied', reason: 'written', message: '' },
    ] as const;
    const looking = verify(
      { outcomes, dates: [] },
      {
        reader: writer,
        clock: {
          now: () => clock.now(),
          random: () => 0.5,
          sleep: (ms) => {
            simulator.setTarget('storefront', 'production', 'theme', {
              kind: 'user',
              key: 'alice',
              variation: 1,
            });
            return clock.sleep(ms);
          },
        },
      },
    );
    expect((await clock.run(looking)).verification.mismatches).toEqual([]);
  });

  test('verify ignores changes that were not applied', async () => {
    const { simulator, writer } = await stage();
    const outcomes = [
      { change: change('theme', 'alice', 1), status: 'failed', reason: 'refused', message: '' },
    ] as const;
    const { verification } = await verify(
      { outcomes, dates: [] },
      { reader: writer, clock: new VirtualClock() },
    );
    expect(verification.checked).toBe(0);
    expect(simulator.requests).toEqual([]);
  });

  test('verify decides outcomes without an answer by what is live', async () => {
    const { simulator, writer } = await stage();
    const lost = { message: 'refused; an answer was lost', unanswered: true } as const;
    const outcomes = [
      { change: change('theme', 'alice', 1), status: 'unknown', reason: 'lookup-failed', ...lost },
      { change: change('theme', 'bob', 1), status: 'unknown', reason: 'lookup-failed', ...lost },
      { change: change('theme', 'carol', 1), status: 'failed', reason: 'refused', ...lost },
      { change: change('theme', 'dave', 1), status: 'failed', reason: 'refused', ...lost },
    ] as const;
    for (const key of ['alice', 'carol'])
      simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key, variation: 1 });
    const clock = new VirtualClock();
    const { outcomes: after, verification } = await clock.run(
      verify({ outcomes, dates: [] }, { reader: writer, clock }),
    );
    expect(ends(after)).toEqual([
      'applied found-live',
      'failed answer-lost',
      'applied found-live',
      'failed refused',
    ]);
    expect(after.map(({ unanswered }) => unanswered)).toEqual([true, true, true, true]);
    // A failed change keeps its first message.
    expect(after[3]).toBe(outcomes[3]);
    expect(verification).toEqual({ checked: 2, mismatches: [], dateMismatches: [], failure: undefined });
  });

  test.each([
    [['failed'], 1],
    [['failed', 'failed'], 1],
    [['failed', 'unknown'], 4],
    [['applied', 'failed'], 4],
  ] as const)('verify of changes that are not live and were %j reads %i times', async (statuses, reads) => {
    const { simulator, writer } = await stage();
    const reasons = { failed: 'refused', unknown: 'lookup-failed', applied: 'written' } as const;
    const outcomes = statuses.map((status, index) => ({
      change: change('theme', `u${index}`, 1),
      status,
      reason: reasons[status],
      message: '',
      unanswered: true,
    })) as Outcome[];
    const clock = recordingClock();
    await verify({ outcomes, dates: [] }, { reader: writer, clock });
    expect(clock.waits).toEqual(READ_DELAYS.slice(0, reads - 1));
    expect(simulator.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(
      Array.from({ length: reads }, () => '/api/v2/flags/storefront/theme'),
    );
  });

  test('verify reads the projects one after the other, each with its own changes', async () => {
    const seen: [string, readonly string[]][] = [];
    const { writer } = await stage();
    const reader: FlagReader = {
      ...writer,
      getFlag: (project, flag, environments) => {
        seen.push([`${project}/${flag}`, environments]);
        return Promise.resolve(undefined);
      },
    };
    const outcomes = ['storefront', 'backoffice'].map((project) => ({
      change: { ...change('theme', 'alice', null), project },
      status: 'applied' as const,
      reason: 'written' as const,
      message: '',
    }));
    const { verification } = await verify({ outcomes, dates: [] }, { reader, clock: new VirtualClock() });
    expect(verification).toEqual({ checked: 2, mismatches: [], dateMismatches: [], failure: undefined });
    expect(seen).toEqual([
      ['storefront/theme', ['production']],
      ['backoffice/theme', ['production']],
    ]);
  });

  test('verify reports an unexpected error as such', async () => {
    const { writer } = await stage();
    const reader: FlagReader = { ...writer, getFlag: () => Promise.reject(new TypeError('no flags')) };
    const outcomes = [
      { change: change('theme', 'alice', 1), status: 'applied', reason: 'written', message: '' },
    ] as const;
    const options = { reader, clock: new VirtualClock(), signal: new AbortController().signal };
    expect((await verify({ outcomes, dates: [] }, options)).verification.failure).toEqual({
      type: 'unreadable',
      message: 'unexpected: TypeError: no flags',
    });
  });

  test('verify leaves an outcome unknown if the flags cannot be read', async () => {
    const { simulator, writer } = await stage();
    const outcomes = [
      {
        change: change('theme', 'alice', 1),
        status: 'unknown',
        reason: 'lookup-failed',
        message: '',
        unanswered: true,
      },
    ] as const;
    await simulator.stop();
    const { outcomes: after, verification } = await verify(
      { outcomes, dates: [] },
      {
        reader: writer,
        clock: new VirtualClock(),
      },
    );
    expect(after).toEqual(outcomes);
    expect(verification.failure?.type).toBe('unreadable');
  });

  test('verify reads two environments of one flag, and mixes up neither', async () => {
    const { simulator, writer } = await stage();
    const outcomes = ['production', 'staging'].map((environment) => ({
      change: change('theme', 'alice', 1, { environment }),
      status: 'applied' as const,
      reason: 'written' as const,
      message: '',
    }));
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    const clock = new VirtualClock();
    const { verification } = await clock.run(verify({ outcomes, dates: [] }, { reader: writer, clock }));
    expect(verification.mismatches.map((mismatch) => mismatch.change.environment)).toEqual(['staging']);
  });

  test('verify reports why the flags could not be read', async () => {
    const { simulator, writer, apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1)]);
    await simulator.stop();
    const { verification } = await verify(
      { outcomes, dates: [] },
      { reader: writer, clock: new VirtualClock() },
    );
    expect(verification.failure).toEqual({
      type: 'unreadable',
      message: expect.stringContaining('cannot reach') as string,
    });
  });

  test('verify ends at once when it is interrupted, and reports the interruption instead of the mismatches', async () => {
    const { simulator, writer, apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1)]);
    simulator.removeTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice' });
    const interrupt = new AbortController();
    const clock = new VirtualClock();
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      interrupt.abort();
      return systemClock.sleep(ms, signal);
    };
    const options = { reader: writer, clock: { now: () => clock.now(), random: () => 0, sleep } };
    expect(await verify({ outcomes, dates: [] }, { ...options, signal: interrupt.signal })).toEqual({
      outcomes,
      dates: [],
      verification: { checked: 1, mismatches: [], dateMismatches: [], failure: { type: 'interrupted' } },
    });
  });
});
