import { describe, expect, it } from 'vitest';
import { faults, read } from './read-text.js';

describe('syntax errors', () => {
  it.each([
    ['an unclosed double quote', 'a: 1\nb: "x\nc: 2\n', '2:4', 'the quote " that opens here is not closed'],
    [
      'an unclosed quote after an escaped one',
      'b: "x\\"\nc: 2\n',
      '1:4',
      'the quote " that opens here is not closed',
    ],
    [
      'an unclosed quote before an escaped one that ends the file',
      'a: "x\\"',
      '1:4',
      'the quote " that opens here is not closed',
    ],
    [
      'an unclosed quote before an escaped one that ends the line, and a text below',
      'a:\n  b: "x\\"\nc: "y"\n',
      '2:6',
      'the quote " that opens here is not closed',
    ],
    [
      'an unclosed quote before an escaped one, in brackets',
      'a: ["x\\"\nb: "y"\n',
      '1:5',
      'the quote " that opens here is not closed',
    ],
    ['an unclosed single quote', "a: 'it''s\n", '1:4', "the quote ' that opens here is not closed"],
    ['an unclosed quote in brackets', 'a: {b: "x}\n', '1:8', 'the quote " that opens here is not closed'],
    ['an unclosed {', 'a: {b: 1\nc: 2\n', '1:4', 'the { that opens here is not closed'],
    ['an unclosed [', 'a:\n  b: [1, 2\n  c: 3\n', '2:6', 'the [ that opens here is not closed'],
    ['the inner of two brackets', 'a: [1, {b: 2]\n', '1:8', 'the { that opens here is not closed'],
    ['a reserved @', 'users:\n  @alice: 1\n', '2:3', 'text cannot start with @'],
    ['a backtick', 'a: `b`\n', '1:4', 'text cannot start with `'],
    ['a percent sign', 'a: %b\n', '1:4', 'text cannot start with %'],
    ['a second colon', 'a: b: c\n', '1:4', 'a second ": " on one line'],
    ['a wrong indentation', 'a:\n    b: 1\n  c: 2\n', '3:1', 'the indentation matches no line above'],
    [
      'lines below an empty map',
      'users: {}\n  a:\n    b: 1\n',
      '2:1',
      'users is an empty map, so nothing can be indented below it',
    ],
    ['a key without a value', 'a: 1\nb\nc: 2\n', '2:1', 'a key without a value'],
    ['text after a quote', 'a: "b" c\n', '1:8', 'unexpected text after the value'],
  ])('a syntax error is reported at its position: %s', (_name, text, place, message) => {
    expect(faults(text)).toEqual([`${place} yaml-syntax ${message}`]);
    expect(read(text).diagnostics[0]?.hint).toBeTruthy();
  });

  it('a text can end with an escaped backslash, and be an escaped quote', () => {
    expect(read('a: "x\\\\"\nb: "\\""').value).toEqual({ a: 'x\\', b: '"' });
  });

  it('only the first syntax error in a line is reported', () => {
    expect(faults('a: "x" y: z ]\nb: 1\nc: @\n').map((line) => line.split(':')[0])).toEqual(['1', '3']);
  });

  it.each([
    ['NUL', 'a: \0\n', '1:4', 'U+0000'],
    ['an escape character', 'a: b\n\u001b[31m: 1\n', '2:1', 'U+001B'],
    ['a control character that the parser uses itself', 'a: \u001f1\n', '1:4', 'U+001F'],
    ['a C1 control character', 'a: "\u009b"\n', '1:5', 'U+009B'],
    ['a byte order mark in the middle', 'a: 1\n\ufeffb: 2\n', '2:1', 'U+FEFF'],
  ])('an invisible character is refused and shown by its number: %s', (_name, text, place, number) => {
    expect(faults(text)).toEqual([
      `${place} yaml-character the file contains the invisible character ${number}`,
    ]);
  });

  it('a carriage return without a line feed is refused', () => {
    expect(faults('a: 1\rb: 2\r')).toEqual([
      '1:5 yaml-character this line ends with a carriage return without a line feed',
    ]);
  });

  it('control characters are accepted as escapes', () => {
    expect(read('a: "\\0\\e[31m\\u009b"').value).toEqual({ a: '\0\u001b[31m\u009b' });
  });
});

describe('nesting', () => {
  it.each([
    ['[', '[', '1:42'],
    ['{a: ', '{a: ', '1:162'],
    ['- ', '- ', '1:82'],
    ['? ', '? ', '1:82'],
    [': ', ': ', '1:82'],
  ])('nesting %j 100,000 times is refused early', (_name, text, place) => {
    expect(faults(text.repeat(100_000))).toEqual([
      `${place} yaml-too-deep more than 40 nested maps and lists`,
    ]);
  });

  it('nesting by indentation counts, too', () => {
    const text = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('');
    expect(faults(text)[0]).toContain('yaml-too-deep');
  });

  it('nesting up to the limit is accepted', () => {
    expect(faults(`a: ${'['.repeat(38)}${']'.repeat(38)}\n`)).toEqual([]);
  });
});
