import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applied, approvalRequired, failed, type Result, skipped, unknown } from '../../src/apply/outcome.js';
import { StopRule } from '../../src/apply/stop-rule.js';

const DOWN = [
  failed('unreachable', 'no route'),
  failed('unavailable', 'status 503'),
  unknown('lookup-failed', 'answer lost'),
];
const ANSWERED = [
  applied('written'),
  failed('refused', 'no'),
  failed('rate-limited', 'slow down'),
  failed('missing-permission', 'denied', { extent: 'flag' }),
  skipped('live-moved', 'moved'),
  approvalRequired('approval', new Error('405')),
];

/** What is left of a run after these writes. */
function stopAfter(writes: readonly (readonly Result[])[], signal?: AbortSignal): Result | undefined {
  const rule = new StopRule(signal);
  for (const results of writes) rule.record(results);
  return rule.stopResult();
}

describe('the stop rule', () => {
  test('the run stops after four writes in a row without an answer, for the reason of the last one', () => {
    const any = fc.oneof(
      fc.constantFrom(...DOWN).map((result) => [result]),
      fc.constantFrom(...ANSWERED).map((result) => [result]),
      fc.tuple(fc.constantFrom(...ANSWERED), fc.constantFrom(...DOWN)),
      fc.constant([]),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (writes) => {
        let row = 0;
        let last: Result | undefined;
        for (const results of writes) {
          const down = results.find((result) => DOWN.includes(result));
          row = down === undefined ? 0 : row + 1;
          if (row === 4) {
            last = down;
            break;
          }
        }
        const expected =
          last === undefined ? undefined : skipped('stopped', `not started: ${last.ending.message}`);
        expect(stopAfter(writes)).toEqual(expected);
      }),
    );
  });

  test('the run stops at once after a result that concerns the whole run, and the first such result counts', () => {
    const rejected = failed('token-rejected', 'the token is not valid', { extent: 'run' });
    const removed = failed('route-removed', 'gone', { extent: 'run' });
    const expected = skipped('stopped', 'not started: the token is not valid');
    expect(stopAfter([[rejected]])).toEqual(expected);
    expect(stopAfter([[applied('written'), rejected, removed], [removed], [applied('written')]])).toEqual(
      expected,
    );
  });

  test('changes that are left are skipped for the same reason if a run was interrupted or out of time', () => {
    for (const reason of ['interrupted', 'run-timeout'] as const) {
      const result = skipped(reason, 'no time left', 'run');
      expect(stopAfter([[result]])).toEqual(skipped(reason, 'no time left'));
    }
  });

  test('an interruption stops the run, unless it has stopped already', () => {
    const stop = new AbortController();
    const rule = new StopRule(stop.signal);
    expect(rule.stopResult()).toBeUndefined();
    stop.abort();
    expect(rule.stopResult()).toEqual(skipped('interrupted', 'interrupted'));
    const rejected = failed('token-rejected', 'no', { extent: 'run' });
    expect(stopAfter([[rejected]], stop.signal)).toEqual(skipped('stopped', 'not started: no'));
    rule.record([rejected]);
    expect(rule.stopResult()).toEqual(skipped('interrupted', 'interrupted'));
  });
});
