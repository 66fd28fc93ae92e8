import { describe, expect, test } from 'vitest';
import { withoutTarget } from '../../src/apply/dates.js';
import {
  accepted,
  applied,
  approvalOpen,
  type DateOutcome,
  failed,
  type Result,
  skipped,
  unknown,
} from '../../src/apply/outcome.js';
import type { Progress } from '../../src/apply/progress.js';
import type { FlagWriter } from '../../src/launchdarkly/client.js';
import { ApiError } from '../../src/launchdarkly/http/api-error.js';
import { NetworkError } from '../../src/launchdarkly/http/network-error.js';
import type { ExpiryChange } from '../../src/reconcile/dates.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { datesStage, type DatesStage, ended, JULY, JUNE, PATH } from './dates-setup.js';
import { change, recordingClock, waitsAfter } from './setup.js';

function addFaults(simulator: Simulator, ...faults: readonly string[]): void {
  for (const fault of faults) simulator.faults.add(parseFault(`${fault},method=PATCH,${PATH}`));
}

/** The requests for dates, as `method status`. */
function requests(simulator: Simulator): string[] {
  return simulator.requests
    .filter(({ path }) => path.includes('/expiring-targets/'))
    .map(({ method, status }) => `${method} ${status}`);
}

/** A writer that loses every lookup after a write. */
function withoutLookups(writer: FlagWriter): FlagWriter {
  return { ...writer, lookUpDates: () => Promise.reject(new Error('no network')) };
}

/** A writer whose answers do not say which instructions failed, and that sends none of them. */
function silent(writer: FlagWriter): FlagWriter {
  return { ...writer, patchDates: () => Promise.resolve({ errors: new Map(), othersSucceeded: false }) };
}

/** A date that cannot be set, since its context has no target. */
function ofNoTarget({ theme }: DatesStage): ExpiryChange {
  return theme('nobody', null, JULY);
}

const NO_TARGET = 'LaunchDarkly refused the date: ';
const LOST = '; an answer was lost; the date is not as declared, but that request may still take effect';

describe('the result of a date that depends on its override', () => {
  test('if the override is not applied, the date is not sent, for the same reason if that is known', () => {
    const open = skipped('override-open', 'its override was not applied, and a date needs one');
    const archived = skipped('flag-archived', 'theme was archived', 'flag');
    const waiting = approvalOpen('approval-pending', 'waiting', { id: 'r1', url: 'https://ld.test/r1' });
    const notChecked = skipped('not-checked', 'LaunchDarkly cannot check a date without setting it');
    const cases: readonly (readonly [Result, Result | undefined])[] = [
      [applied('written'), undefined],
      [applied('found-live'), undefined],
      [archived, { ...archived, extent: 'change' }],
      [waiting, waiting],
      [accepted(), notChecked],
      [failed('refused', 'no'), open],
      [unknown('lookup-failed', 'lost'), open],
    ];
    for (const [{ ending, unanswered }, expected] of cases) {
      const lost = unanswered === true ? { unanswered } : {};
      expect(withoutTarget({ change: change('theme', 'alice', 1), ...ending, ...lost })).toEqual(expected);
    }
  });

  test('a date whose override does not change is written', () => {
    expect(withoutTarget(undefined)).toBeUndefined();
  });
});

