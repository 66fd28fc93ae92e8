import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUTCOME_REASONS, type Outcome } from '../../src/apply/outcome.js';
import { everyRequestAnswered, exitCode, exitCodeUnreported, onlyWaits } from '../../src/apply/report.js';
import type { Verification } from '../../src/apply/verify.js';
import { change } from './setup.js';

type Report = Parameters<typeof exitCode>[0];

const ALICE = change('theme', 'alice', 1);
const REPORT: Report = {
  outcomes: [],
  dates: [],
  verification: undefined,
  interrupted: false,
  unrecorded: [],
};

function outcome<Status extends Outcome['status']>(
  status: Status,
  reason: Extract<Outcome, { readonly status: Status }>['reason'],
  more: Pick<Outcome, 'unanswered'> = {},
): Outcome {
  return { change: ALICE, status, reason, message: '', ...more } as Outcome;
}

const LOST = { unanswered: true } as const;
const WRITTEN = outcome('applied', 'written');
const FOUND = outcome('applied', 'found-live', LOST);
const UNKNOWN = outcome('unknown', 'lookup-failed', LOST);
const REFUSED = outcome('failed', 'refused');
const LOST_THEN_REFUSED = outcome('failed', 'refused', LOST);
const MOVED = outcome('skipped', 'live-moved');
const LEFT = outcome('skipped', 'interrupted');
const WITHHELD = outcome('skipped', 'withheld');
const APPROVAL = outcome('approval-required', 'approval-required');
const REQUESTED = outcome('approval-required', 'approval-requested');
const NOT_LIVE: Verification = {
  checked: 1,
  mismatches: [{ change: ALICE, live: undefined }],
  dateMismatches: [],
  failure: undefined,
};
const UNREADABLE: Verification = {
  checked: 1,
  mismatches: [],
  dateMismatches: [],
  failure: { type: 'unreadable', message: 'no' },
};

test('a change only waits if approval is required, and no request for it was or may have been created', () => {
  const all = Object.entries(OUTCOME_REASONS).flatMap(([status, reasons]) =>
    Object.keys(reasons).map((reason) => ({ change: ALICE, status, reason, message: '' }) as Outcome),
  );
  expect(all.filter(onlyWaits).map(({ reason }) => reason)).toEqual([
    'approval-required',
    'approval-pending',
    'approval-approved',
    'approval-declined',
  ]);
  expect(all.filter((one) => onlyWaits({ ...one, ...LOST }))).toEqual([]);
});

describe('the exit code', () => {
  test.each<readonly [string, Partial<Report>, number]>([
    ['nothing to do', {}, 0],
    ['everything is applied', { outcomes: [WRITTEN, FOUND, WITHHELD] }, 0],
    ['a failure without writes', { outcomes: [REFUSED] }, 1],
    ['a change that was skipped, without writes', { outcomes: [MOVED] }, 1],
    ['refs that did not move, without writes', { unrecorded: ['the lock is stale'] }, 1],
    ['a failure that comes before approvals', { outcomes: [REFUSED, APPROVAL] }, 1],
    ['a failure without writes, then an interruption', { outcomes: [REFUSED, LEFT], interrupted: true }, 1],
    ['a failure after a write', { outcomes: [WRITTEN, REFUSED] }, 3],
    ['a failure after an answer was lost', { outcomes: [LOST_THEN_REFUSED] }, 3],
    ['an unknown outcome', { outcomes: [UNKNOWN] }, 3],
    ['an unknown outcome and approvals', { outcomes: [UNKNOWN, APPROVAL] }, 3],
    ['a change that does not read back', { outcomes: [WRITTEN], verification: NOT_LIVE }, 3],
    ['writes that cannot be read back', { outcomes: [FOUND], verification: UNREADABLE }, 3],
    ['refs that did not move after a write', { outcomes: [WRITTEN], unrecorded: ['no space left'] }, 3],
    ['approvals only', { outcomes: [APPROVAL] }, 5],
    ['approvals after a write', { outcomes: [WRITTEN, APPROVAL] }, 5],
    ['approvals that were requested', { outcomes: [REQUESTED] }, 5],
    ['a failure after an approval was requested', { outcomes: [REQUESTED, REFUSED] }, 3],
    ['an interruption before the first write', { outcomes: [LEFT], interrupted: true }, 130],
    ['an interruption after a write', { outcomes: [WRITTEN, LEFT, REFUSED], interrupted: true }, 130],
    ['an interruption after an answer was lost', { outcomes: [UNKNOWN], interrupted: true }, 130],
  ])('the exit code for %s', (_, more, code) => {
    expect(exitCode({ ...REPORT, ...more })).toBe(code);
  });

  const anyOutcome = fc
    .constantFrom(
      ...Object.entries(OUTCOME_REASONS).flatMap(([status, reasons]) =>
        Object.keys(reasons).map((reason) => ({ status, reason })),
      ),
    )
    .chain(({ status, reason }) =>
      fc
        .constantFrom({}, LOST)
        .map((lost) => ({ change: ALICE, status, reason, message: '', ...lost }) as Outcome),
    );
  const anyReport: fc.Arbitrary<Report> = fc.record({
    outcomes: fc.array(anyOutcome, { maxLength: 4 }),
    dates: fc.constant([]),
    verification: fc.constantFrom(undefined, NOT_LIVE, UNREADABLE),
    interrupted: fc.boolean(),
    unrecorded: fc.constantFrom([], ['the lock is stale']),
  });

  test('exit code 1 never follows a write that took effect or may have', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const mayHaveWritten =
          report.outcomes.some(({ reason }) => reason === 'written' || reason === 'approval-requested') ||
          !everyRequestAnswered(report.outcomes);
        const codes = [exitCode(report), exitCodeUnreported(report)];
        expect(codes).not.toContain(mayHaveWritten ? 1 : 3);
      }),
    );
  });

  test('exit code 0 means that everything is applied, accepted or withheld, and recorded', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        if (exitCode(report) !== 0) return;
        // With --check, dates are left out, as withheld changes are.
        const isDone = ({ status, reason }: Outcome): boolean =>
          ['applied', 'accepted'].includes(status) || reason === 'withheld' || reason === 'not-checked';
        expect(report.outcomes.every(isDone)).toBe(true);
        expect(report).toMatchObject({ verification: undefined, interrupted: false, unrecorded: [] });
      }),
    );
  });

  test.each<readonly [Partial<Report>, number]>([
    [{}, 1],
    [{ interrupted: true }, 1],
    [{ outcomes: [WRITTEN] }, 3],
    [{ outcomes: [LOST_THEN_REFUSED] }, 3],
    [{ outcomes: [WRITTEN], interrupted: true }, 130],
  ])('the exit code for a report that is lost (%j) is %i', (more, code) => {
    expect(exitCodeUnreported({ ...REPORT, ...more })).toBe(code);
  });
});
