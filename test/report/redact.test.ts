import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyReport } from '../../src/apply/report.js';
import type { Plan } from '../../src/reconcile/plan.js';
import { KeyFinder } from '../../src/report/key-finder.js';
import { redactor } from '../../src/report/redact.js';
import { expiryChange } from '../support/dates.js';
import { planned } from '../reconcile/world.js';

describe('the redactor', () => {
  const { text: redact } = redactor('salt', ['alice@example.com', 'bob', '7', 'a "quoted" key']);

  it.each([
    ['theme for user "bob" is protected', /^theme for user "hmac:[0-9a-f]{12}" is protected$/],
    ['7 of "7" overrides', /^7 of "hmac:[0-9a-f]{12}" overrides$/],
    ['Bobcat, bobcat and kebob stay', /^Bobcat, bobcat and kebob stay$/],
    ['overrides/alice@example.com.yaml:3', /^overrides\/hmac:[0-9a-f]{12}/],
    ['mail to carol@example.org', /^mail to hmac:[0-9a-f]{12}$/],
    ['x for user "a \\"quoted\\" key"', /^x for user "hmac:[0-9a-f]{12}"$/],
  ])('keys are redacted in %j', (text, expected) => {
    expect(redact(text)).toMatch(expected);
  });

  it('the redactor finds a key in the path of a request', () => {
    expect(redactor('salt', ['Erika Müller']).text('PUT /users/Erika%20M%C3%BCller/flags')).toMatch(
      /^PUT \/users\/hmac:[0-9a-f]{12}\/flags$/,
    );
    expect(redactor('salt', ['a\ud800/b']).text('PUT /users/a%EF%BF%BD%2Fb')).toMatch(/^PUT \/users\/hmac:/);
  });

  it('the redactor finds a short key at the start of a message', () => {
    const at = { file: 'a.yaml', line: 1, col: 1 };
    const redactDiagnostic = redactor('salt', ['4711', 'al']).diagnostic;
    for (const key of ['4711', 'al']) {
      const message = `${key} is read as a number, but must be text`;
      const redacted = redactDiagnostic({
        severity: 'error',
        code: 'flag-unknown',
        message,
        hint: `quote it: "${key}"`,
        at,
      });
      expect(JSON.stringify(redacted)).not.toMatch(/4711|\bal\b/);
    }
  });

  it('the redactor gives a key another HMAC with another salt, and the same with the same salt', () => {
    const other = redactor('pepper', ['bob']);
    expect(other.text('for bob')).not.toBe(redact('for bob'));
    expect(redactor('salt', ['bob']).text('for bob')).toBe(redact('for bob'));
  });
});

describe('a redacted plan and a redacted report', () => {
  const KEY = 'customer-4711';
  const TEXT = `for ${KEY}`;
  const redact = redactor('salt', [KEY]);
  const commit = { id: 'a'.repeat(40), subject: TEXT, author: TEXT, date: 0 };
  const base = planned({ desired: { [`f user ${KEY}`]: true, 'f user bob': true } });
  const plan: Plan = {
    ...base,
    head: commit,
    scopes: base.scopes.map((scope) => ({
      ...scope,
      paused: TEXT,
      lastApplied: commit,
      unmanagedOverrides: [
        { flag: 'f', kind: 'user', key: KEY, live: { variation: 0, value: TEXT, name: TEXT } },
      ],
    })),
    changes: base.changes.map((change) => ({
      ...change,
      before: { variation: 0, value: { [`of ${KEY}`]: [TEXT] }, name: TEXT },
      after: { variation: 0, value: TEXT, name: TEXT },
      at: { file: `overrides/${KEY}.yaml`, line: 1, col: 1 },
      provenance: { type: 'commit', commit },
      drift: {
        declared: { variation: 0, value: TEXT, name: TEXT },
        live: { variation: 1, value: [TEXT] },
        changed: { by: `Ada (${TEXT})`, date: 0, comment: TEXT },
      },
      owner: TEXT,
      reason: TEXT,
    })),
    dates: base.changes.map((change) =>
      expiryChange(change, null, 0, {
        at: { file: `overrides/${KEY}.yaml`, line: 1, col: 1 },
        provenance: { type: 'commit', commit },
        owner: TEXT,
        reason: TEXT,
      }),
    ),
    expiring: {
      past: [{ at: { file: `overrides/${KEY}.yaml`, line: 1, col: 1 }, expires: 'x', date: 0, overrides: 1 }],
      soon: [{ at: { file: `overrides/${KEY}.yaml`, line: 2, col: 1 }, expires: 'x', date: 0, overrides: 1 }],
    },
    guards: [{ code: 'protected', message: TEXT, remedy: TEXT, lifted: false }],
    warnings: [TEXT],
  };

  it('a redacted plan and a redacted report contain no key', () => {
    expect(JSON.stringify(redact.plan(plan))).not.toContain(KEY);
    const [change] = plan.changes;
    const [date] = plan.dates;
    if (change === undefined || date === undefined) throw new Error('nothing is planned');
    const report: ApplyReport = {
      plan,
      outcomes: [{ change, status: 'failed', reason: 'refused', message: TEXT }],
      dates: [{ change: date, status: 'failed', reason: 'refused', message: TEXT }],
      verification: {
        checked: 1,
        mismatches: [{ change, live: undefined }],
        dateMismatches: [{ change: date, live: undefined }],
        failure: { type: 'unreadable', message: TEXT } as const,
      },
      interrupted: false,
      recorded: [],
      unrecorded: [TEXT],
      notices: [TEXT],
    };
    expect(JSON.stringify(redact.report(report))).not.toContain(KEY);
  });
});

describe('the key finder', () => {
  it('the key finder replaces any key between other words, and nothing else', () => {
    const key = fc.string({ minLength: 3 }).filter((text) => !/^\d+$/.test(text) && !text.includes('~'));
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1, maxLength: 20 }), fc.nat(), (keys, pick) => {
        const finder = new KeyFinder();
        for (const [index, one] of keys.entries()) finder.add(one, `<${index}>`);
        const chosen = keys[pick % keys.length] ?? '';
        expect(finder.replace(`~${chosen}~`)).not.toContain(`~${chosen}~`);
        expect(finder.replace('~~~~')).toBe('~~~~');
      }),
    );
  });

  it('the key finder replaces the longest of several keys', () => {
    const finder = new KeyFinder();
    finder.add('org', '<1>');
    finder.add('org-acme', '<2>');
    expect(finder.replace('for org-acme, for org')).toBe('for <2>, for <1>');
  });
});