describe('the result of a date', () => {
  test.each<[string, readonly string[], Partial<DateOutcome>]>([
    ['is written', [], { status: 'applied', reason: 'written', message: '' }],
    [
      'is set by a request whose answer was lost',
      ['reset-after,once'],
      {
        status: 'applied',
        reason: 'found-live',
        message: 'the answer was lost, and the date was found set',
        unanswered: true,
      },
    ],
    [
      'is set by the retry of a request that was lost',
      ['reset-before,once'],
      { status: 'applied', reason: 'written', message: '', unanswered: true },
    ],
  ])('if it %s', async (_, faults, expected) => {
    const { simulator, all, theme } = await datesStage();
    addFaults(simulator, ...faults);
    const date = theme('alice', null, JULY);
    expect((await all([date])).dates).toEqual([{ change: date, ...expected }]);
  });

  test('an answered patch is neither looked up nor marked as unanswered', async () => {
    const { simulator, all, theme } = await datesStage();
    await all([theme('alice', null, JULY), theme('bob', JUNE, JULY)]);
    expect(requests(simulator)).toEqual(['GET 200', 'PATCH 200']);
  });

  test('a date that is already set needs no patch', async () => {
    const { simulator, all, theme } = await datesStage();
    const date = theme('bob', null, JUNE);
    expect((await all([date])).dates).toEqual([
      { change: date, status: 'applied', reason: 'already-live', message: 'the date was already set' },
    ]);
    expect(requests(simulator)).toEqual(['GET 200']);
  });

  test('without the id of its variation a date cannot be set, but the others are', async () => {
    const { all, theme, live } = await datesStage();
    const { variationId: _, ...alice } = theme('alice', null, JULY);
    const { dates } = await all([alice, theme('carol', null, JULY)]);
    expect(dates).toMatchObject([
      {
        status: 'failed',
        reason: 'not-settable',
        message: 'LaunchDarkly gave no variation id, which a date needs',
      },
      { status: 'applied', reason: 'written' },
    ]);
    expect(live()).toEqual({ bob: JUNE, carol: JULY });
  });

  test('each instruction that LaunchDarkly refuses fails only its date', async () => {
    const made = await datesStage();
    const { dates } = await made.all([ofNoTarget(made), made.theme('alice', null, JULY)]);
    expect(ended(dates)).toEqual(['failed refused', 'applied written']);
    expect(dates[0]?.message).toMatch(new RegExp(`^${NO_TARGET}.`));
    expect(made.live()).toEqual({ bob: JUNE, alice: JULY });
  });

  test('an instruction that succeeded needs no lookup', async () => {
    const made = await datesStage();
    const { dates } = await made.all([ofNoTarget(made), made.theme('alice', null, JULY)], [], {
      writer: withoutLookups(made.writer),
    });
    expect(ended(dates)).toEqual(['failed refused', 'applied written']);
  });

  test('a date that another client set first counts as set', async () => {
    const { writer, all, theme } = await datesStage();
    const late: FlagWriter = {
      ...writer,
      patchDates: async (...args) => {
        await writer.patchDates(...args);
        return writer.patchDates(...args);
      },
    };
    const { dates } = await all([theme('alice', null, JULY)], [], { writer: late });
    expect(dates).toMatchObject([{ reason: 'already-live', message: 'the date was already set' }]);
  });

  test('a patch that changes nothing and does not say why has failed', async () => {
    const { writer, all, theme } = await datesStage();
    const date = theme('alice', null, JULY);
    const { dates } = await all([date], [], { writer: silent(writer) });
    expect(dates).toEqual([
      {
        change: date,
        status: 'failed',
        reason: 'refused',
        message: 'LaunchDarkly did not change the date, and did not say why',
      },
    ]);
  });

  test('a patch that does not say what it changed is unknown if the dates cannot be read', async () => {
    const { writer, all, theme } = await datesStage();
    const date = theme('alice', null, JULY);
    const { dates } = await all([date], [], { writer: withoutLookups(silent(writer)) });
    expect(dates).toEqual([
      {
        change: date,
        status: 'unknown',
        reason: 'lookup-failed',
        message: 'LaunchDarkly did not say whether it changed the date, and looking it up failed: no network',
        unanswered: true,
      },
    ]);
  });
});

