import { describe, expect, it } from 'vitest';
import { read } from './source.js';

/** The rows of docs/reference/diagnostics.md: code or guard, cause, remedy. */
const rows = [
  ...read('docs/reference/diagnostics.md').matchAll(/^\| `([\w-]+)` +\| (.+?) +\| (.+?) +\|$/gm),
].map(([, code = '', cause = '', remedy = '']) => ({ code, cause, remedy }));

const words = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];

describe('docs/reference/diagnostics.md', () => {
  it('has every code of src/diagnostics/codes.ts', () => {
    const codes = [...read('src/diagnostics/codes.ts').matchAll(/'([\w-]+)'/g)].map(([, code]) => code);
    const documented = new Set(rows.map(({ code }) => code));
    expect(codes.length).toBeGreaterThan(100);
    expect(codes.filter((code = '') => !documented.has(code))).toEqual([]);
  });

  it('gives causes that say more than the code', () => {
    const thin = rows.filter(({ code, cause }) => {
      const known = new Set([...words(code), 'a', 'an', 'the', 'is', 'are', 'not', 'no', 'too', 'it']);
      return words(cause).filter((word) => !known.has(word)).length < 3;
    });
    expect(thin).toEqual([]);
  });

  it('gives remedies that say what to do, not only where it is said', () => {
    const thin = rows.filter(
      ({ cause, remedy }) =>
        words(remedy).length < 3 || remedy === cause || /^(?:follow|see) the (?:hint|message)/i.test(remedy),
    );
    expect(thin).toEqual([]);
  });
});
