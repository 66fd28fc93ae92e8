import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { code, prose } from '../../src/report/page/text.js';
import { jsonText, escapeMarkdown, printable, printableLines } from '../../src/report/escape.js';
import { copied, textsOf } from '../support/markdown.js';

/** Text that an attacker might put into keys, commit subjects and values. */
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
      fc.constantFrom(
        ':tada:',
        '1. ',
        '- ',
        '===',
        '    ',
        ' ',
        'a@b.co',
        ']]>',
        '~~',
        '\t',
        '#',
        '>',
        '&amp;',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const VISIBLE = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\ufeff]*$/u;

describe('printable', () => {
  it('printable returns one line of visible characters', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printable(text)).toMatch(VISIBLE);
      }),
    );
  });

  it('printable escapes control and invisible characters', () => {
    expect(printable('a\u001b[31mb\n\u202ec\u{e0041}')).toBe('a\\u001b[31mb\\u000a\\u202ec\\U000e0041');
    expect(printableLines('a\u001bb\nc\r\n')).toBe('a\\u001bb\nc\\u000d\n');
    expect(printable('a\u3164b\u034fc\u2800d')).toBe('a\\u3164b\\u034fc\\u2800d');
  });

  it.each(['Grüße 日本 a|b @c', '👩‍💻 👩🏽‍🚀 🏳️‍🌈 ❤️ 1️⃣', 'می‌خواهم', 'क्‍ष', '葛󠄀', '\u0600'])(
    'printable leaves %s unchanged',
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );

  it.each(['ali\u200dce', 'ali\u200cce', 'a\ufe0f', '1\ufe0f', '\u200d😀', 'a\u{e0100}', 'а\u200dб'])(
    'printable escapes a joiner that joins nothing: %j',
    (text) => {
      expect(printable(text)).toMatch(/\\[uU]/);
      for (const joiner of ['\u200c', '\u200d', '\ufe0f', '\u{e0100}'])
        expect(printable(text)).not.toContain(joiner);
    },
  );

  it('printable returns text that can be pasted into a declaration between double quotes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const key = text.toWellFormed().replaceAll(/["\\]/g, '');
        expect(parse(`"${printable(key)}"`)).toBe(key);
      }),
    );
  });
});

/** What GitHub turns into mentions, references and emoji after it has parsed the Markdown. */
const ACTED_ON = /@[\w-]|#\d|\bGH-\d|:[\w+-]+:/i;

describe('text escaped for Markdown', () => {
  it('text can be copied from a Markdown table unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (text, other) => {
        const row = await textsOf(
          `| A | B | C |\n|---|---|---|\n| ${code(text, 1e9)} | ${prose(other, 1e9)} | end |\n`,
        );
        expect(row.slice(3).map((texts) => texts.join(''))).toEqual([
          printable(text),
          printable(other),
          'end',
        ]);
      }),
    );
  });

  it('text can be copied from a Markdown quotation, list and heading unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        for (const around of ['> ', '- ', '### '])
          expect((await textsOf(`${around}${prose(text, 1e9)}\n`)).flat().join('')).toBe(printable(text));
      }),
    );
  });

  it('text escaped for Markdown contains no mention, link, reference or emoji', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const texts = (await textsOf(`a ${prose(text, 1e9)} z\n`)).flat();
        // GitHub looks for addresses before it decodes entities, so an entity within one is enough.
        for (const stretch of texts) expect(stretch.replaceAll(/:\/\/|www\./gi, '')).not.toMatch(ACTED_ON);
        expect(prose(text, 1e9).replaceAll(/<\/?span>/g, '')).not.toMatch(/:\/\/|www\.|[@`|<>]/i);
      }),
    );
  });

  it('code can be copied from HTML unchanged', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(copied(code(text, 1e9))).toBe(printable(text));
      }),
    );
  });

  it('text is escaped for Markdown with entities and tags, not with zero-width characters', () => {
    expect(escapeMarkdown('alice@example.com')).toBe('alice<span>&#64;</span>example.com');
    expect(escapeMarkdown('@dana fixed #12 and GH-7 :tada:')).toBe(
      '<span>&#64;</span>dana fixed <span>&#35;</span>12 and GH<span>&#45;</span>7 <span>&#58;</span>tada:',
    );
    expect(escapeMarkdown('a|b')).toBe('a&#124;b');
    expect(escapeMarkdown('$x$')).toBe('&#36;x&#36;');
    expect(escapeMarkdown('<!-- x -->')).toBe('&#60;&#33;-- x --&#62;');
    expect(escapeMarkdown(' 1. a ')).toBe('&#32;1. a&#32;');
    expect(escapeMarkdown('1. a')).toBe('1&#46; a');
  });

  it('cut code has its ellipsis outside, so that the code can be searched for', () => {
    expect(code('abcdef', 6)).toBe('<code>abcdef</code>');
    expect(code('abcdef', 3)).toBe('<code>abc</code>…');
    expect(code('a😀', 2)).toBe('<code>a</code>…');
    expect(prose('abcdef', 5)).toBe('ab...');
  });
});

describe('jsonText', () => {
  it('jsonText returns JSON of the same value without control characters', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = jsonText({ [text]: [text] });
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
        for (const line of json.split('\n')) expect(line).toMatch(VISIBLE);
      }),
    );
  });
});
