import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, identityOf } from '../../src/reconcile/fingerprint.js';
import { type Change, compareChanges, type OverrideValue } from '../../src/reconcile/plan.js';

const overrideValue: fc.Arbitrary<OverrideValue | null> = fc.option(
  fc.record({ variation: fc.nat(3), value: fc.jsonValue() }) as fc.Arbitrary<OverrideValue>,
);
const word = fc.string({ unit: 'grapheme', maxLength: 4 });

const change: fc.Arbitrary<Change> = fc
  .record({
    project: word,
    environment: word,
    flag: word,
    kind: word,
    key: word,
    before: overrideValue,
    after: overrideValue,
  })
  .map((rest) => ({
    ...rest,
    action: rest.after === null ? 'remove' : rest.before === null ? 'add' : 'update',
    at: undefined,
    provenance: { type: 'unknown' },
    mark: 'pending',
    liveMoved: false,
    warnings: [],
    withheld: undefined,
  }));

it('the fingerprint is the SHA-256 of the canonical JSON (RFC 8785) of the host and the identity of each change', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      const content = { host: 'ld.example:8080', changes: changes.toSorted(compareChanges).map(identityOf) };
      const expected = createHash('sha256')
        .update(canonicalize(content) ?? '')
        .digest('hex');
      expect(fingerprintOf('https://ld.example:8080', changes, [])).toBe(expected);
    }),
  );
});
