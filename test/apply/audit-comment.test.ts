import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditComment, requestComment } from '../../src/apply/audit-comment.js';
import type { Provenance } from '../../src/reconcile/plan.js';
import { change } from './setup.js';

/** The comment of a change, by default with the template that is the default of the configuration. */
function comment(
  given: Parameters<typeof auditComment>[0],
  maxLength: number,
  template = '{subject} ({sha} by {author}){reason}',
): string {
  return auditComment(given, { template, maxLength });
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

test('a placeholder that is used twice is shortened in both places', () => {
  const provenance = commit('x'.repeat(100));
  const text = comment({ provenance }, 41, '{subject} {sha} {subject}');
  expect(text).toBe(`${'x'.repeat(12)}… 0123456789ab ${'x'.repeat(12)}…`);
});

test('a comment that fits exactly is not shortened, and a space before the ellipsis is left out', () => {
  const provenance = commit('one two');
  const lengths = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  expect(lengths.map((length) => comment({ provenance }, length, '{subject}'))).toEqual([
    'one two',
    'one two',
    'one two',
    'one t…',
    'one…',
    'one…',
    'on…',
    'o…',
    '…',
  ]);
});

test('a comment loses its own end if its template is longer than allowed', () => {
  expect(comment({ provenance: commit('s') }, 10, 'a long text before {subject}')).toBe('a long te…');
  expect(comment({ provenance: commit('s'), reason: 'r' }, 3, '{sha}')).toBe('01…');
});

test('names in braces that are no placeholders are kept', () => {
  expect(comment({ provenance: commit('s') }, 100, '{toString} {} {Sha} {sha}')).toBe(
    '{toString} {} {Sha} 0123456789ab',
  );
});

test('a comment has no reason if there is none, or only white space', () => {
  expect(comment({ provenance: commit('s'), reason: ' \n' }, 100, '{subject}{reason}.')).toBe('s.');
  expect(comment({ provenance: commit('s') }, 100, '{subject}{reason}.')).toBe('s.');
  expect(comment({ provenance: { type: 'none' } }, 100)).toBe('not declared in this repository');
});

test('the comment of an approval request has the reason only if all its changes share it', () => {
  const provenance = commit('Give Alice the beta');
  const of = (...reasons: readonly [string | undefined, ...(string | undefined)[]]): string => {
    const [first, ...others] = reasons.map((reason) => ({
      ...change('theme', 'alice', 1),
      provenance,
      ...(reason === undefined ? {} : { reason }),
    }));
    if (first === undefined) throw new Error('no change');
    return requestComment([first, ...others], { template: '{subject}{reason}', maxLength: 1000 });
  };
  expect(of('Demo')).toBe('Give Alice the beta: Demo');
  expect(of('Demo', 'Demo')).toBe('Give Alice the beta: Demo');
  expect(of('Demo', 'Beta')).toBe('Give Alice the beta');
  expect(of('Demo', undefined)).toBe('Give Alice the beta');
  expect(of(undefined, 'Demo')).toBe('Give Alice the beta');
});

test('only a comment that is too long is shortened, and an empty part of it stays empty', () => {
  expect(comment({ provenance: commit(''), reason: 'why' }, 3, '{subject}x{reason}')).toBe('x:…');
  expect(comment({ provenance: commit('one two three') }, 8, '{subject}')).toBe('one two…');
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
