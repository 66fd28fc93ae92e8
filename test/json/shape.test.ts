import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureJson, tooDeep } from '../../src/json/shape.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the shape of a JSON text', () => {
  test('a complete JSON text has the depth of its value, however it is written, and does not end early', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const shape = measureJson(JSON.stringify(value, undefined, indent));
        expect(shape.depth).toBe(depthOf(value));
        expect(shape.endsEarly).toBe(false);
      }),
    );
  });

  test('a JSON text ends early wherever a list or an object is cut off', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        expect(measureJson(text.slice(0, at % text.length)).endsEarly).toBe(true);
      }),
    );
  });

  test.each([
    ['"\\\\"', false],
    ['"\\"', true],
    ['"[{"', false],
    [' \n', true],
    ['', true],
    ['<html>', false],
  ])('the JSON text %j ends early: %j', (text, endsEarly) => {
    expect(measureJson(text).endsEarly).toBe(endsEarly);
    expect(measureJson(text).depth).toBe(0);
  });

  test('the count of values in a JSON text is never too low and never much too high', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer())), (lists) => {
        const { values } = measureJson(JSON.stringify(lists));
        const count = lists.length + lists.flat().length;
        expect(values).toBeGreaterThanOrEqual(count);
        expect(values).toBeLessThanOrEqual(count + lists.length + 1);
      }),
    );
  });

  test('JSON is measured without recursion, and reported if it is too deep', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(measureJson(nested(1e6)).depth).toBe(1e6);
    expect(tooDeep(measureJson(nested(201)))).toMatch(/^has more than 200 /);
    expect(tooDeep(measureJson(nested(200)))).toBeUndefined();
  });
});
