import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRefPart, encodeRefPart } from '../../../src/history/refs/ref-name.js';

const HARD_PARTS = [
  '',
  '.',
  '..',
  'a..b',
  '.a',
  'a.',
  'a.lock',
  '.lock',
  'x.lock.lock',
  '@',
  '@{',
  '%',
  '%41',
  'A',
  'ü',
  '-x',
  'a b',
  'a/b',
  'a\\b',
  '*',
  '127.0.0.1:8080',
];

test('any text can be encoded as a part of a ref and decoded again', () => {
  const part = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HARD_PARTS));
  fc.assert(
    fc.property(part, (text) => {
      expect(decodeRefPart(encodeRefPart(text))).toBe(text);
      expect(encodeRefPart(text)).toMatch(/^[a-z0-9_.%-]+$/);
    }),
  );
});

test('git accepts every encoded part', () => {
  const texts = [
    ...HARD_PARTS,
    ...fc.sample(fc.string({ unit: 'grapheme-ascii' }), { numRuns: 20, seed: 1 }),
  ];
  for (const text of texts)
    execFileSync('git', ['check-ref-format', `refs/flagops/applied/${encodeRefPart(text)}/x`]);
  expect(new Set(texts.map(encodeRefPart)).size).toBe(new Set(texts).size);
});
