import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, printable } from '../../src/report/escape.js';
import { SecretMask } from '../../src/security/secret-mask.js';

const TOKEN = 'api-0f8fad5b-d9cb-469f-a165-70867728950e';

function maskOf(...secrets: readonly string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

const code = (character: string): number => character.charCodeAt(0);
const hex = (character: string, digits = 2): string => code(character).toString(16).padStart(digits, '0');

/** Ways to spell one character that a reader of some language turns back into it. */
const SPELLINGS: readonly ((character: string) => string)[] = [
  (c) => c,
  (c) => c.toUpperCase(),
  (c) => `\\u${hex(c, 4)}`,
  (c) => `\\u${hex(c, 4).toUpperCase().replace('U', 'u')}`,
  (c) => `\\\\u${hex(c, 4)}`,
  (c) => `\\u{${hex(c)}}`,
  (c) => `\\x${hex(c)}`,
  (c) => `%${hex(c)}`,
  (c) => `%${hex(c).toUpperCase()}`,
  (c) => `%25${hex(c)}`,
  (c) => `&#${code(c)};`,
  (c) => `&#x${hex(c)};`,
  (c) => `&#x000${hex(c).toUpperCase()};`,
  (c) => `&amp;#${code(c)};`,
  (c) => `${c}\u200b`,
  (c) => `${c}&#8203;`,
  (c) => (/\w/.test(c) ? c : `\\${c}`),
  (c) => JSON.stringify(c).slice(1, -1),
  (c) => escapeMarkdown(c),
  (c) => encodeURIComponent(c),
];

/** Secrets of visible ASCII, as tokens are. */
const secrets = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((value) => String.fromCharCode(value)),
  minLength: 8,
  maxLength: 60,
});
/** Secrets with the characters of LaunchDarkly, GitHub and OAuth tokens. */
const tokens = fc.stringMatching(/^[\w.~+/=-]{8,60}$/);
const spelled = (secret: string): fc.Arbitrary<string> =>
  fc
    .array(fc.nat({ max: SPELLINGS.length - 1 }), { minLength: secret.length, maxLength: secret.length })
    .map((choices) => Array.from(secret, (c, index) => SPELLINGS[choices[index] ?? 0]?.(c) ?? c).join(''));

