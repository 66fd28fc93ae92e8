import { expect, test } from 'vitest';
import { LimitRecorder } from '../../../src/launchdarkly/pacing/limit-recorder.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';

function readings(headers: Readonly<Record<string, string>>): ReturnType<typeof readRateHeaders>['readings'] {
  return readRateHeaders(new Map(Object.entries(headers)), 0).readings;
}

test('the recorder keeps the reported limits of each kind of write and of all requests', () => {
  const recorder = new LimitRecorder();
  const headers = {
    'x-ratelimit-route-limit': '20',
    'x-ratelimit-route-remaining': '3',
    'x-ratelimit-global-limit': '100',
    'x-ratelimit-global-remaining': '90',
    'x-ratelimit-auth-token-limit': '70',
    'x-ratelimit-auth-token-remaining': '1',
  };
  expect(recorder.record('flag list', readings(headers))).toBe(true);
  expect(recorder.limits).toEqual({ all: 70 });
  expect(recorder.record('user setting', readings(headers))).toBe(true);
  expect(recorder.record('user setting', readings(headers))).toBe(false);
  expect(recorder.record('flag patch', readings({ ...headers, 'x-ratelimit-route-limit': '6' }))).toBe(true);
  expect(recorder.limits).toEqual({ users: 20, patches: 6, all: 70 });
});

test('a limit that is not reported is at least what was left before the request', () => {
  const recorder = new LimitRecorder();
  const left = (remaining: number): ReturnType<typeof readings> =>
    readings({ 'x-ratelimit-route-remaining': `${remaining}` });
  expect(recorder.record('context setting', left(7))).toBe(true);
  expect(recorder.record('context setting', left(3))).toBe(false);
  expect(recorder.limits.contexts).toBe(8);
  expect(recorder.record('context setting', left(9))).toBe(true);
  expect(recorder.limits.contexts).toBe(10);
});

test('a response without rate headers records nothing', () => {
  const recorder = new LimitRecorder();
  expect(recorder.record('user setting', readings({}))).toBe(false);
  expect(Object.values(recorder.limits).filter((limit) => limit !== undefined)).toEqual([]);
});
