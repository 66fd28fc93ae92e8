import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderComment } from '../../src/apply/audit-comment.js';
import type { Provenance } from '../../src/reconcile/plan.js';

const TEMPLATE = '{subject} ({sha} by {author}){reason}';
const ID = '0123456789abcdef0123456789abcdef01234567';

function commit(subject: string, author = 'Ada'): Provenance {
  return { type: 'commit', commit: { id: ID, subject, author, date: Date.UTC(2026, 4, 6, 23, 59) } };
}

test('a comment has the subject, twelve digits, the author and the reason', () => {
  const provenance = commit('Give Alice the beta (#12)');
  expect(renderComment(TEMPLATE, { provenance }, 1000)).toBe(
    'Give Alice the beta (#12) (0123456789ab by Ada)',
  );
  expect(renderComment(TEMPLATE, { provenance, reason: 'Checkout v2' }, 1000)).toBe(
    'Give Alice the beta (#12) (0123456789ab by Ada): Checkout v2',
  );
  expect(renderComment('{date} {sha}', { provenance }, 1000)).toBe('2026-05-06 0123456789ab');
});

test('what is too long loses the end of its subject, and the commit stays', () => {
  const provenance = commit('x'.repeat(100));
  const text = renderComment(TEMPLATE, { provenance, reason: 'why' }, 40);
  expect(text).toBe(`${'x'.repeat(12)}… (0123456789ab by Ada): why`);
  expect(text).toHaveLength(40);
});

test('where the subject is not enough the reason gives way too', () => {
  const text = renderComment(TEMPLATE, { provenance: commit('x'.repeat(10)), reason: 'y'.repeat(100) }, 40);
  expect(text).toBe(`… (0123456789ab by Ada): ${'y'.repeat(14)}…`);
});

test('length is counted in code points, and none is cut in half', () => {
  const text = renderComment('{subject}', { provenance: commit('😀'.repeat(20)) }, 5);
  expect(text).toBe('😀😀😀😀…');
});

test('line breaks, control characters and turned text become spaces', () => {
  const provenance = commit('one\r\ntwo\u0000\u001b[31m three\u2028four\u202eevil', 'A\tda');
  expect(renderComment(TEMPLATE, { provenance, reason: ' a\nb\n' }, 1000)).toBe(
    'one two [31m three four evil (0123456789ab by A da): a b',
  );
});

test('a subject that looks like a placeholder or a replacement pattern stays what it is', () => {
  expect(renderComment('{subject} {sha}', { provenance: commit("{author} $& $' {sha}") }, 1000)).toBe(
    "{author} $& $' {sha} 0123456789ab",
  );
});

test('where no commit can be named the comment says why', () => {
  const types = ['uncommitted', 'unknown', 'none'] as const;
  expect(types.map((type) => renderComment(TEMPLATE, { provenance: { type }, reason: 'why' }, 1000))).toEqual(
    [
      'an edit that is not committed: why',
      'the commit behind this is not known: history was cut off here: why',
      'not declared in this repository: why',
    ],
  );
});

const anyText = fc.string({ unit: 'binary' });

test('no comment is longer than allowed or has a line break', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 1, max: 80 }), (subject, reason, maxLength) => {
      const text = renderComment(TEMPLATE, { provenance: commit(subject), reason }, maxLength);
      expect(Array.from(text).length).toBeLessThanOrEqual(maxLength);
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('the commit stays in every comment that has room for it', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 30, max: 80 }), (subject, reason, maxLength) => {
      const text = renderComment(TEMPLATE, { provenance: commit(subject), reason }, maxLength);
      expect(text).toContain('(0123456789ab by Ada)');
    }),
  );
});
