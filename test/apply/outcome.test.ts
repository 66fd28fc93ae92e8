import { expect, test } from 'vitest';
import { OUTCOME_REASONS } from '../../src/apply/outcome.js';

test('each reason belongs to one status, so that a reason alone identifies an outcome', () => {
  const reasons = Object.values(OUTCOME_REASONS).flatMap((meanings) => Object.keys(meanings));
  expect(new Set(reasons).size).toBe(reasons.length);
});
