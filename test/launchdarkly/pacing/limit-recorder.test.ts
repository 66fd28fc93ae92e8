import { expect, test } from 'vitest';
import { LimitRecorder } from '../../../src/launchdarkly/pacing/limit-recorder.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';

function readings(headers: Readonly<Record<string, string>>): ReturnType<typeof readRateHeaders>['readings'] {
  return readRateHeaders(new Map(Object.entries(headers)), 0).readings;
}

test('limits are those that the headers tell, of each sort of write and of all requests', () => {
  const seen = new LimitRecorder();
  const headers = {
    'x-ratelimit-route-limit': '20',
    'x-ratelimit-route-remaining': '3',
    'x-ratelimit-global-limit': '100',
    'x-ratelimit-global-remaining': '90',
    'x-ratelimit-auth-token-limit': '70',
    'x-ratelimit-auth-token-remaining': '1',
  };
  expect(seen.record('flag list', readings(headers))).toBe(true);
  expect(seen.limits).toEqual({ all: 70 });
  expect(seen.record('user setting', readings(headers))).toBe(true);
  expect(seen.record('user setting', readings(headers))).toBe(false);
  expect(seen.record('flag patch', readings({ ...headers, 'x-ratelimit-route-limit': '6' }))).toBe(true);
  expect(seen.limits).toEqual({ users: 20, patches: 6, all: 70 });
});

test('a limit that is not told is at least what was left before the request', () => {
  const seen = new LimitRecorder();
  const left = (remaining: number): ReturnType<typeof readings> =>
    readings({ 'x-ratelimit-route-remaining': `${remaining}` });
  expect(seen.record('context setting', left(7))).toBe(true);
  expect(seen.record('context setting', left(3))).toBe(false);
  expect(seen.limits.contexts).toBe(8);
  expect(seen.record('context setting', left(9))).toBe(true);
  expect(seen.limits.contexts).toBe(10);
});

test('an answer without rate headers tells nothing', () => {
  const seen = new LimitRecorder();
  expect(seen.record('user setting', readings({}))).toBe(false);
  expect(Object.values(seen.limits).filter((limit) => limit !== undefined)).toEqual([]);
});
