import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suspicionOf } from '../../../src/text/suspicious.js';
import { wrong } from '../declared.js';

describe('a key that is not what it looks like', () => {
  it.each([
    ['ali\u200bce', 'contains a character that is hard to see: U+200B'],
    ['\u202ealice', 'contains a character that is hard to see: U+202E'],
    ['a\u00adb\u2060c', 'contains characters that are hard to see: U+00AD, U+2060'],
    [
      '\u200b\u200c\u200d\u200e\u200f',
      'contains characters that are hard to see: U+200B, U+200C, U+200D and 2 more',
    ],
    ['a\u001b[31m', 'contains a character that is hard to see: U+001B'],
    ['a\tb', 'contains a character that is hard to see: U+0009'],
    ['a\nb', 'contains a character that is hard to see: U+000A'],
    ['a\u00a0b', 'contains a character that is hard to see: U+00A0'],
    ['a\u3000b', 'contains a character that is hard to see: U+3000'],
    ['a\u2028b', 'contains a character that is hard to see: U+2028'],
    ['a\u3164b', 'contains a character that is hard to see: U+3164'],
    ['a\u2800b', 'contains a character that is hard to see: U+2800'],
    ['a\u{e0041}', 'contains a character that is hard to see: U+E0041'],
    [' alice', 'starts with a space (U+0020)'],
    ['alice ', 'ends with a space (U+0020)'],
    [' ', 'starts with a space (U+0020)'],
    ['cafe\u0301', 'is not in the usual Unicode form (NFC): it has U+0065 U+0301 instead of U+00E9'],
    ['\u212b', 'is not in the usual Unicode form (NFC): it has U+212B instead of U+00C5'],
  ])('the key %j is suspicious', (key, suspicion) => {
    expect(suspicionOf(key)).toBe(suspicion);
  });

  it.each([
    'alice@example.com',
    'a b',
    'Grüße',
    '日本',
    'auth0|5f7c',
    'CORP\\alice',
    '<b>',
    '😀',
    'कि',
    '한국',
  ])('the key %j is not suspicious', (key) => {
    expect(suspicionOf(key)).toBeUndefined();
  });

  it('visible keys are not suspicious, and keys that trimming changes are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (key) => {
        expect(suspicionOf(key) === undefined).toBe(key.trim() === key);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        if (key.trim() !== key || key.normalize('NFC') !== key) expect(suspicionOf(key)).toBeDefined();
      }),
    );
  });
});

describe('a declaration with such keys', () => {
  it('each suspicious key is a warning at its position', () => {
    expect(
      wrong(
        [
          'users:',
          '  "ali\\u200bce": {f: 1}',
          '  bob: {f: 1}',
          'contexts:',
          '  device: {" kiosk": {f: 1}}',
          'groups:',
          '  - {name: qa, users: [carol, "dave\\u00a0"], flags: {f: 1}}',
          '',
        ].join('\n'),
      ),
    ).toEqual([
      '4:3 suspicious-key the key "ali\u200bce" of the kind user contains a character that is hard to see: U+200B (type it again, unless the key in LaunchDarkly is exactly the same)',
      '7:12 suspicious-key the key " kiosk" of the kind device starts with a space (U+0020) (type it again, unless the key in LaunchDarkly is exactly the same)',
      '9:31 suspicious-key the key "dave\u00a0" of the kind user contains a character that is hard to see: U+00A0 (type it again, unless the key in LaunchDarkly is exactly the same)',
    ]);
  });

  it('at most 50 suspicious keys are listed, and the others counted', () => {
    const users = Array.from({ length: 70 }, (_, n) => `  "k${n} ": {f: 1}\n`).join('');
    const warnings = wrong(`users:\n${users}`);
    expect(warnings).toHaveLength(51);
    expect(warnings.at(-1)).toBe('54:3 more-warnings 20 more warnings from here on');
  });

  it.each(['project: "shop\\u200b"\nenvironment: a\n', 'project: shop\nenvironment: " a"\n'])(
    'a suspicious character in a project or environment key is an error: %j',
    (text) => {
      expect(wrong(text).length).toBeGreaterThan(0);
    },
  );
});
