import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/reconcile/explain.js';
import type { OverrideValue } from '../../src/reconcile/plan.js';
import type { Serving } from '../../src/reconcile/serving.js';
import type { ExplainReport } from '../../src/report/explain/explain.js';
import { explainText } from '../../src/report/explain/text.js';
import { explainJson } from '../../src/report/explain/json.js';

const ON: OverrideValue = { variation: 0, value: true };
const OFF: OverrideValue = { variation: 1, value: false, name: 'Off' };
const AT = { file: 'a.yaml', line: 4, col: 5 };

const EXPLANATION: Explanation = {
  project: 'shop',
  environment: 'production',
  flag: 'f',
  kind: 'user',
  key: 'alice',
  state: 'live',
  live: null,
  served: ON,
  why: { reason: 'fallthrough' },
};

function reportOf(parts: Partial<Explanation>, flag: string | undefined = 'f'): ExplainReport {
  return {
    baseUrl: 'https://app.launchdarkly.com',
    head: undefined,
    context: { kind: 'user', key: 'alice' },
    flag,
    scopes: [{ project: 'shop', environment: 'production' }],
    explanations: [{ ...EXPLANATION, ...parts }],
    warnings: [],
    hint: undefined,
  };
}

const text = (report: ExplainReport, columns?: number): string =>
  explainText(report, { color: false, now: 0, columns });

/** The text after a label. */
function row(label: string, parts: Partial<Explanation>): string | undefined {
  return new RegExp(`^  ${label} +(.*)$`, 'm').exec(text(reportOf(parts)))?.[1];
}

const TARGET: Serving = { served: ON, why: { reason: 'target' } };
const ROLLOUT: Serving = { why: { reason: 'rollout' } };

describe('why a context is served something', () => {
  it.each<[string, string, string, Serving]>([
    ['true', 'an individual target', 'individual target', TARGET],
    [
      'true',
      'the default rule; there is no individual target',
      'default rule',
      { served: ON, why: { reason: 'fallthrough' } },
    ],
    [
      'false (Off)',
      'the flag is off: the off variation is served',
      'the flag is off',
      { served: OFF, why: { reason: 'off' } },
    ],
    [
      'the fallback value in the code',
      'the flag is off: there is no off variation',
      'the flag is off',
      { served: null, why: { reason: 'off' } },
    ],
    [
      'the fallback value in the code',
      'the flag is archived: SDKs do not receive it',
      'the flag is archived',
      { served: null, why: { reason: 'archived' } },
    ],
    [
      'false (Off)',
      'the prerequisite g must serve true and serves false (default rule): the off variation is served',
      'prerequisite g not met',
      {
        served: OFF,
        why: {
          reason: 'prerequisite',
          prerequisite: { flag: 'g', mustServe: ON, serves: { served: OFF, why: { reason: 'fallthrough' } } },
        },
      },
    ],
    [
      'false (Off)',
      'the prerequisite g is off: the off variation is served',
      'prerequisite g not met',
      {
        served: OFF,
        why: {
          reason: 'prerequisite',
          prerequisite: { flag: 'g', mustServe: ON, serves: { served: ON, why: { reason: 'off' } } },
        },
      },
    ],
    [
      'the fallback value in the code',
      'the prerequisite g does not exist, or depends on this flag: there is no off variation',
      'prerequisite g not met',
      { served: null, why: { reason: 'prerequisite', prerequisite: { flag: 'g', mustServe: null } } },
    ],
    [
      'false (Off)',
      'the prerequisite g must serve a variation that does not exist and serves true (individual target): the off variation is served',
      'prerequisite g not met',
      {
        served: OFF,
        why: { reason: 'prerequisite', prerequisite: { flag: 'g', mustServe: null, serves: TARGET } },
      },
    ],
    [
      'false (Off)',
      'the prerequisite g must serve true and serves the fallback value in the code (the flag is archived): the off variation is served',
      'prerequisite g not met',
      {
        served: OFF,
        why: {
          reason: 'prerequisite',
          prerequisite: { flag: 'g', mustServe: ON, serves: { served: null, why: { reason: 'archived' } } },
        },
      },
    ],
    [
      'not known',
      '1 rule comes before the default rule, and flagops does not evaluate rules. If none matches: true (default rule)',
      'depends on 1 rule',
      {
        why: {
          reason: 'rules',
          rules: 1,
          ifNoneMatches: { served: ON, why: { reason: 'fallthrough' } },
        },
      },
    ],
    [
      'not known',
      'the default rule is a percentage rollout, which flagops does not evaluate',
      'percentage rollout',
      ROLLOUT,
    ],
    [
      'not known',
      "LaunchDarkly's response does not contain the default rule",
      'default rule unknown',
      { why: { reason: 'unknown' } },
    ],
    [
      'not known',
      'the prerequisite g must serve true, which is not known: the default rule is a percentage rollout, which flagops does not evaluate. If it is met: true (individual target). If not: false (Off) (off variation)',
      'depends on prerequisite g',
      {
        why: {
          reason: 'undecided-prerequisite',
          prerequisite: { flag: 'g', mustServe: ON, serves: ROLLOUT },
          ifMet: TARGET,
          ifNot: OFF,
        },
      },
    ],
    [
      'not known',
      'the prerequisite g must serve true, which is not known: the default rule is a percentage rollout, which flagops does not evaluate. If it is met: not known: the default rule is a percentage rollout, which flagops does not evaluate. If not: the fallback value in the code (off variation)',
      'depends on prerequisite g',
      {
        why: {
          reason: 'undecided-prerequisite',
          prerequisite: { flag: 'g', mustServe: ON, serves: ROLLOUT },
          ifMet: ROLLOUT,
          ifNot: null,
        },
      },
    ],
  ])('is shown: %s, %s', (served, because, short, { served: value, why }) => {
    const { served: _, ...rest } = EXPLANATION;
    const serving = value === undefined ? { why } : { served: value, why };
    const report = { ...reportOf({}), explanations: [{ ...rest, ...serving }] };
    expect(text(report)).toContain(`  served    ${served}\n  because   ${because}\n`);
    expect(text({ ...report, flag: undefined })).toContain(`  f  ${served}  ${short}\n`);
  });
});

