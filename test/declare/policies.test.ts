import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, DEFAULT_CONFIG, DEFAULT_POLICY } from '../../src/config/config.js';
import { combine } from '../../src/declare/combine.js';
import { policyProblems } from '../../src/declare/policies.js';
import type { DeclarationPolicies } from '../../src/reconcile/policy.js';
import { declared, SCOPE } from './declared.js';

const DAY = 86_400_000;
/** Noon. */
const NOW = Date.parse('2026-07-01T12:00:00Z');

/** The problems of some files, as `file:line:col code message`. */
function problems(
  files: Readonly<Record<string, string>>,
  policies: Partial<DeclarationPolicies>,
  now = NOW,
): string[] {
  const policy = { ...DEFAULT_POLICY, policies: { ...DEFAULT_POLICY.policies, ...policies } };
  const config: Config = {
    ...DEFAULT_CONFIG,
    scopes: [{ project: 'shop', environment: 'production', policy }],
  };
  const { desired } = combine(
    Object.entries(files).map(([path, text]) => declared(SCOPE + text, path)),
    config,
    { configPath: 'flagops.yaml', folder: '.', links: new Map() },
  );
  return policyProblems(desired, config, now).map(
    ({ at, code, message, severity }) => `${at.file}:${at.line}:${at.col} ${severity} ${code} ${message}`,
  );
}

const codes = (text: string, policies: Partial<DeclarationPolicies>, now = NOW): string[] =>
  problems({ 'a.yaml': text }, policies, now).map((line) => line.split(' ')[2] ?? '');

describe('what a policy requires', () => {
  it('is reported once for each file, at its first override without it', () => {
    const files = {
      'a.yaml': 'users:\n  a: { f: 1, g: 1 }\n  b: { f: { $value: 1, reason: Trial } }\n',
      'b.yaml': 'owner: team-a\nreason: Trial\nusers: { c: { f: 1 } }\n',
      'c.yaml': 'owner: team-a\nusers:\n  d: { f: { $value: 1, reason: Trial }, g: 1 }\n',
    };
    expect(problems(files, { require: ['owner', 'reason'] })).toEqual([
      'a.yaml:4:8 error owner-missing 3 overrides in this file have no owner, which policies.require of shop/production requires',
      'a.yaml:4:8 error reason-missing 2 overrides in this file have no reason, which policies.require of shop/production requires',
      'c.yaml:5:41 error reason-missing 1 override in this file has no reason, which policies.require of shop/production requires',
    ]);
    expect(problems(files, {})).toEqual([]);
  });

  it('can be in the file, the group or the override', () => {
    const policies = { require: ['expires' as const] };
    for (const text of [
      'expires: "2026-08-01"\nusers: { a: { f: 1 } }\n',
      'groups: [{ name: g, users: [a], flags: { f: 1 }, expires: "2026-08-01" }]\n',
      'users: { a: { f: { $value: 1, expires: "2026-08-01" } } }\n',
    ])
      expect(codes(text, policies)).toEqual([]);
    expect(codes('users: { a: { f: 1 } }\n', policies)).toEqual(['expires-missing']);
  });

  it('is asked of null, except for a date, and not of what is left alone', () => {
    const require = ['owner' as const, 'expires' as const];
    expect(codes('users: { a: { f: null } }\n', { require })).toEqual(['owner-missing']);
    expect(codes('manage: none\nusers: { a: { f: 1 } }\n', { require })).toEqual([]);
  });
});

describe('the longest lifetime', () => {
  it('ends with the day that is so many days ahead, UTC', () => {
    const at = (expires: string): string[] =>
      codes(`expires: "${expires}"\nusers: { a: { f: 1 } }\n`, { maxLifetime: 30 });
    expect(at('2026-07-31')).toEqual([]);
    expect(at('2026-08-01T00:00:00Z')).toEqual([]);
    expect(at('2026-08-01T00:00:01Z')).toEqual(['lifetime-too-long']);
    expect(at('2026-08-01')).toEqual(['lifetime-too-long']);
    expect(at('2020-01-01')).toEqual([]);
  });

  it('is reported at the date, once for all of its overrides, with the latest date', () => {
    const text = 'expires: "2027-01-01"\nusers: { a: { f: 1 }, b: { f: 1 }, c: { f: null } }\n';
    expect(problems({ 'a.yaml': text }, { maxLifetime: 30 })).toEqual([
      'a.yaml:3:10 error lifetime-too-long 2027-01-01 is too far ahead: policies.maxLifetime of shop/production is 30d, until 2026-07-31',
    ]);
  });

  it('requires a date', () => {
    const [problem] = problems({ 'a.yaml': 'users: { a: { f: 1 } }\n' }, { maxLifetime: 30 });
    expect(problem).toMatch(/expires-missing 1 override .* which policies\.maxLifetime of shop\/production/);
    expect(codes('users: { a: { f: 1 } }\n', { maxLifetime: 30, require: ['expires'] })).toHaveLength(1);
  });

  it('what is valid stays valid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 100 * DAY }),
        (days, maxLifetime, later) => {
          const expires = new Date(NOW + days * DAY).toISOString().slice(0, 10);
          const text = `expires: "${expires}"\nusers: { a: { f: 1 } }\n`;
          expect(codes(text, { maxLifetime }).length).toBe(days > maxLifetime ? 1 : 0);
          if (days <= maxLifetime) expect(codes(text, { maxLifetime }, NOW + later)).toEqual([]);
        },
      ),
    );
  });
});

describe('the most overrides', () => {
  it('of a context is reported once, at the first that is too many, across files', () => {
    const files = {
      'a.yaml': 'users:\n  a: { f: 1, g: 1 }\n  b: { f: 1 }\ncontexts: { device: { a: { f: 1 } } }\n',
      'b.yaml': 'users:\n  a: { h: 1, i: 1 }\n',
    };
    expect(problems(files, { maxPerContext: 2 })).toEqual([
      'b.yaml:4:8 error too-many-for-context user "a" has 4 overrides in shop/production, and policies.maxPerContext is 2',
    ]);
    expect(problems(files, { maxPerContext: 4 })).toEqual([]);
  });

  it('of a flag is reported once, at the first that is too many', () => {
    const text = 'users:\n  a: { f: 1, g: 1 }\n  b: { f: 1 }\n  c: { f: 1 }\n';
    expect(problems({ 'a.yaml': text }, { maxPerFlag: 1 })).toEqual([
      'a.yaml:5:8 error too-many-for-flag f has 3 overrides in shop/production, and policies.maxPerFlag is 1',
    ]);
  });

  it('does not count null, what is left alone, and what has expired', () => {
    const text =
      'users: { a: { f: 1, g: null, h: { $value: 1, manage: none }, i: { $value: 1, expires: "2026-06-30" } } }\n';
    expect(codes(text, { maxPerContext: 1 })).toEqual([]);
    expect(codes(text, { maxPerContext: 1 }, NOW - 10 * DAY)).toEqual(['too-many-for-context']);
  });
});
