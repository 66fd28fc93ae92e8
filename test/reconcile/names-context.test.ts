import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesContext } from '../../src/reconcile/names-context.js';

describe('the context that a text names', () => {
  it.each([
    ['Targeted bob to Dark', 'bob'],
    ['bob', 'bob'],
    ['Removed bob.', 'bob'],
    ['Added `bob@example.com`, `eve`', 'bob@example.com'],
    [String.raw`Added bob\@example\.com`, 'bob@example.com'],
    ['Added **a.b*c** to `true`', 'a.b*c'],
    ['Added "Erika Müller"', 'Erika Müller'],
  ])('%j names %j', (text, key) => {
    expect(namesContext(text, { key })).toBe(true);
  });

  it.each([
    ['Targeted bobby to Dark', 'bob'],
    ['Targeted bob@example.com to Dark', 'bob'],
    ['Targeted example.com', 'example'],
    ['Targeted x.bob', 'bob'],
    ['Targeted org:bob', 'bob'],
    ['Targeted axb', 'a.b'],
    ['xbob', 'bob'],
    ['x.bob', 'bob'],
    ['', 'bob'],
    ['bob', ''],
  ])('%j does not name %j', (text, key) => {
    expect(namesContext(text, { key })).toBe(false);
  });

  it('every key is found in quotes', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\\'));
    fc.assert(
      fc.property(keys, (key) => {
        expect(namesContext(`Added "${key}" to the targets`, { key })).toBe(true);
      }),
    );
  });
});