describe('the mask', () => {
  it('the mask replaces a secret wherever it occurs, and nothing else', () => {
    const mask = maskOf(TOKEN);
    expect(mask.text(`a ${TOKEN}${TOKEN} b\n${TOKEN}`)).toBe('a [token][token] b\n[token]');
    for (const text of ['', 'api-', 'the access token', 'api-0f8fad5', '{"a":[1,2]}\\u0061']) {
      expect(mask.text(text)).toBe(text);
    }
  });

  it.each([
    ['in JSON', JSON.stringify({ message: `no ${TOKEN}` }), '{"message":"no [token]"}'],
    ['in a URL', `https://host/x?t=${encodeURIComponent(TOKEN)}&y=1`, 'https://host/x?t=[token]&y=1'],
    ['in the host of a URL', new URL(`https://${TOKEN.toUpperCase()}.example/`).host, '[token].example'],
    ['in Markdown', `<code>${escapeMarkdown(TOKEN)}</code>`, '<code>[token]</code>'],
    ['for a terminal', printable(`\u001b[1m${TOKEN}`), '\\u001b[1m[token]'],
  ])('the mask replaces a secret %s', (_, text, expected) => {
    expect(maskOf(TOKEN).text(text)).toBe(expected);
  });

  it('the mask replaces a secret together with the tags that Markdown output puts into it', () => {
    const secret = '#1@a:b:salt-';
    expect(escapeMarkdown(secret)).toContain('<span>');
    expect(maskOf(secret).text(`x ${escapeMarkdown(secret)} y`)).toBe('x [token] y');
  });

  it('the mask replaces a secret in which each character is spelled in any way', () => {
    fc.assert(
      fc.property(
        secrets.chain((secret) => fc.tuple(fc.constant(secret), spelled(secret))),
        ([secret, text]) => {
          expect(maskOf(secret).text(` ${text} `)).toMatch(/^ \[token\](?:\u200b|&#8203;)? $/);
        },
      ),
    );
  });

  it('the mask replaces a secret in JSON, which stays valid', () => {
    fc.assert(
      fc.property(tokens, fc.string(), fc.string(), (secret, before, after) => {
        const text = JSON.stringify({ value: `${before}${secret}${after}` });
        const masked = maskOf(secret).text(text);
        expect(masked).toContain('[token]');
        const { value } = JSON.parse(masked) as { value: string };
        expect(value).not.toContain(secret);
      }),
    );
  });

  it('the mask replaces a secret in base64, at any offset in the encoded text', () => {
    const mask = maskOf(TOKEN);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('base64', 'base64url'),
        (before, after, encoding) => {
          const encoded = Buffer.concat([before, Buffer.from(TOKEN), after]).toString(encoding);
          const masked = mask.text(encoded);
          expect(masked).toContain('[token]');
          const parts = masked.split('[token]').map((part) => Buffer.from(part, encoding).toString('latin1'));
          expect(parts.join('')).not.toContain(TOKEN.slice(4, 12));
          expect(masked.length).toBeLessThan(encoded.length - TOKEN.length);
        },
      ),
    );
    const basic = `Authorization: Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
    expect(mask.text(basic)).toMatch(/^Authorization: Basic [\w/+]{20}\[token\]\w?=*$/);
  });

  it('the mask replaces the beginning of a cut secret if it has at least twelve characters', () => {
    const mask = maskOf(TOKEN);
    for (let length = 12; length <= TOKEN.length; length += 1) {
      const part = TOKEN.slice(0, length);
      expect(mask.text(`no ${part}...`)).toBe('no [token]...');
      expect(mask.text(JSON.stringify(part))).toBe('"[token]"');
      expect(mask.text(Buffer.from(part).toString('base64'))).toMatch(/^(?:\[token\][\w+/]{0,3}={0,2})$/);
    }
  });

  it('the mask replaces a secret that is split between two pieces', () => {
    for (let length = 1; length < TOKEN.length; length += 1) {
      const write = maskOf(TOKEN).inPieces();
      const shown = write(`a ${TOKEN.slice(0, length)}`) + write(`${TOKEN.slice(length)} b`);
      expect(shown).not.toContain(TOKEN.slice(0, 12));
      expect(shown).not.toContain(TOKEN.slice(Math.min(length, TOKEN.length - 6)));
      expect(shown).toMatch(/^a .*\[token\] b$/);
      expect(write(' and on')).toBe(' and on');
    }
  });

  it('the mask does not lose, double or delay other text that comes in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const write = maskOf(TOKEN).inPieces();
        expect(pieces.map(write)).toEqual(pieces);
      }),
    );
  });

  it('the mask replaces a secret of several lines line by line, except lines that are too short', () => {
    const mask = maskOf(`first-of-them\n short \r\n${TOKEN}\n`);
    expect(mask.text(`first-of-them short ${TOKEN}`)).toBe('[token] short [token]');
  });

  it('the mask shows the name of a secret, and of two that overlap the name of the first', () => {
    const mask = new SecretMask();
    mask.add('api-writer-1', '[token Writer]');
    mask.add('writer-1-and-more', '[token More]');
    expect(mask.text('x api-writer-1 y')).toBe('x [token Writer] y');
    expect(mask.text('x api-writer-1-and-more y')).toBe('x [token Writer] y');
  });

  it('the mask replaces secrets of any length and with any characters', () => {
    for (const secret of ['ü€😀ü€😀ü€😀ü€😀', '.*+?^${}()|[]\\/', '\\'.repeat(9), 'k'.repeat(50_000)]) {
      expect(maskOf(secret).text(`<${secret}>`)).toBe('<[token]>');
    }
  });

  it('the mask is quick on any large text', () => {
    const mask = maskOf(TOKEN);
    for (const part of ['\\', '&amp;#0000', '%25', 'api-0f8fad5', 'YXBpLTBmOGZhZDV', '\u200b']) {
      const text = part.repeat(Math.ceil(1_000_000 / part.length));
      const began = process.cpuUsage();
      expect(mask.text(text)).toBe(text);
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000);
    }
  });
});
