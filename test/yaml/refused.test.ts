import { describe, expect, it } from 'vitest';
import { faults, read } from './read-text.js';

describe('YAML features other than maps, lists and scalars', () => {
  it.each([
    ['an anchor', 'a: &x 1\n', ['1:4 yaml-anchor the anchor &x is not supported']],
    ['an anchor at a key', '&k a: 1\n', ['1:1 yaml-anchor the anchor &k is not supported']],
    [
      'an alias',
      'a: &x 1\nb: *x\n',
      ['1:4 yaml-anchor the anchor &x is not supported', '2:4 yaml-alias the alias *x is not supported'],
    ],
    ['an alias of nothing', 'b: *x\n', ['1:4 yaml-alias the alias *x is not supported']],
    [
      'an alias as a key',
      '&k a: 1\n*k : 2\n',
      ['1:1 yaml-anchor the anchor &k is not supported', '2:1 yaml-alias the alias *k is not supported'],
    ],
    ['a star for everyone', 'users:\n  *: {f: true}\n', ['2:3 yaml-alias the alias *: is not supported']],
    ['a merge key', 'a:\n  <<: {b: 1}\n', ['2:3 yaml-merge-key merge keys are not supported']],
    ['a standard tag', 'a: !!str 1\n', ['1:4 yaml-tag the tag !!str is not supported']],
    ['a local tag', 'a: !foo 1\n', ['1:4 yaml-tag the tag !foo is not supported']],
    ['a lone tag', 'a: ! x\n', ['1:4 yaml-tag the tag ! is not supported']],
    [
      'a verbatim tag',
      'a: !<tag:e.org,2026:x> 1\n',
      ['1:4 yaml-tag the tag !<tag:e.org,2026:x> is not supported'],
    ],
    ['a tag at a key', '!!str a: 1\n', ['1:1 yaml-tag the tag !!str is not supported']],
    ['a tag at a map', 'a: !!set\n  ? b\n', ['1:4 yaml-tag the tag !!set is not supported']],
    ['YAML 1.1', '%YAML 1.1\n---\na: 1\n', ['1:1 yaml-directive the directive %YAML 1.1 is not supported']],
    [
      'a tag prefix',
      '%TAG !e! e:\n---\na: 1\n',
      ['1:1 yaml-directive the directive %TAG !e! e: is not supported'],
    ],
    ['a second document', 'a: 1\n---\nb: 2\n', ['2:1 yaml-several-documents a second document starts here']],
    [
      'a document after dots',
      'a: 1\n...\nb: 2\n',
      ['3:1 yaml-several-documents a second document starts here'],
    ],
    ['a --- at the end', 'a: 1\n---\n', ['2:1 yaml-several-documents a second document starts here']],
    ['two empty documents', '---\n---\n', ['2:1 yaml-several-documents a second document starts here']],
  ])('%s is refused at its position', (_name, text, expected) => {
    expect(faults(text)).toEqual(expected);
    for (const { hint } of read(text).diagnostics) expect(hint).toBeTruthy();
  });

  it('the same characters inside a text are only text', () => {
    expect(faults('a: "&x *y !z <<"\nb: x & y *\nc: |\n  !foo\n  *x\n  %YAML 1.1\n# &a *b !c\n')).toEqual([]);
  });

  it.each(['', '\n\n', '# only a comment\n', '---\n', '...\n', '--- # nothing\n'])(
    'the empty file %j is refused, since it declares nothing',
    (text) => {
      expect(faults(text)).toEqual(['1:1 yaml-empty the file has no content']);
    },
  );

  it.each([
    ['a list', '? [a, b]\n: 1\n', '1:3'],
    ['a map', '? {a: b}\n: 1\n', '1:3'],
    ['a list in a flow map', '{[a]: 1}\n', '1:2'],
  ])('%s is refused as a key', (_name, text, place) => {
    expect(faults(text)).toEqual([`${place} yaml-syntax a list or a map is used as a key`]);
  });
});

describe('duplicate keys', () => {
  it.each([
    ['in a block', 'a: 1\nb: 2\na: 3\n', '3:1', 'a', 1],
    ['in a flow map', '{a: 1, a: 2}\n', '1:8', 'a', 1],
    ['deep inside', 'a:\n  - b:\n      c: 1\n      c: 1\n', '4:7', 'c', 3],
    ['in other quotes', 'a: 1\n"a": 2\n', '2:1', 'a', 1],
    ['by an escape', 'a: 1\n"\\x61": 2\n', '2:1', 'a', 1],
    ['named __proto__', '__proto__: 1\n__proto__: 2\n', '2:1', '__proto__', 1],
    ['that look like a number', '1: a\n"1": b\n', '2:1', '1', 1],
  ])('duplicate keys are refused %s, with the line of the first one', (_name, text, place, key, line) => {
    expect(faults(text)).toEqual([
      `${place} yaml-duplicate-key the key "${key}" appears twice in this map, first at line ${line}`,
    ]);
  });

  it('keys that are written differently are not duplicates', () => {
    expect(faults('1: a\n01: b\n1.0: c\n"1 ": d\nA: e\na: f\n')).toEqual([]);
  });

  it('duplicate keys are found in a map of 20,000 keys, and listed up to a limit', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');
    expect(faults(`${keys}k7: 2\n`)).toEqual([
      '20001:1 yaml-duplicate-key the key "k7" appears twice in this map, first at line 8',
    ]);
    const diagnostics = faults('k: 1\n'.repeat(1000));
    expect(diagnostics).toHaveLength(51);
    expect(diagnostics.at(-1)).toBe('52:1 yaml-more 949 more problems from here on');
  });
});
