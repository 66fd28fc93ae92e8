import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/reconcile/plan.js';
import { driftText } from '../../src/report/drift-text.js';
import { planned } from '../reconcile/world.js';

const PLAN = planned({ desired: { 'theme user bob': 'dark' }, live: { 'theme user bob': 0 } });
const HEAD = { id: 'e'.repeat(40), subject: 'Start', author: 'Ada', date: 0 };
const OPTIONS = { color: false, now: 60_000 };

/** The plan with as many more scopes, none of which was ever applied. */
function withNeverApplied(count: number): Plan {
  const scopes = PLAN.scopes.map((scope) => ({ ...scope, lastApplied: HEAD }));
  const more = Array.from({ length: count }, (_, index) =>
    PLAN.scopes.map((scope) => ({ ...scope, project: `p${index}`, lastApplied: undefined })),
  );
  const changes = PLAN.changes.map((change) => ({ ...change, mark: 'drift' as const }));
  return { ...PLAN, changes, scopes: [...scopes, ...more.flat()] };
}

describe('drift as text', () => {
  it('scopes that were never applied are named up to three, and counted beyond', () => {
    const lines = (count: number): string[] =>
      driftText(withNeverApplied(count), OPTIONS)
        .split('\n')
        .filter((line) => line.includes('so there is no drift'));
    expect(lines(3)).toEqual(
      ['p0', 'p1', 'p2'].map(
        (project) => `${project}/production: no apply recorded, so there is no drift to report`,
      ),
    );
    expect(lines(300)).toEqual(['300 scopes: no apply recorded, so there is no drift to report']);
  });

  it('drift is wrapped to the width of a terminal', () => {
    const wide = driftText(withNeverApplied(5), OPTIONS);
    const narrow = driftText(withNeverApplied(5), { ...OPTIONS, columns: 40 });
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(narrow.split(/\s+/)).toEqual(wide.split(/\s+/));
  });

  it('long values of both sides fit a terminal', () => {
    const long = (variation: number) => ({ variation, value: 'x'.repeat(100 + variation) });
    const { changes, ...rest } = withNeverApplied(0);
    const drift = { declared: long(0), live: long(1) };
    const narrow = driftText(
      { ...rest, changes: changes.map((change) => ({ ...change, drift })) },
      { ...OPTIONS, columns: 40 },
    );
    expect(narrow).toContain('declared "xxxxx');
    expect(narrow).toContain('live "xxxxx');
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });
});
