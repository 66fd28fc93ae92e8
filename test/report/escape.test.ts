import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, markdown, printable } from '../../src/report/escape.js';

/** What a hostile author would put into keys, subjects and values. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '|',
        '`',
        '```',
        '@team',
        '<!-- x -->',
        '<img src=x>',
        '\n',
        '\r\n',
        '\u001b[31m',
        '\u009b',
      ),
      fc.constantFrom(
        '\u202e',
        '\u2066',
        '\u200b',
        '\u061c',
        '\ufeff',
        '\u{e0041}',
        '\ud800',
        '&#64;',
        '\\|',
        '#12',
      ),
      fc.constantFrom('[a](http://x)', 'www.x.org', 'https://x.org', '**', '---', '$(x)', 'GH-7', '\0'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const SEEN = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\ufeff]*$/u;

describe('text for a terminal', () => {
  it('is one line of characters that are seen', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printable(text)).toMatch(SEEN);
      }),
    );
  });

  it('shows what is hidden, and leaves the rest alone', () => {
    expect(printable('a\u001b[31mb\n\u202ec\u{e0041}')).toBe('a\\u001b[31mb\\u000a\\u202ec\\u{e0041}');
    expect(printable('Grüße 👩‍💻 日本 a|b @c')).toBe('Grüße 👩‍💻 日本 a|b @c');
  });
});

describe('text for Markdown', () => {
  it('holds no character that Markdown, HTML or GitHub acts on', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = markdown(text);
        expect(escaped).toMatch(SEEN);
        expect(escaped.replaceAll(/&#\d+;/g, '')).not.toMatch(/[\\`*_{}[\]()#+!|~<>&@$]|:\/\/|www\./i);
        expect(escaped).not.toMatch(/GH-\d/i);
        // Read as HTML, an @ and a # are followed by a character without width, so that no name follows.
        expect(escaped.replaceAll(/&#(?:64|35);&#8203;/g, '')).not.toMatch(/&#(?:64|35);/);
      }),
    );
  });

  it('reads as the text it was', () => {
    expect(markdown('a|b')).toBe('a&#124;b');
    expect(markdown('$x$ in GH-12')).toBe('&#36;x&#36; in GH-&#8203;12');
    expect(markdown('@dana fixed #12')).toBe('&#64;&#8203;dana fixed &#35;&#8203;12');
    expect(markdown('<!-- x -->')).toBe('&#60;&#33;-- x --&#62;');
  });
});

describe('text of JSON', () => {
  it('is JSON of the same value, with nothing in it that a terminal obeys', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = jsonText({ [text]: [text] });
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
        for (const line of json.split('\n')) expect(line).toMatch(SEEN);
      }),
    );
  });
});
