import { expect, it } from 'vitest';
import { guardHistory } from '../../../src/reconcile/guards/rewind.js';
import type { Commit } from '../../../src/reconcile/state.js';

const commit = (digit: string): Commit => ({ id: digit.repeat(40), subject: 's', author: 'a', date: 0 });

it('a plan is refused if HEAD lacks a commit that was applied, and only --allow-rewind lifts that', () => {
  expect(guardHistory([], false)).toEqual([]);
  expect(guardHistory([], true)).toEqual([]);
  const refusal = { code: 'rewind', message: 'HEAD does not contain aaaaaaaaaaaa, which was last applied' };
  expect(guardHistory([commit('a'), commit('b')], false)).toEqual([
    expect.objectContaining({ ...refusal, lifted: false }),
  ]);
  expect(guardHistory([commit('a')], true)).toEqual([
    expect.objectContaining({ ...refusal, lifted: true, liftedBy: '--allow-rewind' }),
  ]);
});
