import { describe, expect, test } from 'vitest';
import type { DateOutcome } from '../../src/apply/outcome.js';
import { READ_DELAYS } from '../../src/apply/read-back.js';
import { verifyDates } from '../../src/apply/verify-dates.js';
import type { FlagReader } from '../../src/launchdarkly/client.js';
import type { ExpiryChange } from '../../src/reconcile/dates.js';
import { datesStage, ended, JULY, JUNE } from './dates-setup.js';
import { recordingClock } from './setup.js';

function written(date: ExpiryChange): DateOutcome {
  return { change: date, status: 'applied', reason: 'written', message: '' };
}

function lost(date: ExpiryChange): DateOutcome {
  return {
    change: date,
    status: 'unknown',
    reason: 'lookup-failed',
    message: 'an answer was lost',
    unanswered: true,
  };
}

/** A reader that finds no dates the first times. */
function late(reader: FlagReader, times: number): FlagReader {
  let reads = 0;
  return {
    ...reader,
    listDates: (...args) => {
      reads += 1;
      return reads <= times ? Promise.resolve([]) : reader.listDates(...args);
    },
  };
}

describe('reading dates back', () => {
  test.each([0, 1, 2, 3])('a date that is live after %i more reads is no mismatch', async (times) => {
    const { writer, theme } = await datesStage();
    const clock = recordingClock();
    const dates = [written(theme('bob', null, JUNE))];
    const read = await verifyDates(dates, { reader: late(writer, times), clock });
    expect(read).toEqual({ dates, mismatches: [] });
    expect(clock.waits).toEqual(READ_DELAYS.slice(0, times));
  });

  test('a date that is not live after the last read is a mismatch, even if another date of its flag is live', async () => {
    const { writer, theme } = await datesStage();
    const clock = recordingClock();
    const [bob, alice] = [theme('bob', null, JUNE), theme('alice', null, JULY)];
    const { mismatches } = await verifyDates([written(bob), written(alice)], { reader: writer, clock });
    expect(mismatches).toEqual([{ change: alice, live: undefined }]);
    expect(clock.waits).toEqual(READ_DELAYS);
  });

  test('each flag is read once, and its dates are those of no other flag', async () => {
    const { simulator, writer, theme } = await datesStage();
    const bob = theme('bob', null, JUNE);
    const other: ExpiryChange = { ...bob, flag: 'checkout-v2', after: null, action: 'remove' };
    const dates = [written(bob), written(other), written(theme('alice', null, null))];
    expect(await verifyDates(dates, { reader: writer, clock: recordingClock() })).toEqual({
      dates,
      mismatches: [],
    });
    expect(simulator.requests.map(({ path }) => path.split('/')[5])).toEqual(['theme', 'checkout-v2']);
  });

  test('a date whose answer was lost is applied if it is live', async () => {
    const { writer, theme } = await datesStage();
    const clock = recordingClock();
    const bob = theme('bob', null, JUNE);
    const { dates, mismatches } = await verifyDates([lost(bob)], { reader: writer, clock });
    expect(dates).toStrictEqual([
      {
        change: bob,
        status: 'applied',
        reason: 'found-live',
        message: 'the answer was lost, and the date was found set',
        unanswered: true,
      },
    ]);
    expect(mismatches).toEqual([]);
  });

  test('a date whose answer was lost is not waited for, and stays as it is if it is not live', async () => {
    const { writer, theme } = await datesStage();
    const clock = recordingClock();
    const given = [lost(theme('alice', null, JULY))];
    expect(await verifyDates(given, { reader: writer, clock })).toEqual({ dates: given, mismatches: [] });
    expect(clock.waits).toEqual([]);
  });

  test('a date that was refused stays so, even if it is live', async () => {
    const { simulator, writer, theme } = await datesStage();
    const refused: DateOutcome = {
      change: theme('bob', null, JUNE),
      status: 'failed',
      reason: 'refused',
      message: 'no',
    };
    const { dates } = await verifyDates([refused], { reader: writer, clock: recordingClock() });
    expect(ended(dates)).toEqual(['failed refused']);
    expect(simulator.requests).toEqual([]);
  });
});
