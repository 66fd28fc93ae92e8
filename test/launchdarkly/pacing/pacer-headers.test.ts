import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import {
  runAgainstScript,
  type ScriptedResponse,
  type SentRequest,
  sentOverBudget,
} from './scripted-server.js';

/** The file has `## name`, then one line per response: `milliseconds status header=value ...`, relative to the first. */
function recordings(): readonly (readonly [string, readonly ScriptedResponse[]])[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded-headers.txt'), 'utf8');
  return text
    .split('\n## ')
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.trim().split('\n');
      return [name, lines.map(responseOf)] as const;
    });
}

function responseOf(line: string): ScriptedResponse {
  const [at, status, ...pairs] = line.split(' ');
  const all = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
  const reset = all.get('x-ratelimit-reset') ?? all.get('x-ratelimit-auth-token-reset');
  const times = new Set(['date', 'x-ratelimit-reset', 'x-ratelimit-auth-token-reset']);
  return {
    status: Number(status),
    headers: Object.fromEntries([...all].filter(([name]) => !times.has(name))),
    reset: reset === undefined ? undefined : Number(reset) - Number(at),
    ahead: 0,
  };
}

const gaps = (sent: readonly SentRequest[]): number[] =>
  sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));

describe.each(recordings())('recorded headers: %s', (_, script) => {
  test('a pacer sends no more than each recorded response leaves', () => {
    for (const latency of [1, 20, 400]) {
      for (const concurrency of [1, 4]) {
        expect(sentOverBudget(runAgainstScript(script, { requests: 60, latency, concurrency }))).toEqual([]);
      }
    }
  });

  test('a pacer keeps sending, whatever the recorded responses say', () => {
    expect(Math.max(...gaps(runAgainstScript(script, { requests: 60 })))).toBeLessThanOrEqual(6 * WINDOW);
  });
});

const count = fc.oneof(fc.nat(8), fc.constantFrom(0, 1, 1000, 9_999_999));
const budget = (name: string): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({ limit: fc.option(count, { nil: undefined }), remaining: fc.option(count, { nil: undefined }) })
    .map(({ limit, remaining }) => ({
      ...(limit === undefined ? {} : { [`x-ratelimit-${name}-limit`]: String(limit) }),
      ...(remaining === undefined ? {} : { [`x-ratelimit-${name}-remaining`]: String(remaining) }),
    }));

const parts = (
  ...all: readonly fc.Arbitrary<Record<string, string>>[]
): fc.Arbitrary<Record<string, string>> =>
  fc.tuple(...all).map((each) => Object.assign({}, ...each) as Record<string, string>);

const responsesAbout = (headers: fc.Arbitrary<Record<string, string>>) =>
  fc.record({
    status: fc.constantFrom(204, 204, 204, 429),
    headers,
    reset: fc.option(
      fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: 1, max: 10_000 })),
      { nil: undefined },
    ),
    dated: fc.boolean(),
  });

const responses = responsesAbout(
  parts(
    budget('route'),
    budget('global'),
    budget('auth-token'),
    fc.constantFrom<Record<string, string>>({}, { 'retry-after': '3' }),
  ),
);

// A reset without a date makes sense only if the clocks agree.
const scriptsOf = (response: typeof responses): fc.Arbitrary<readonly ScriptedResponse[]> =>
  fc
    .tuple(fc.array(response, { minLength: 1, maxLength: 12 }), fc.constantFrom(0, 0, -300_000, 300_000))
    .map(([all, ahead]) =>
      all.map(({ dated, ...rest }) => ({ ...rest, ahead: dated || ahead !== 0 ? ahead : undefined })),
    );

const scripts = scriptsOf(responses);
const conditions = fc.record({
  latency: fc.constantFrom(1, 50, 700),
  concurrency: fc.constantFrom(1, 4, 16),
  requests: fc.constant(40),
});

/** Other clients seem to use up everything until a known reset. */
const probedBeforeReset: readonly ScriptedResponse[] = [
  {
    status: 204,
    headers: { 'x-ratelimit-route-limit': '9999999', 'x-ratelimit-route-remaining': '0' },
    reset: 9950,
    ahead: 300_000,
  },
  {
    status: 204,
    headers: { 'x-ratelimit-route-limit': '1', 'x-ratelimit-route-remaining': '1000' },
    ahead: 300_000,
  },
];

describe('contradictory headers', () => {
  // One request at a time: with several in flight, contradictory responses cannot all be respected.
  test('a pacer sends no more than each contradictory response leaves', () => {
    fc.assert(
      fc.property(scriptsOf(responsesAbout(budget('route'))), conditions, (script, condition) => {
        const sent = runAgainstScript(script, {
          ...condition,
          concurrency: 1,
          latency: Math.min(condition.latency, 50),
        });
        expect(sentOverBudget(sent)).toEqual([]);
      }),
      { numRuns: 300, examples: [[probedBeforeReset, { latency: 50, concurrency: 1, requests: 40 }]] },
    );
  });

  test('two shared budgets with different resets do not postpone each other forever', () => {
    const response = (headers: Record<string, string>, reset: number, status = 204): ScriptedResponse => ({
      status,
      headers,
      reset,
      ahead: -300_000,
    });
    const route = 'x-ratelimit-route-remaining';
    const global = 'x-ratelimit-global-remaining';
    const script = [
      response({ [route]: '0' }, 9997),
      response({ [route]: '0', [global]: '2', 'x-ratelimit-global-limit': '1' }, 1),
      response(
        {
          [route]: '1000',
          'x-ratelimit-route-limit': '2',
          [global]: '0',
          'x-ratelimit-global-limit': '2',
        },
        0,
        429,
      ),
    ];
    const sent = runAgainstScript(script, { requests: 40, latency: 1, concurrency: 1 });
    expect(Math.max(...gaps(sent))).toBeLessThanOrEqual(6 * WINDOW);
  });

  test('a pacer never stops sending, whatever contradictory headers say', () => {
    fc.assert(
      fc.property(scripts, conditions, (script, condition) => {
        expect(Math.max(...gaps(runAgainstScript(script, condition)))).toBeLessThanOrEqual(8 * WINDOW);
      }),
      { numRuns: 300 },
    );
  });
});
