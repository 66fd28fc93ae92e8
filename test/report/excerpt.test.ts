import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiagnosticCode } from '../../src/diagnostics/codes.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { diagnosticLines } from '../../src/report/diagnostics.js';
import { excerptOf } from '../../src/report/excerpt.js';

/** The two lines of an excerpt of 80 columns; the caret points to the first `@` of the source. */
function excerpt(
  source: string,
  {
    line = 7,
    code = 'bad-value',
    columns = 80,
  }: { line?: number; code?: DiagnosticCode; columns?: number } = {},
): readonly string[] | undefined {
  const at = { file: 'a.yaml', line, col: source.indexOf('@') + 1 };
  const found = excerptOf({ at, code }, source, columns);
  return found && [`${found.gutters[0]}${found.line}`, `${found.gutters[1]}${found.caret}`];
}

describe('an excerpt', () => {
  it('shows the number of the line, the line and a caret below the position', () => {
    expect(excerpt('    theme: @dark')).toEqual([
      '  7 |     theme: @dark', //
      '    |            ^',
    ]);
    expect(excerpt('@', { line: 1234 })).toEqual([
      '  1234 | @', //
      '       | ^',
    ]);
  });

  it.each([
    ['control characters', '\tx\u001b[31m @', '\\u0009x\\u001b[31m @'],
    ['characters that reverse the text', 'x\u202e @y\u202c', 'x\\u202e @y\\u202c'],
    ['the carriage return and blanks at the end of a line', 'x: @y  \r', 'x: @y'],
  ])('escapes or omits %s, and the caret stays below its character', (_, source, shown) => {
    expect(excerpt(source)).toEqual([`  7 | ${shown}`, `    | ${' '.repeat(shown.indexOf('@'))}^`]);
  });

  it.each([
    ['日本: @', 6],
    ['한글: @', 6],
    ['🎉👩‍👩‍👧: @', 6],
    ['❤️: @', 4],
    ['e\u0301: @', 3],
    ['ＡＢ: @', 6],
  ])('counts the columns that a terminal uses for the characters of %s', (source, before) => {
    expect(excerpt(source)?.[1]).toBe(`    | ${' '.repeat(before)}^`);
  });

  it('shows the part of a long line around the position', () => {
    const [x, y] = ['x'.repeat(500), 'y'.repeat(500)];
    expect(excerpt(`${x}@${y}`)).toEqual([
      `  7 | ...${'x'.repeat(34)}@${'y'.repeat(33)}...`,
      `    | ${' '.repeat(37)}^`,
    ]);
    expect(excerpt(`x@${y}`)).toEqual([`  7 | x@${'y'.repeat(69)}...`, '    |  ^']);
    expect(excerpt(`${x}@y`)).toEqual([`  7 | ...${'x'.repeat(69)}@y`, `    | ${' '.repeat(72)}^`]);
  });

  it('of any line fits the width, and its caret points to the character at the position', () => {
    const characters = array(constantFrom(...Array.from('ab: {}"\u001b\u200b\t日')), { maxLength: 300 });
    assert(
      property(characters, characters, integer({ min: 30, max: 100 }), (before, after, columns) => {
        const shown = excerpt(`${before.join('')}@${after.join('')}`, { columns });
        const [line = '', caret = ''] = (shown ?? []).map((text) => text.replaceAll('日', '##'));
        expect(line.length).toBeLessThanOrEqual(columns);
        expect(line.charAt(caret.length - 1)).toBe('@');
        expect(line.slice(6).replaceAll(/^\.\.\.|\.\.\.$/g, '')).toContain('@');
      }),
    );
  });

  it('hides what looks like an access token or a password, and keeps the columns', () => {
    expect(excerpt('a: api-01234567-89ab-cdef-0123-456789abcdef @')?.[0]).toBe(
      `  7 | a: ${'*'.repeat(40)} @`,
    );
    expect(excerpt('https://me:hunter2@x')?.[0]).toBe(`  7 | https://${'*'.repeat(10)}@x`);
  });

  it.each([
    ['a blank line', '  ', 'yaml-syntax'],
    ['a problem of the whole file', '@', 'content-filter'],
    ['the count of further errors', '@', 'more-errors'],
  ] as const)('is omitted for %s', (_, source, code) => {
    expect(excerpt(source, { code })).toBeUndefined();
  });
});

describe('many diagnostics', () => {
  const diagnostics = Array.from({ length: 30 }, (_, index): Diagnostic => ({
    severity: 'error',
    code: 'bad-value',
    message: 'm',
    at: { file: 'a.yaml', line: index + 1, col: 1 },
  }));

  it('show the lines of the first 20 only, so that the messages stay together', () => {
    const lines = diagnosticLines(diagnostics, { color: false, lines: () => 'x' });
    expect(lines).toHaveLength(30 + 2 * 20);
    expect(lines.slice(57, 61)).toEqual([
      'a.yaml:20:1 bad-value m',
      '  20 | x',
      '     | ^',
      'a.yaml:21:1 bad-value m',
    ]);
  });

  it('use the width of a terminal that is narrower than 80 columns', () => {
    const show = (columns: number): number[] =>
      diagnosticLines(diagnostics.slice(0, 1), { color: false, columns, lines: () => 'x'.repeat(200) }).map(
        ({ length }) => length,
      );
    expect([show(40)[1], show(200)[1]]).toEqual([40, 80]);
  });
});
