import { describe, expect, it } from 'vitest';
import { faults, read, valueOf } from './read-text.js';

describe('YAML 1.2 core', () => {
  it('keeps keys as they are written', () => {
    const keys = [
      '0123',
      '1e3',
      '12345678901234567890',
      'true',
      'null',
      '~',
      '0x1F',
      'yes',
      '1.0',
      '.inf',
      '2026-01-01',
    ];
    expect(Object.keys(valueOf(keys.map((key) => `? ${key}\n: 1\n`).join('')) ?? {}).toSorted()).toEqual(
      keys.toSorted(),
    );
    expect(valueOf('{0123: a, 1e3: b, ~: c}')).toEqual({ '0123': 'a', '1e3': 'b', '~': 'c' });
  });

  it('reads yes, no, on and off as text, and true, false and null as themselves', () => {
    expect(valueOf('[yes, no, on, off, y, N, true, False, NULL, ~, null]')).toEqual([
      'yes',
      'no',
      'on',
      'off',
      'y',
      'N',
      true,
      false,
      null,
      null,
      null,
    ]);
  });

  it('reads octal, hexadecimal and exponents as YAML 1.2 does, and dates and sexagesimals as text', () => {
    expect(valueOf('[0o17, 0x1F, 1e3, 017, 1_000, 12:30:45, 2026-01-01]')).toEqual([
      15,
      31,
      1000,
      17,
      '1_000',
      '12:30:45',
      '2026-01-01',
    ]);
  });

  it('accepts names of object members as ordinary keys', () => {
    const value = valueOf('{__proto__: {x: 1}, constructor: 2, toString: 3}');
    expect(Object.entries(value ?? {})).toEqual([
      ['__proto__', { x: 1 }],
      ['constructor', 2],
      ['toString', 3],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('reads CRLF line endings and an explicit document start', () => {
    expect(valueOf('# top\r\n---\r\na: 1\r\nb:\r\n  - x\r\n...\r\n')).toEqual({ a: 1, b: ['x'] });
  });

  it('accepts a closing bracket that is not indented more than its key, as every parser does', () => {
    expect(valueOf('a: {\n  b: [\n    1\n  ]\n}\n')).toEqual({ a: { b: [1] } });
  });

  it('accepts tabs that separate and refuses tabs that indent', () => {
    expect(valueOf('a:\t1\t# one\n')).toEqual({ a: 1 });
    expect(faults('a:\n\tb: 1\n')).toEqual(['2:1 yaml-syntax a tab is used as indentation']);
  });

  it.each([
    ['.inf', '.inf is not a JSON number'],
    ['-.INF', '-.INF is not a JSON number'],
    ['.nan', '.nan is not a JSON number'],
    ['1e400', '1e400 is not a JSON number'],
    ['9007199254740992', '9007199254740992 is too large to be kept exactly as a number'],
    ['-12345678901234567890', '-12345678901234567890 is too large to be kept exactly as a number'],
    ['0xFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFF is too large to be kept exactly as a number'],
  ])('refuses the number %s, and says how to write it as text', (number, message) => {
    expect(faults(`a:\n  - ${number}\n`)).toEqual([`2:5 yaml-number ${message}`]);
    expect(read(`a: ${number}`).diagnostics[0]?.hint).toContain('quote it if text is meant');
    expect(valueOf(`a: "${number}"`)).toEqual({ a: number });
  });

  it('keeps the largest exact integers', () => {
    expect(valueOf('[9007199254740991, -9007199254740991]')).toEqual([9007199254740991, -9007199254740991]);
  });

  it('refuses half of a surrogate pair in keys and values, and accepts whole pairs', () => {
    expect(faults('"\\ud800": "\\udc00"\n')).toEqual([
      '1:1 yaml-text the text contains half of a surrogate pair',
      '1:11 yaml-text the text contains half of a surrogate pair',
    ]);
    expect(valueOf('"\\ud83d\\ude00"')).toBe('😀');
  });
});
