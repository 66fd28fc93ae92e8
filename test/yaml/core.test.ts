import { describe, expect, it } from 'vitest';
import { faults, read, valueOf } from './read-text.js';

describe('YAML 1.2 core', () => {
  it('YAML keys are read as they are written', () => {
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

  it('yes, no, on and off are read as text, and true, false and null as themselves', () => {
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

  it('octal, hexadecimal and exponents are read as in YAML 1.2, and dates and sexagesimals as text', () => {
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

  it('names of object members are accepted as ordinary YAML keys', () => {
    const value = valueOf('{__proto__: {x: 1}, constructor: 2, toString: 3}');
    expect(Object.entries(value ?? {})).toEqual([
      ['__proto__', { x: 1 }],
      ['constructor', 2],
      ['toString', 3],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('CRLF line endings and an explicit document start are accepted', () => {
    expect(valueOf('# top\r\n---\r\na: 1\r\nb:\r\n  - x\r\n...\r\n')).toEqual({ a: 1, b: ['x'] });
  });

  it('a closing bracket that is not indented more than its key is accepted, as in every parser', () => {
    expect(valueOf('a: {\n  b: [\n    1\n  ]\n}\n')).toEqual({ a: { b: [1] } });
  });

  it('tabs that separate are accepted, and tabs that indent are refused', () => {
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
  ])('the number %s is refused, with how to write it as text', (number, message) => {
    expect(faults(`a:\n  - ${number}\n`)).toEqual([`2:5 yaml-number ${message}`]);
    expect(read(`a: ${number}`).diagnostics[0]?.hint).toContain('quote it if text is meant');
    expect(valueOf(`a: "${number}"`)).toEqual({ a: number });
  });

  it('the largest exact integers are read unchanged', () => {
    expect(valueOf('[9007199254740991, -9007199254740991]')).toEqual([9007199254740991, -9007199254740991]);
  });

  it('half of a surrogate pair is refused in keys and values, and whole pairs are accepted', () => {
    expect(faults('"\\ud800": "\\udc00"\n')).toEqual([
      '1:1 yaml-text the text contains half of a surrogate pair',
      '1:11 yaml-text the text contains half of a surrogate pair',
    ]);
    expect(valueOf('"\\ud83d\\ude00"')).toBe('😀');
  });
});
