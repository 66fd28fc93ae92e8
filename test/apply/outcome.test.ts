import { expect, test } from 'vitest';
import {
  accepted,
  applied,
  approvalRequired,
  failed,
  isOpen,
  OUTCOME_REASONS,
  type OutcomeStatus,
  skipped,
  unknown,
} from '../../src/apply/outcome.js';

test('each reason belongs to one status, so that a reason alone identifies an outcome', () => {
  const reasons = Object.values(OUTCOME_REASONS).flatMap((meanings) => Object.keys(meanings));
  expect(new Set(reasons).size).toBe(reasons.length);
});

test('a change is open unless it was applied or would be accepted', () => {
  const open = Object.keys(OUTCOME_REASONS).filter((status) => isOpen({ status: status as OutcomeStatus }));
  expect(open).toEqual(['failed', 'unknown', 'skipped', 'approval-required']);
});

test('a result has its status, reason and message, and a cause only if there is one', () => {
  const cause = new Error('why');
  const { ending, extent } = { ending: { message: 'text' }, extent: 'change' };
  expect(applied('written')).toStrictEqual({
    ending: { status: 'applied', reason: 'written', message: '' },
    extent,
  });
  expect(applied('found-live', 'text').ending).toStrictEqual({
    ...ending,
    status: 'applied',
    reason: 'found-live',
  });
  expect(accepted()).toStrictEqual({
    ending: { status: 'accepted', reason: 'dry-run', message: '' },
    extent,
  });
  expect(failed('refused', 'text')).toStrictEqual({
    ending: { ...ending, status: 'failed', reason: 'refused' },
    extent,
  });
  expect(failed('refused', 'text', { extent: 'run', cause })).toStrictEqual({
    ending: { ...ending, status: 'failed', reason: 'refused', cause },
    extent: 'run',
  });
  const lost = { extent, unanswered: true };
  const unknownEnding = { ...ending, status: 'unknown', reason: 'lookup-failed' };
  expect(unknown('lookup-failed', 'text')).toStrictEqual({ ending: unknownEnding, ...lost });
  expect(unknown('lookup-failed', 'text', cause)).toStrictEqual({
    ending: { ...unknownEnding, cause },
    ...lost,
  });
  const skippedEnding = { ...ending, status: 'skipped', reason: 'stopped' };
  expect(skipped('stopped', 'text')).toStrictEqual({ ending: skippedEnding, extent });
  expect(skipped('stopped', 'text', 'run')).toStrictEqual({ ending: skippedEnding, extent: 'run' });
  expect(approvalRequired('text', cause)).toStrictEqual({
    ending: { ...ending, status: 'approval-required', reason: 'approval-required', cause },
    extent: 'flag',
  });
});
