import { describe, expect, it } from 'vitest';
import { newDeclarations } from '../../../src/declare/write/files.js';
import type { WrittenOverride } from '../../../src/declare/write/render.js';
import { overrideKey } from '../../../src/reconcile/state.js';
import { LIMITS } from '../../../src/yaml/limits.js';
import { declared } from '../declared.js';

const SCOPE = { project: 'shop', environment: 'production' };
const ALL = { by: 'scope', name: 'imported' } as const;

const user = (key: string, setting: WrittenOverride['setting'], flag = 'f'): WrittenOverride => ({
  flag,
  kind: 'user',
  key,
  setting,
});

describe('the files of an import', () => {
  it('are several if one would be too large to be read', () => {
    const overrides = Array.from({ length: 30 }, (_, index) =>
      user(`u${index}`, `${index}${'x'.repeat(200_000)}`),
    );
    const { declarations, refused } = newDeclarations(SCOPE, overrides, ALL);
    expect(declarations.length).toBe(2);
    expect(declarations.every(({ text }) => text.length < LIMITS.bytes)).toBe(true);
    const read = declarations.flatMap(({ text }) => declared(text).overrides.map(overrideKey));
    expect(new Set(read)).toEqual(new Set(overrides.map(overrideKey)));
    expect(declarations.map(({ overrides: count }) => count)).toEqual([15, 15]);
    expect(refused).toEqual([]);
  });

  it('do not contain what no file can hold, which is returned', () => {
    const huge = user('u', 'x'.repeat(LIMITS.bytes));
    const { declarations, refused } = newDeclarations(SCOPE, [huge, user('v', true)], ALL);
    expect(refused).toEqual([huge]);
    expect(declarations).toMatchObject([{ overrides: 1 }]);
  });

  it('are the same for the same overrides in any order', () => {
    const overrides = [user('b', 1), user('a', 2), user('a', 1, 'e'), user('c', 1), user('d', { x: 1 })];
    expect(newDeclarations(SCOPE, overrides.toReversed(), ALL)).toEqual(
      newDeclarations(SCOPE, overrides, ALL),
    );
  });
});
