import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/apply/outcome.js';
import { completedScopes } from '../../src/apply/report.js';
import type { Verification } from '../../src/apply/verify.js';
import type { Plan } from '../../src/reconcile/plan.js';
import { planned } from '../reconcile/world.js';
import { change } from './setup.js';

const ENVIRONMENTS = ['production', 'staging', 'test'] as const;

/** A plan of one scope for each environment. */
function planOf(filtered: number): Plan {
  const plan = planned({});
  const [scope] = plan.scopes;
  if (scope === undefined) throw new Error('no scope');
  const scopes = ENVIRONMENTS.map((environment) => ({ ...scope, project: 'storefront', environment }));
  return { ...plan, scopes, filtered };
}

const outcome = fc
  .record({
    environment: fc.constantFrom(...ENVIRONMENTS),
    ending: fc.constantFrom(
      { status: 'applied', reason: 'written' } as const,
      { status: 'applied', reason: 'written' } as const,
      { status: 'applied', reason: 'already-live' } as const,
      { status: 'failed', reason: 'refused' } as const,
      { status: 'skipped', reason: 'withheld' } as const,
      { status: 'unknown', reason: 'lookup-failed' } as const,
      { status: 'accepted', reason: 'dry-run' } as const,
    ),
    isLive: fc.constantFrom(true, true, true, false),
  })
  .map(({ environment, ending, isLive }) => ({
    isLive,
    outcome: {
      change: change('theme', 'alice', 1, { environment }),
      ...ending,
      message: '',
    } satisfies Outcome,
  }));

test('a scope is completed if all its changes were applied and none was found not to be live', () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 4 }), fc.boolean(), (all, isVerified) => {
      const mismatches = all
        .filter(({ isLive }) => !isLive)
        .map(({ outcome: { change: one } }) => ({ change: one, live: undefined }));
      const verification: Verification | undefined = isVerified
        ? { checked: all.length, mismatches, dateMismatches: [], failure: undefined }
        : undefined;
      const isOpen = (environment: string): boolean =>
        all.some(
          ({ outcome: one, isLive }) =>
            one.change.environment === environment && (one.status !== 'applied' || (isVerified && !isLive)),
        );
      const outcomes = all.map(({ outcome: one }) => one);
      expect(completedScopes(planOf(0), { outcomes, dates: [] }, verification)).toStrictEqual(
        ENVIRONMENTS.filter((environment) => !isOpen(environment)).map((environment) => ({
          project: 'storefront',
          environment,
        })),
      );
      expect(completedScopes(planOf(1), { outcomes, dates: [] }, verification)).toEqual([]);
    }),
  );
});
