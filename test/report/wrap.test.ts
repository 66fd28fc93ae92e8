import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrap } from '../../src/report/wrap.js';

const pieces = fc.array(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(' ', '_')),
);

it('keeps every piece, in order, and breaks none', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 60 }), (some, columns) => {
      const filled = wrap(some, { gap: ' ', indent: '  ', columns });
      expect(filled.split(/\s+/).filter((piece) => piece !== '')).toEqual(some);
    }),
  );
});

it('has no line beyond the width but those of one piece, and none that the piece after it would fit in', () => {
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

it('leaves a text whole where there is no width', () => {
  expect(wrap(['a'.repeat(100), 'b'], { gap: '  ', indent: '    ' })).toBe(`${'a'.repeat(100)}  b`);
});
