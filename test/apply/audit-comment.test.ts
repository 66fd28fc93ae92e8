import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditComment } from '../../src/apply/audit-comment.js';
import type { Provenance } from '../../src/reconcile/plan.js';

/** The comment of a change, by default with the template that is the default of the configuration. */
function comment(
  change: Parameters<typeof auditComment>[0],
  maxLength: number,
  template = '{subject} ({sha} by {author}){reason}',
): string {
  return auditComment(change, { template, maxLength });
}

const ID = '0123456789abcdef0123456789abcdef01234567';

function commit(subject: string, author = 'Ada'): Provenance {
  return { type: 'commit', commit: { id: ID, subject, author, date: Date.UTC(2026, 4, 6, 23, 59) } };
}

test('a comment has the subject, twelve digits of the commit id, the author and the reason', () => {
  const provenance = commit('Give Alice the beta (#12)');
  expect(comment({ provenance }, 1000)).toBe('Give Alice the beta (#12) (0123456789ab by Ada)');
  expect(comment({ provenance, reason: 'Checkout v2' }, 1000)).toBe(
    'Give Alice the beta (#12) (0123456789ab by Ada): Checkout v2',
  );
  expect(comment({ provenance }, 1000, '{date} {sha}')).toBe('2026-05-06 0123456789ab');
});

test('a comment that is too long loses the end of its subject, but not the commit', () => {
  const provenance = commit('x'.repeat(100));
  const text = comment({ provenance, reason: 'why' }, 40);
  expect(text).toBe(`${'x'.repeat(12)}… (0123456789ab by Ada): why`);
  expect(text).toHaveLength(40);
});

test('a comment loses the end of its reason too if shortening the subject is not enough', () => {
  const text = comment({ provenance: commit('x'.repeat(10)), reason: 'y'.repeat(100) }, 40);
  expect(text).toBe(`… (0123456789ab by Ada): ${'y'.repeat(14)}…`);
});

test('the length of a comment is counted in code points, and none is cut in half', () => {
  const text = comment({ provenance: commit('😀'.repeat(20)) }, 5, '{subject}');
  expect(text).toBe('😀😀😀😀…');
});

test('line breaks, control characters and bidirectional overrides become spaces', () => {
  const provenance = commit('one\r\ntwo\u0000\u001b[31m three\u2028four\u202eevil', 'A\tda');
  expect(comment({ provenance, reason: ' a\nb\n' }, 1000)).toBe(
    'one two [31m three four evil (0123456789ab by A da): a b',
  );
});

test('placeholders and replacement patterns in a subject are kept as text', () => {
  expect(comment({ provenance: commit("{author} $& $' {sha}") }, 1000, '{subject} {sha}')).toBe(
    "{author} $& $' {sha} 0123456789ab",
  );
});

test('a comment without a commit says why there is none', () => {
  const types = ['uncommitted', 'unknown', 'none'] as const;
  expect(types.map((type) => comment({ provenance: { type }, reason: 'why' }, 1000))).toEqual([
    'uncommitted edit: why',
    'commit unknown: the git history is incomplete here: why',
    'not declared in this repository: why',
  ]);
});

const anyText = fc.string({ unit: 'binary' });

test('no comment is longer than allowed or contains a line break', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 1, max: 80 }), (subject, reason, maxLength) => {
      const text = comment({ provenance: commit(subject), reason }, maxLength);
      expect(Array.from(text).length).toBeLessThanOrEqual(maxLength);
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('every comment of at least 30 characters contains the commit', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 30, max: 80 }), (subject, reason, maxLength) => {
      const text = comment({ provenance: commit(subject), reason }, maxLength);
      expect(text).toContain('(0123456789ab by Ada)');
    }),
  );
});