describe('the state of an override', () => {
  it.each<[string, Partial<Explanation>]>([
    ['nothing is declared or live', {}],
    ['live is as declared', { live: ON, declared: ON, at: AT }],
    ['no override, as declared', { declared: null, at: AT }],
    ['not declared', { live: ON }],
    ['not declared; archived flags are left alone', { live: ON, state: 'archived' }],
    [
      'pending: declared and not applied yet; the next apply sets it',
      { mark: 'pending', declared: ON, at: AT, change: 'add' },
    ],
    [
      'pending: declared and not applied yet; the next apply changes it to false (Off)',
      { mark: 'pending', live: ON, declared: OFF, at: AT, change: 'update' },
    ],
    [
      'pending: no longer declared; the next apply removes it',
      { mark: 'pending', live: ON, change: 'remove' },
    ],
    [
      'drift: changed in LaunchDarkly since the last apply; the plan sets it; not applied: drift is only reported here',
      { mark: 'drift', declared: ON, at: AT, change: 'add', withheld: 'drift-report' },
    ],
    [
      'expired; the next apply removes it',
      { mark: 'expired', live: ON, declared: ON, at: AT, change: 'remove' },
    ],
    ['expired; nothing is live', { mark: 'expired', declared: ON, at: AT }],
    [
      'expired; live has another value, which is left alone',
      { mark: 'expired', live: OFF, declared: ON, at: AT },
    ],
    ['unmanaged: not declared and not ours; left alone', { mark: 'unmanaged', live: ON }],
    [
      'unmanaged: not declared and not ours; the next apply removes it',
      { mark: 'unmanaged', live: ON, change: 'remove' },
    ],
    [
      'never applied from here, so why it differs is unknown; the next apply sets it',
      { mark: 'unknown', declared: ON, at: AT, change: 'add' },
    ],
    ['the configuration excludes the flag: left alone', { live: ON, excluded: true }],
    [
      'live is as declared; no effect: the default rule serves the same variation; the flag is deprecated',
      { live: ON, declared: ON, at: AT, noEffect: 'fallthrough', state: 'deprecated' },
    ],
    [
      'pending: declared and not applied yet; the next apply sets it; the override will have no effect: the default rule serves the same variation',
      { mark: 'pending', declared: ON, at: AT, change: 'add', noEffect: 'fallthrough' },
    ],
  ])('is: %s', (state, parts) => {
    expect(row('state', parts)).toBe(state);
  });
});