describe('a patch of dates that is refused', () => {
  test('it names the permission that the token lacks, and the rest of the flag is not sent', async () => {
    const { simulator, all, theme } = await datesStage({ connection: { token: 'api-reader' } });
    const { dates } = await all([theme('alice', null, JULY), theme('carol', null, JULY)], [], {
      writes: { mode: 'put', values: 1 },
    });
    expect(ended(dates)).toEqual(['failed missing-permission', 'failed missing-permission']);
    for (const { message } of dates)
      expect(message).toMatch(
        /^denied \(403 .*\): the token needs updateExpiringTargets on proj\/storefront:env\/production:flag\/theme$/,
      );
    expect(requests(simulator)).toEqual(['GET 200', 'PATCH 403']);
  });

  test.each<[string, (simulator: Simulator) => void]>([
    ['skipped flag-deleted', (simulator) => simulator.deleteFlag('storefront', 'theme')],
    ['skipped flag-archived', (simulator) => simulator.archiveFlag('storefront', 'theme')],
  ])('it is %s, which ends the other patches of the flag', async (expected, end) => {
    const { simulator, all, theme } = await datesStage();
    end(simulator);
    addFaults(simulator, 'status=404,always');
    const { dates } = await all([theme('alice', null, JULY), theme('carol', null, JULY)], [], {
      writes: { mode: 'put', values: 1 },
    });
    expect(ended(dates)).toEqual([expected, expected]);
    expect(requests(simulator).filter((request) => request.startsWith('PATCH'))).toEqual(['PATCH 404']);
  });

  test('it has failed if the flag is still there', async () => {
    const { simulator, all, theme } = await datesStage();
    addFaults(simulator, 'status=404,always');
    const { dates } = await all([theme('alice', null, JULY)]);
    expect(ended(dates)).toEqual(['failed refused']);
    const [{ cause, message } = { cause: undefined, message: '' }] = dates;
    if (!(cause instanceof ApiError)) throw new Error('the cause is not the response');
    expect(message).toBe(cause.message);
    expect(requests(simulator)).toEqual(['GET 200', 'PATCH 404']);
  });

  test.each([
    [1, 'applied written', 2],
    [7, 'applied written', 8],
    [8, 'failed conflict', 8],
  ])('after %i conflicts in a row, the date is %s', async (conflicts, expected, sent) => {
    const { simulator, writer, all, theme } = await datesStage();
    addFaults(simulator, 'conflict,always');
    let patches = 0;
    const counting: FlagWriter = {
      ...writer,
      patchDates: (...args) => {
        patches += 1;
        if (patches > conflicts) simulator.faults.clear();
        return writer.patchDates(...args);
      },
    };
    const clock = recordingClock();
    const { dates } = await all([theme('alice', null, JULY)], [], { clock, writer: counting });
    expect(ended(dates)).toEqual([expected]);
    expect(patches).toBe(sent);
    expect(clock.waits).toEqual(waitsAfter(Math.min(conflicts, 7)));
  });
});

describe('a date whose answer was lost', () => {
  test('it has failed if it is not set, and says that it may still be', async () => {
    const { simulator, all, theme } = await datesStage();
    addFaults(simulator, 'reset-before,always');
    const { dates } = await all([theme('alice', null, JULY)]);
    expect(dates).toMatchObject([{ status: 'failed', reason: 'unreachable', unanswered: true }]);
    const [date] = dates;
    expect(date?.cause).toBeInstanceOf(NetworkError);
    expect(date?.message).toMatch(new RegExp(`^the connection to .* was lost \\(ECONNRESET\\)${LOST}$`));
  });

  test('it has failed if its flag turned out to be archived, since the answer may have been a success', async () => {
    const { simulator, all, theme } = await datesStage();
    simulator.archiveFlag('storefront', 'theme');
    addFaults(simulator, 'reset-before,once', 'status=404,always');
    const date = theme('alice', null, JULY);
    expect((await all([date])).dates).toEqual([
      {
        change: date,
        status: 'failed',
        reason: 'answer-lost',
        message: `theme was archived since the plan was made${LOST}`,
        unanswered: true,
      },
    ]);
  });

  test('it is unknown if the dates cannot be read', async () => {
    const { simulator, writer, all, theme } = await datesStage();
    simulator.archiveFlag('storefront', 'theme');
    addFaults(simulator, 'reset-before,once', 'status=404,always');
    const { dates } = await all([theme('alice', null, JULY)], [], { writer: withoutLookups(writer) });
    expect(dates).toMatchObject([
      {
        status: 'unknown',
        reason: 'lookup-failed',
        message:
          'theme was archived since the plan was made; an answer was lost, and looking the date up failed: no network',
        unanswered: true,
      },
    ]);
  });

  test('each date of the patch is decided, with one lookup', async () => {
    const made = await datesStage();
    addFaults(made.simulator, 'reset-after,once');
    const { dates } = await made.all([
      made.theme('alice', null, JULY),
      made.theme('bob', JUNE, JUNE),
      ofNoTarget(made),
    ]);
    expect(ended(dates)).toEqual(['applied found-live', 'applied found-live', 'failed refused']);
    expect(dates[2]?.message.startsWith(NO_TARGET)).toBe(true);
    expect(dates[2]?.message.endsWith(LOST)).toBe(true);
    expect(dates.map(({ unanswered }) => unanswered)).toEqual([true, true, true]);
  });

  test('it is not looked up again if all dates of the patch are set', async () => {
    const { simulator, writer, all, theme } = await datesStage();
    addFaults(simulator, 'reset-before,once');
    let lookups = 0;
    const counting: FlagWriter = {
      ...writer,
      lookUpDates: (...args) => {
        lookups += 1;
        return writer.lookUpDates(...args);
      },
    };
    await all([theme('alice', null, JULY)], [], { writer: counting });
    expect(lookups).toBe(0);
  });
});

