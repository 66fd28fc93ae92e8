import { expect, test } from 'vitest';
import schema from '../../../schemas/plan.schema.json' with { type: 'json' };
import { liftAccepted, refusal } from '../../../src/reconcile/guards/refusal.js';
import { type GuardCode, GUARDS, type Lift } from '../../../src/reconcile/guards/table.js';

const CODES = Object.keys(GUARDS) as GuardCode[];

test('plan.schema.json lists exactly the codes of the table', () => {
  expect(schema.$defs.guard.properties.code.enum.toSorted()).toEqual(CODES.toSorted());
});

test('a refusal is lifted exactly if the run was given what lifts its guard', () => {
  for (const code of CODES) {
    for (const lift of ['force', 'allow-rewind', 'allow-dirty', 'allow-loosened'] as const satisfies Lift[]) {
      const { lifted } = refusal(code, 'message', new Set([lift]));
      expect([code, lift, lifted]).toEqual([code, lift, GUARDS[code].liftedBy === lift]);
    }
    expect(refusal(code, 'message', new Set()).lifted).toBe(false);
  }
});

test('an accepted fingerprint lifts the guards that --force lifts, and only for that plan', () => {
  const refusals = CODES.map((code) => refusal(code, 'message', new Set()));
  const accepted = liftAccepted(refusals, 'abc', ['xyz', 'abc'], 'flagops.yaml').filter(
    ({ lifted }) => lifted,
  );
  expect(accepted.map(({ code }) => code)).toEqual([
    'updates',
    'removals',
    'changes',
    'none-left',
    'empty-scope',
  ]);
  expect(liftAccepted(refusals, 'abc', ['xyz'], 'flagops.yaml')).toEqual(refusals);
});

test('the remedy of a guard names the option that lifts it, or says that --force does not', () => {
  for (const code of CODES) {
    const { liftedBy, remedy } = GUARDS[code];
    const isOption = liftedBy !== 'configuration' && liftedBy !== 'new-plan';
    expect(remedy).toContain(isOption ? `--${liftedBy}` : '--force does not lift it');
  }
});