it('a declaration is shown with its place, commit, owner, reason and expiry date', () => {
  const commit = { id: 'c'.repeat(40), subject: 'Add Alice', author: 'Dana', date: 0 };
  const shown = text(
    reportOf({
      live: ON,
      declared: ON,
      at: AT,
      provenance: { type: 'commit', commit },
      owner: 'team-a',
      reason: 'Beta',
      manage: 'keep',
      expires: { at: 1, text: '2026-12-31', line: 1, col: 1 },
    }),
  );
  expect(shown).toBe(`f for user alice in shop/production
  served    true
  because   the default rule; there is no individual target
  live      true
  declared  true in a.yaml:4:5
  commit    Add Alice (cccccccccccc by Dana)
            owner team-a · Beta · manage: keep · expires 2026-12-31
  state     live is as declared
`);
  expect(row('declared', {})).toBe('nowhere');
  expect(row('declared', { declared: null, at: AT })).toBe('null (no override) in a.yaml:4:5');
  expect(row('commit', { at: AT, provenance: { type: 'unknown' } })).toBe('unknown');
  // A variation that no longer exists.
  expect(row('declared', { at: AT })).toBe('a.yaml:4:5');
});

it('an overview shows live and declared values where they differ, and marks', () => {
  const line = (parts: Partial<Explanation>): string =>
    text({ ...reportOf(parts), flag: undefined }).split('\n')[1] ?? '';
  expect(line({ live: OFF, declared: ON, at: AT, mark: 'drift', served: OFF, why: { reason: 'off' } })).toBe(
    '  f  false (Off)  the flag is off · live false (Off) · declared true · a.yaml:4:5 · drift',
  );
  expect(line({ live: ON, ...TARGET, mark: 'unmanaged', noEffect: 'fallthrough' })).toBe(
    '  f  true  individual target · unmanaged · no effect',
  );
  expect(line({ live: ON, ...TARGET, excluded: true })).toBe('  f  true  individual target · excluded');
  expect(line({ declared: null, at: AT })).toBe('  f  true  default rule · a.yaml:4:5');
});

it('an overview without overrides says where it looked', () => {
  const empty = { ...reportOf({}, undefined), flag: undefined, explanations: [] };
  expect(text(empty)).toBe('No override of user alice is declared or live in shop/production.\n');
  const scopes = [...empty.scopes, { project: 'shop', environment: 'staging' }];
  expect(text({ ...empty, scopes, hint: 'did you mean alicia?' })).toBe(
    'No override of user alice is declared or live in any of 2 scopes (did you mean alicia?).\n',
  );
});

it('lines fit the terminal', () => {
  const report = reportOf({
    live: ON,
    declared: OFF,
    at: { file: 'overrides/production/checkout.yaml', line: 10, col: 5 },
    mark: 'pending',
    change: 'update',
    noEffect: 'fallthrough',
  });
  for (const columns of [80, 60]) {
    for (const flag of ['f', undefined]) {
      const shown = text(
        { ...report, flag, warnings: ['A warning that has quite a few words. '.repeat(4)] },
        columns,
      );
      for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  }
});

it('values and names fit narrow terminals', () => {
  const long: OverrideValue = {
    variation: 0,
    value: { text: 'x'.repeat(100) },
    name: 'A name of a few words',
  };
  const parts = { flag: 'a-flag-with-a-name', live: long, served: long, declared: null, at: AT };
  const fallback: Partial<Explanation> = { ...parts, served: null, why: { reason: 'off' } };
  for (const columns of [80, 60, 40]) {
    for (const report of [reportOf({ ...parts, ...TARGET, served: long }), reportOf(fallback)]) {
      for (const flag of ['f', undefined]) {
        const shown = text({ ...report, flag, hint: 'did you mean alicia?' }, columns);
        for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  }
  expect(text({ ...reportOf(fallback), flag: undefined }, 40)).toBe(`user alice in shop/production
  a-flag-with-a-name  the fallback
      value in the code
      the flag is off
      live
      {"text":"xxxxxxxxxxxxxxxxxxxxxx...
      (A name of a few words)
      declared none · a.yaml:4:5

To see more about a flag, add its key
  to the command.
`);
});

it('an explanation contains no control characters', () => {
  const odd = 'a\u001b[31m\u202eb';
  const parts = {
    flag: odd,
    key: odd,
    owner: odd,
    reason: odd,
    served: { variation: 0, value: odd, name: odd },
  };
  const report = reportOf(parts, odd);
  const warned = { ...report, context: { kind: odd, key: odd }, warnings: [odd], hint: odd };
  const empty = { ...warned, flag: undefined, explanations: [] };
  for (const shown of [
    text(warned),
    text({ ...warned, flag: undefined }),
    text(empty),
    explainJson(warned),
  ]) {
    expect(shown).not.toMatch(/[\u001b\u202e]/);
    expect(shown).toContain('u001b');
  }
});
