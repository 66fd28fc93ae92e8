import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../src/reconcile/fingerprint.js';
import {
  type EarlierPlan,
  type Expectations,
  guardExpectations,
} from '../../../src/reconcile/guards/expectations.js';
import { planned } from '../world.js';

const EXPECTED: Expectations = { fingerprint: undefined, planned: undefined, dirty: [], allowDirty: false };

const plan = (): ReturnType<typeof planned> =>
  planned({
    desired: { 'f user a': true, 'f user b': true, 'theme user c': null },
    live: { 'theme user c': 0 },
  });

/** The refusals as `code: message`, with `(lifted)` at the end if they are. */
function refusals(expected: Partial<Expectations>): string[] {
  return guardExpectations(plan(), { ...EXPECTED, ...expected }).map(
    ({ code, message, lifted }) => `${code}: ${message}${lifted ? ' (lifted)' : ''}`,
  );
}

describe('what an apply was asked to expect', () => {
  it('a plan is not refused if nothing was expected of it', () => {
    expect(refusals({})).toEqual([]);
    expect(refusals({ allowDirty: true })).toEqual([]);
  });

  it('a plan must have the fingerprint that was expected, in any case of letters', () => {
    const { fingerprint } = plan();
    expect(refusals({ fingerprint })).toEqual([]);
    expect(refusals({ fingerprint: fingerprint.toUpperCase() })).toEqual([]);
    expect(refusals({ fingerprint: 'abc' })).toEqual([
      `expect: the plan has the fingerprint ${fingerprint}, but abc was expected`,
    ]);
  });

  it('a plan may contain only changes of the earlier plan, but not all of them', () => {
    const { baseUrl, changes } = plan();
    const [a, b, c] = changes.map(identityOf);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three changes are planned');

    const file = (...kept: EarlierPlan['changes']): string[] =>
      refusals({ planned: { baseUrl, changes: kept, dates: [] } });
    expect(file(a, b, c)).toEqual([]);
    expect(file(c, b, a, { project: 'shop' })).toEqual([]);
    expect(file(a, b)).toEqual(['plan-file: remove theme for user "c" is not in the plan file']);
    expect(file(c)).toEqual(['plan-file: add f for user "a" and 1 more is not in the plan file']);
    expect(file()).toEqual(['plan-file: add f for user "a" and 2 more is not in the plan file']);
  });

  it('a plan file must be for the same LaunchDarkly', () => {
    const changes = plan().changes.map(identityOf);
    expect(refusals({ planned: { baseUrl: 'https://ld.example', changes, dates: [] } })).toEqual([
      'plan-file: the plan file is for https://ld.example, but this run is for https://app.launchdarkly.com',
    ]);
  });

  it('everything must be committed, unless --allow-dirty is given', () => {
    expect(refusals({ dirty: ['a.yaml'] })).toEqual(['dirty: a.yaml is not committed']);
    expect(refusals({ dirty: ['a.yaml', 'b.yaml', 'c.yaml'] })).toEqual([
      'dirty: a.yaml and 2 more is not committed',
    ]);
    expect(refusals({ dirty: ['a.yaml'], allowDirty: true })).toEqual([
      'dirty: a.yaml is not committed (lifted)',
    ]);
  });

  it('all that was not as expected is reported, in the order of the guards', () => {
    const all = {
      fingerprint: 'abc',
      planned: { baseUrl: 'https://ld.example', changes: [], dates: [] },
      dirty: ['a.yaml'],
    };
    expect(refusals({ ...all, allowDirty: true }).map((text) => text.split(':')[0])).toEqual([
      'expect',
      'plan-file',
      'dirty',
    ]);
    expect(refusals({ ...all, allowDirty: true }).map((text) => text.endsWith('(lifted)'))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
