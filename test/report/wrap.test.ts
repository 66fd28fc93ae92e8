import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrap, wrapItems } from '../../src/report/wrap.js';

const pieces = fc.array(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(' ', '_')),
);

it('wrap keeps every piece, in order and unbroken', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 60 }), (some, columns) => {
      const wrapped = wrap(some, { gap: ' ', indent: '  ', columns });
      expect(wrapped.split(/\s+/).filter((piece) => piece !== '')).toEqual(some);
    }),
  );
});

it('wrap exceeds the width only with single pieces, and fills each line as far as possible', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 60 }), (some, columns) => {
      const lines = wrap(some, { gap: ' ', indent: '', columns }).split('\n');
      for (const [index, line] of lines.entries()) {
        expect(line.length <= columns || !line.includes(' ')).toBe(true);
        const next = lines[index + 1]?.split(' ')[0];
        if (next !== undefined) expect(line.length + 1 + next.length).toBeGreaterThan(columns);
      }
    }),
  );
});

it('wrap returns one line if there is no width', () => {
  expect(wrap(['a'.repeat(100), 'b'], { gap: '  ', indent: '    ' })).toBe(`${'a'.repeat(100)}  b`);
});

it('wrap counts characters that take two columns of a terminal', () => {
  const wrapped = wrap(['日本', '語', 'e\u0301e\u0301', '👍🏽'], { gap: ' ', indent: '', columns: 7 });
  expect(wrapped).toBe('日本 語\ne\u0301e\u0301 👍🏽');
});

const items = fc.array(
  fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((words) => words.join(' ')),
);

it('wrapItems breaks only items that are wider than a line, and exceeds the width only with single words', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 8, max: 60 }), (some, columns) => {
      const indent = '    ';
      const lines = wrapItems(some, { indent, columns }).split(`\n${indent}`);
      expect(
        lines
          .join(' ')
          .split(/ (?:· )?/)
          .join(' '),
      ).toBe(some.join(' '));
      const shown = lines.flatMap((line) => line.split(' · '));
      for (const item of some) if (indent.length + item.length <= columns) expect(shown).toContain(item);
      for (const line of lines)
        expect(indent.length + line.length <= columns || !line.includes(' ')).toBe(true);
    }),
  );
});

it('wrapItems separates the items of one line', () => {
  const dates = ['owner team-checkout', 'Checkout v2 beta', 'expires 2026-12-31'];
  expect(wrapItems(dates, { indent: '  ' })).toBe(dates.join(' · '));
  expect(wrapItems(dates, { indent: '  ', columns: 42 })).toBe(
    'owner team-checkout · Checkout v2 beta\n  expires 2026-12-31',
  );
});
