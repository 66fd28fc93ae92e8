import { describe, expect, it } from 'vitest';
import { decode } from '../../src/yaml/decode.js';
import { LIMITS } from '../../src/yaml/limits.js';
import { SourceText } from '../../src/yaml/source.js';

describe('bytes of a file', () => {
  it('bytes are read as UTF-8', () => {
    expect(decode(Buffer.from('a: ü😀\n'))).toEqual({ ok: true, text: 'a: ü😀\n' });
  });

  it('a byte order mark at the start is not part of the text', () => {
    expect(decode(Buffer.from('\ufeffa: 1\n'))).toEqual({ ok: true, text: 'a: 1\n' });
  });

  it.each([
    ['Latin-1', Buffer.from('a: ü\n', 'latin1'), 'the file is not UTF-8'],
    ['half a character', Buffer.from('a: ü').subarray(0, 4), 'the file is not UTF-8'],
    ['an encoded surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), 'the file is not UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa: 1\n', 'utf16le'), 'the file is UTF-16'],
    ['something binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'the file is binary'],
  ])('bytes are refused if they are %s', (_name, bytes, message) => {
    expect(decode(bytes)).toMatchObject({ ok: false, code: 'not-text', message });
  });

  it('a file above the size limit is refused, and one at the limit is accepted', () => {
    const most = Buffer.alloc(LIMITS.bytes, 0x20);
    expect(decode(most).ok).toBe(true);
    expect(decode(Buffer.alloc(LIMITS.bytes + 1, 0x20))).toMatchObject({
      code: 'file-too-large',
      message: 'the file has 4194305 bytes; the limit is 4194304 (4 MiB)',
    });
  });
});

describe('positions', () => {
  it('positions count lines and columns from 1, and columns in UTF-16 units', () => {
    const source = new SourceText('x.yaml', 'a\n\n😀b\r\nc');
    const places = [0, 1, 2, 3, 5, 8, 9].map((offset) => source.positionAt(offset));
    expect(places.map(({ line, col }) => `${line}:${col}`)).toEqual([
      '1:1',
      '1:2',
      '2:1',
      '3:1',
      '3:3',
      '4:1',
      '4:2',
    ]);
  });
});