describe('dates that must not have moved since the plan', () => {
  const strict = { strict: true } as const;

  test.each<[string, number | null, boolean, string]>([
    ['did not', JUNE, true, 'applied written'],
    ['did', JULY, true, 'skipped live-moved'],
    ['was set', null, true, 'skipped live-moved'],
    ['did, but may', JULY, false, 'applied written'],
  ])('if one %s', async (_, before, isStrict, expected) => {
    const { all, theme } = await datesStage();
    const { dates } = await all([theme('bob', before, JULY + 1e9)], [], { strict: isStrict });
    expect(ended(dates)).toEqual([expected]);
  });

  test('if there was none and still is none', async () => {
    const { all, theme } = await datesStage();
    expect(ended((await all([theme('alice', null, JULY)], [], strict)).dates)).toEqual(['applied written']);
  });

  test('the date of an override that was just written is set in any case', async () => {
    const { all, theme, live } = await datesStage();
    const { outcomes, dates } = await all(
      [theme('bob', null, JULY)],
      [change('theme', 'bob', 1, { before: 1 })],
      strict,
    );
    expect(outcomes).toMatchObject([{ status: 'applied' }]);
    expect(ended(dates)).toEqual(['applied written']);
    expect(live()).toEqual({ bob: JULY });
  });
});

describe('what is not sent', () => {
  test('a date that is withheld, even if nothing is checked', async () => {
    const { simulator, all, theme } = await datesStage();
    const withheld: ExpiryChange = { ...theme('alice', null, JULY), withheld: 'paused' };
    for (const dryRun of [false, true]) {
      const { dates } = await all([withheld], [], { dryRun, writes: { mode: 'batch', values: 500 } });
      expect(dates).toEqual([
        { change: withheld, status: 'skipped', reason: 'withheld', message: 'withheld (paused)' },
      ]);
    }
    expect(simulator.requests).toEqual([]);
  });
});

describe('progress', () => {
  test('it counts dates as well as changes, and how many have failed or are unknown', async () => {
    const made = await datesStage();
    const { writer, simulator, all, theme } = made;
    const seen: Progress[] = [];
    await all([theme('alice', null, JULY), ofNoTarget(made)], [change('theme', 'dave', 1)], {
      writes: { mode: 'put', values: 1 },
      writer: withoutLookups(writer),
      onProgress: (progress) => {
        seen.push(progress);
        if (seen.length === 1) addFaults(simulator, 'reset-after,once');
      },
    });
    expect(seen).toEqual([
      { done: 1, total: 3, failed: 0, unknown: 0 },
      { done: 2, total: 3, failed: 0, unknown: 1 },
      { done: 3, total: 3, failed: 1, unknown: 1 },
    ]);
  });
});

test('an error in flagops between the patches of a date leaves it unknown, and the others get their outcome', async () => {
  const { simulator, all, theme } = await datesStage();
  addFaults(simulator, 'conflict,once');
  const alice = theme('alice', null, JULY);
  const cause = new Error('no time');
  const clock = { ...recordingClock(), sleep: () => Promise.reject(cause) };
  const { dates } = await all([alice, theme('carol', null, JULY)], [], {
    clock,
    writes: { mode: 'put', values: 1 },
  });
  expect(ended(dates)).toEqual(['unknown unexpected-after-write', 'applied written']);
  expect(dates[0]).toEqual({
    change: alice,
    status: 'unknown',
    reason: 'unexpected-after-write',
    message: 'unexpected: no time',
    cause,
    unanswered: true,
  });
});
