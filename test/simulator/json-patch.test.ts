import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/json/json.js';
import { applyJsonPatch, JsonPatchError, parseJsonPatch } from '../../src/simulator/patch/json-patch.js';

const apply = (document: Json, ...patch: object[]): Json => applyJsonPatch(document, parseJsonPatch(patch));

describe('the operations of a JSON patch (RFC 6902)', () => {
  // The examples of the RFC's appendix, and the edge cases of its text.
  test.each<[string, Json, object[], Json]>([
    [
      'adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['replaces a member with add', { foo: 1 }, [{ op: 'add', path: '/foo', value: null }], { foo: null }],
    ['inserts into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['appends at the length', { a: [1] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2] }],
    ['appends with a dash', { a: [1] }, [{ op: 'add', path: '/a/-', value: [2] }], { a: [1, [2]] }],
    ['removes a member', { a: 1, b: 2 }, [{ op: 'remove', path: '/b' }], { a: 1 }],
    ['removes an item', { a: [1, 2, 3] }, [{ op: 'remove', path: '/a/1' }], { a: [1, 3] }],
    ['replaces an item', { a: [1, 2] }, [{ op: 'replace', path: '/a/0', value: 9 }], { a: [9, 2] }],
    ['replaces the document', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
    [
      'moves a member',
      { a: { x: 1 }, b: {} },
      [{ op: 'move', from: '/a/x', path: '/b/y' }],
      { a: {}, b: { y: 1 } },
    ],
    ['moves an item', { a: [1, 2, 3] }, [{ op: 'move', from: '/a/0', path: '/a/2' }], { a: [2, 3, 1] }],
    ['moves to the same place', { a: [1, 2] }, [{ op: 'move', from: '/a/1', path: '/a/1' }], { a: [1, 2] }],
    ['copies', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
    [
      'tests a value in any order of members',
      { a: { x: 1, y: 2 } },
      [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }],
      { a: { x: 1, y: 2 } },
    ],
    ['tests numbers by value', { a: 10 }, [{ op: 'test', path: '/a', value: 1e1 }], { a: 10 }],
    ['unescapes ~1 before ~0', { 'a/b': 1, '~1': 2 }, [{ op: 'remove', path: '/a~1b' }], { '~1': 2 }],
    ['finds ~01', { '~1': 2 }, [{ op: 'replace', path: '/~01', value: 3 }], { '~1': 3 }],
    ['finds an empty name', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
    ['ignores unknown members', {}, [{ op: 'add', path: '/a', value: 1, xyz: 1 }], { a: 1 }],
  ])('a patch %s', (_, document, patch, expected) => {
    expect(apply(document, ...patch)).toEqual(expected);
  });

  test.each<[string, Json, object]>([
    ['a missing member to replace', {}, { op: 'replace', path: '/a', value: 1 }],
    ['a missing member to remove', {}, { op: 'remove', path: '/a' }],
    ['a missing parent', {}, { op: 'add', path: '/a/b', value: 1 }],
    ['a parent that is a string', { a: 'x' }, { op: 'add', path: '/a/0', value: 1 }],
    ['an inherited member', {}, { op: 'replace', path: '/toString', value: 1 }],
    ['an index beyond the end', { a: [1] }, { op: 'add', path: '/a/2', value: 1 }],
    ['an index with a leading zero', { a: [1, 2] }, { op: 'remove', path: '/a/01' }],
    ['a negative index', { a: [1] }, { op: 'remove', path: '/a/-1' }],
    ['the dash of an item that exists', { a: [1] }, { op: 'remove', path: '/a/-' }],
    ['a test of another type', { a: 10 }, { op: 'test', path: '/a', value: '10' }],
    ['a move into itself', { a: { b: {} } }, { op: 'move', from: '/a', path: '/a/b/c' }],
    ['the removal of the document', {}, { op: 'remove', path: '' }],
    ['a pointer without a slash', { a: 1 }, { op: 'remove', path: 'a' }],
    ['a bad escape', { '~2': 1 }, { op: 'remove', path: '/~2' }],
    ['no value', { a: 1 }, { op: 'add', path: '/a' }],
    ['no source', { a: 1 }, { op: 'copy', path: '/b' }],
    ['an unknown operation', {}, { op: 'spam', path: '/a', value: 1 }],
    ['a number that is too large', {}, { op: 'add', path: '/a', value: Number('1e400') }],
  ])('a patch is refused with %s', (_, document, operation) => {
    expect(() => apply(document, operation)).toThrow(JsonPatchError);
  });

  test('an error names the operation', () => {
    expect(() => apply({}, { op: 'add', path: '/a', value: 1 }, { op: 'remove', path: '/b' })).toThrow(
      'operation 1 of the patch: there is nothing at "/b"',
    );
  });

  test('a member called __proto__ is a member like others', () => {
    const document: Json = JSON.parse('{"__proto__": {"x": 1}}');
    const patched = apply(document, { op: 'replace', path: '/__proto__/x', value: 2 });
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"x":2}}');
    expect(JSON.stringify(apply({}, { op: 'add', path: '/__proto__', value: 1 }))).toBe('{"__proto__":1}');
    expect({}).not.toHaveProperty('x');
  });
});

describe('laws of a JSON patch', () => {
  const json: fc.Arbitrary<Json> = fc
    .jsonValue({ maxDepth: 4 })
    .map((value) => JSON.parse(JSON.stringify(value)));
  /** A document with a pointer to one of the values in it. */
  const placed = fc.tuple(json, fc.infiniteStream(fc.nat())).map(([document, choices]) => {
    const path: string[] = [];
    let value = document;
    for (const choice of choices) {
      const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
      const key = keys[choice % (keys.length + 1)];
      if (key === undefined) break;
      path.push(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      value = Object.entries(value ?? {}).find(([name]) => name === key)?.[1];
    }
    return { document, path: path.join(''), value };
  });
  const frozen = (value: Json): Json => {
    if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) frozen(item);
      Object.freeze(value);
    }
    return value;
  };

  test('a test of the value at any place succeeds and changes nothing', () => {
    fc.assert(
      fc.property(placed, ({ document, path, value }) => {
        expect(apply(frozen(document), { op: 'test', path, value })).toEqual(document);
      }),
    );
  });

  test('a replaced value is found at its place, and replacing it back restores the document', () => {
    fc.assert(
      fc.property(placed, json, ({ document, path, value }, other) => {
        const replaced = apply(frozen(document), { op: 'replace', path, value: other });
        apply(replaced, { op: 'test', path, value: other });
        expect(apply(replaced, { op: 'replace', path, value })).toEqual(document);
      }),
    );
  });

  test('a removed value is no longer there, and adding it back restores the document', () => {
    fc.assert(
      fc.property(placed, ({ document, path, value }) => {
        fc.pre(path !== '');
        const removed = apply(frozen(document), { op: 'remove', path });
        expect(apply(removed, { op: 'add', path, value })).toEqual(document);
      }),
    );
  });

  test('a move is a removal and an addition', () => {
    fc.assert(
      fc.property(placed, ({ document, path, value }) => {
        fc.pre(path !== '' && typeof document === 'object' && document !== null && !Array.isArray(document));
        const moved = apply(frozen(document), { op: 'move', from: path, path: '/moved' });
        const steps = [
          { op: 'remove', path },
          { op: 'add', path: '/moved', value },
        ];
        expect(moved).toEqual(apply(document, ...steps));
      }),
    );
  });

  test('a patch with a failing operation has no effect, whatever the others do', () => {
    fc.assert(
      fc.property(placed, json, ({ document, path }, other) => {
        const before = JSON.stringify(document);
        const patch = [
          { op: 'replace', path, value: other },
          { op: 'remove', path: `${path}/none/of/this/exists` },
        ];
        expect(() => apply(document, ...patch)).toThrow(JsonPatchError);
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });
});
