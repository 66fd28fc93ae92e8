import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/diagnostics/codes.js';
import { compareDiagnostics, type Diagnostic, hasErrors } from '../../src/diagnostics/diagnostic.js';
import { didYouMean } from '../../src/diagnostics/nearest.js';
import { diagnosticLines, findingsJson, findingsText } from '../../src/report/diagnostics.js';

function diagnostic(
  file: string,
  line: number,
  col: number,
  rest: { readonly code?: ErrorCode; readonly message?: string; readonly hint?: string } = {},
): Diagnostic {
  return { severity: 'error', code: 'not-text', message: 'm', at: { file, line, col }, ...rest };
}

function warningAt(file: string, line: number, col: number): Diagnostic {
  return { severity: 'warning', code: 'suspicious-key', message: 'm', at: { file, line, col } };
}

describe('suggestions', () => {
  it.each([
    ['chekout', ['checkout', 'theme'], 'checkout'],
    ['CHECKOUT', ['checkout'], 'checkout'],
    ['theme', ['them', 'theme-2', 'thema'], 'them'],
    ['a', ['b', 'xyz'], 'b'],
    ['prod', ['staging', 'production-eu', 'production'], 'production'],
    ['Prod', ['production'], 'production'],
    ['prodd', ['production', 'prod'], 'prod'],
    ['pr', ['production'], undefined],
    ['checkout', ['billing'], undefined],
    ['abcdefghijkl', ['abcdefgh'], undefined],
    ['x', [], undefined],
  ])('the candidate nearest to %s among %j is %s', (word, candidates, expected) => {
    expect(didYouMean(word, candidates)).toBe(expected && `did you mean ${expected}?`);
  });
});

describe('diagnostics', () => {
  it('diagnostics are sorted by file, line, column and code', () => {
    const sorted = [
      diagnostic('a.yaml', 2, 1),
      diagnostic('a.yaml', 10, 1),
      diagnostic('a.yaml', 10, 2, { code: 'bad-glob' }),
      diagnostic('a.yaml', 10, 2),
      diagnostic('b.yaml', 1, 1),
    ];
    expect(sorted.toReversed().toSorted(compareDiagnostics)).toEqual(sorted);
  });

  it('without the lines of its file a diagnostic takes one line, whatever it quotes', () => {
    const found = diagnostic('a\n.yaml', 1, 2, { message: 'x\u001b[31m', hint: 'y\nz' });
    expect(diagnosticLines([found, warningAt('a', 1, 1)], { color: false })).toEqual([
      'a:1:1 suspicious-key (warning) m',
      'a\\u000a.yaml:1:2 not-text x\\u001b[31m (y\\u000az)',
    ]);
  });

  it('the last line is a summary', () => {
    const warning = warningAt('a', 1, 1);
    const text = (diagnostics: readonly Diagnostic[]): string | undefined =>
      findingsText({ diagnostics, files: 2, overrides: 1 }, { color: false }).trimEnd().split('\n').at(-1);
    expect(text([])).toBe('valid: 1 override in 2 files');
    expect(text([warning])).toBe('valid: 1 override in 2 files, 1 warning');
    expect(text([warning, diagnostic('a', 1, 1)])).toBe('invalid: 1 error, 1 warning in 2 files');
    expect(hasErrors([warning])).toBe(false);
  });

  it('the JSON output contains the same diagnostics', () => {
    const found = diagnostic('a\u202e', 3, 4, { hint: 'h' });
    const json = findingsJson({ diagnostics: [found], files: 1, overrides: 0 });
    expect(json).not.toContain('\u202e');
    expect(JSON.parse(json)).toEqual({
      errors: 1,
      warnings: 0,
      files: 1,
      overrides: 0,
      soon: [],
      diagnostics: [found],
    });
  });
});
