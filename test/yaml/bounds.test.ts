import { describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import { LIMITS } from '../../src/yaml/limits.js';
import { SourceText } from '../../src/yaml/source.js';

/** A file that repeats one text up to 128 KiB, which is far more than is needed for it to be refused. */
function fileOf(unit: string, start = '', size = 128 * 1024): string {
  return start + unit.repeat(Math.ceil(size / unit.length));
}

/** The same with a text above the length limit. */
function longOf(unit: string, start = ''): string {
  return fileOf(unit, start, LIMITS.token + 10);
}

function faults(text: string): string[] {
  return parseDeclaration(new SourceText('x.yaml', text)).diagnostics.map(
    ({ at, code, message }) => `${at.line}:${at.col} ${code} ${message}`,
  );
}

describe('a file that is not meant to be read', () => {
  it.each([
    ['quotes', fileOf('"'), 'yaml-more'],
    ['quotes with blanks', fileOf('"" '), 'yaml-more'],
    ['open brackets', fileOf('['), 'yaml-too-deep'],
    ['open braces', fileOf('{'), 'yaml-too-deep'],
    ['closing brackets', fileOf(']'), 'yaml-more'],
    ['dashes', fileOf('- '), 'yaml-too-deep'],
    ['question marks', fileOf('? '), 'yaml-too-deep'],
    ['colons', fileOf(': '), 'yaml-too-deep'],
    ['commas', fileOf(',', 'a: ['), 'yaml-more'],
    ['keys that are the same', fileOf('a: 1\n'), 'yaml-more'],
    [
      'keys that are unknown',
      Array.from({ length: 20_000 }, (_, n) => `k${n}: 1\n`).join(''),
      'more-violations',
    ],
    ['anchors', fileOf('&a '), 'yaml-more'],
    ['aliases', fileOf('*a '), 'yaml-more'],
    ['tags', fileOf('!! '), 'yaml-more'],
    ['directives', fileOf('%\n'), 'yaml-more'],
    ['documents', fileOf('---\n'), 'yaml-several-documents'],
    ['one comment', longOf('#'), 'yaml-too-long'],
    ['one text', longOf('a', 'a: '), 'yaml-too-long'],
    ['an open quote', longOf(' a\n', 'a: "'), 'yaml-too-long'],
    ['a block text', longOf(' a\n', 'a: |\n'), 'yaml-too-long'],
    ['a block text with a huge indentation', longOf('9', 'a: |'), 'yaml-too-long'],
    ['wrong escapes', `a: "${fileOf('\\x')}"\n`, 'yaml-more'],
    ['halves of surrogate pairs', fileOf('- "\\ud800"\n'), 'yaml-more'],
    ['tabs', fileOf('\ta: 1\n'), 'yaml-more'],
    ['carriage returns', fileOf('a\r'), 'yaml-character'],
    ['zeros', fileOf('\0'), 'yaml-character'],
    ['byte order marks', fileOf('\ufeff'), 'yaml-character'],
  ])('a hostile file is refused in a few lines: %s', (_, text, code) => {
    const found = faults(text);
    expect(found.some((fault) => fault.includes(` ${code} `))).toBe(true);
    expect(found.length).toBeLessThanOrEqual(LIMITS.shown + 2);
    for (const fault of found) expect(fault.length).toBeLessThan(LIMITS.message + 100);
  });

  it('a file is read up to the limit of total weight', () => {
    const before = process.memoryUsage().heapUsed;
    const { diagnostics } = parseDeclaration(new SourceText('x.yaml', fileOf('-\n', '', LIMITS.bytes)));
    // Each of these lines takes about 600 bytes: two million of them would be 1.2 GB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400e6);
    expect(diagnostics).toMatchObject([
      {
        code: 'yaml-too-much',
        hint: 'split it into several files',
        at: { line: LIMITS.weight / 4, col: 2 },
      },
    ]);
  });

  it('parsing stops after 1000 problems', () => {
    const last = faults(fileOf('&a\n')).at(-1);
    expect(last).toBe('1000:3 yaml-more reading stopped here, after 1000 problems');
  });
});

describe('a long text in a file', () => {
  it('a long text is shortened in messages', () => {
    const key = 'k'.repeat(1000);
    const [fault = ''] = faults(`project: a\nenvironment: b\n${key}: 1\n`);
    expect(fault).toMatch(/^3:1 unknown-key unknown key "k+\.\.\.$/);
    expect(fault.length).toBeLessThan(LIMITS.message + 40);
  });
});
