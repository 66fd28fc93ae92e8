import { describe, expect, test } from 'vitest';
import { verify } from '../../src/apply/verify.js';
import { readProject } from '../../src/launchdarkly/read/read-project.js';
import { planText } from '../../src/report/plan-text.js';
import { resultText } from '../../src/report/result-text.js';
import { declared, planFor, planOf, SCOPE, seedOf, type WantedOverride } from '../bench/support/work.js';
import { skippingClock } from '../launchdarkly/server.js';
import { countOperations } from '../support/operations.js';
import { ends, stage } from './setup.js';

const FLAG = 'flag-00';
const LIMITS = { global: 1_000_000, route: 1_000_000 };
const BATCH = { writes: { mode: 'batch', values: 1_000_000 } } as const;

/** See `liveBefore`: of ten users, six move to another variation, two are live as declared, and two are new. */
function overridesOf(count: number): WantedOverride[] {
  return Array.from({ length: count }, (_, index) => ({ flag: FLAG, user: `user-${index}`, value: true }));
}

function liveBefore(count: number): Map<string, number> {
  const live = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    if (index % 10 < 6) live.set(`user-${index}`, 1);
    else if (index % 10 < 8) live.set(`user-${index}`, 0);
    else if (index % 10 === 8) live.set(`stranger-${index}`, 0);
  }
  return live;
}

/**
 * Reads a flag with `count` targets, plans, applies in one patch that is refused at first since some targets moved
 * meanwhile, and reads back.
 */
async function operationsFor(count: number): Promise<number> {
  const { simulator, writer, apply } = await stage({ seed: seedOf(1), limits: LIMITS });
  const set = (key: string, variation: number): void =>
    simulator.setTarget(SCOPE.project, SCOPE.environment, FLAG, { kind: 'user', key, variation });
  for (const [key, variation] of liveBefore(count)) set(key, variation);
  return countOperations(async () => {
    const query = {
      project: SCOPE.project,
      environments: [SCOPE.environment],
      needed: new Set([FLAG]),
      all: true,
      contextKinds: false,
    };
    const plan = planFor(declared(overridesOf(count)), await readProject(writer, query));
    const { changes } = plan;
    expect(changes).toHaveLength((count / 10) * 9);
    for (const { key, action } of changes) if (action === 'add' && key.endsWith('9')) set(key, 1);
    const outcomes = await apply(changes, BATCH);
    expect(new Set(ends(outcomes))).toEqual(new Set(['applied written']));
    const { verification } = await verify(
      { outcomes, dates: [] },
      { reader: writer, clock: skippingClock() },
    );
    expect(verification.mismatches).toEqual([]);
    expect(planText(plan, { color: false, now: 0 }).length).toBeGreaterThan(count);
    const report = { plan, outcomes, dates: [], verification, interrupted: false, recorded: [] };
    expect(resultText({ ...report, unrecorded: [], notices: [] }, { color: false })).toContain('Applied');
  });
}

/** Reads four flags without targets, plans, and sends one PUT for each change. */
async function operationsOfPuts(count: number): Promise<number> {
  const { writer, apply } = await stage({ seed: seedOf(4), limits: LIMITS });
  const wanted = Array.from({ length: count }, (_, index) => ({
    flag: `flag-0${index % 4}`,
    user: `user-${index}`,
    value: true,
  }));
  return countOperations(async () => {
    const { changes } = await planOf(wanted, writer);
    expect(new Set(ends(await apply(changes)))).toEqual(new Set(['applied written']));
  });
}

describe('many changes', () => {
  test('applying with PUTs takes the same number of operations for each change, however many there are', async () => {
    await operationsOfPuts(10);
    const few = await operationsOfPuts(100);
    const many = await operationsOfPuts(1000);
    expect(many / 1000).toBeLessThan((few / 100) * 1.2);
  });
});

describe('many targets', () => {
  test('reading, planning, patching and verifying a flag takes the same number of operations for each target, however many there are', async () => {
    // The first run includes work that is done only once.
    await operationsFor(10);
    const few = await operationsFor(100);
    const more = await operationsFor(1000);
    const many = await operationsFor(10_000);
    // Quadratic work would take ten times as many; sorting takes a few more.
    expect(more / 1000).toBeLessThan((few / 100) * 1.2);
    expect(many / 10_000).toBeLessThan((more / 1000) * 1.2);
  });
});
