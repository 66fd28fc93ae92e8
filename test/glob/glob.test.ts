import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { globFault, keyGlob, pathGlob } from '../../src/glob/glob.js';
import { wildcard } from '../../src/simulator/wildcard.js';

describe('a glob for keys', () => {
  it.each([
    ['kill-switch-*', 'kill-switch-checkout', true],
    ['kill-switch-*', 'old-kill-switch-x', false],
    ['ceo@*', 'ceo@example.com', true],
    ['ceo@*', 'the-ceo@example.com', false],
    ['*', '', true],
    ['*', '.', true],
    ['a*', 'a/b\nc', true],
    ['a**b', 'a/x/b', true],
    ['a?c', 'a😀c', true],
    ['a?c', 'a/c', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]x]', ']', true],
    ['[a-]', '-', true],
    ['[😀-😂]', '😁', true],
    ['*[!😀]', '😀', false],
    ['{a,b{c,d}}x', 'bdx', true],
    ['{a,b{c,d}}x', 'bx', false],
    ['{,a}b', 'b', true],
    ['{a}', '{a}', true],
    ['{a}', 'a', false],
    ['a,b}', 'a,b}', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['CORP\\alice*', 'CORP\\alice2', true],
    ['[*]', '*', true],
    ['[*]', 'x', false],
    ['auth0|*', 'auth0|5f7c', true],
    ['auth0|*', 'auth0', false],
    ['Acme (*)', 'Acme (EU)', true],
    ['a+b.$^"*', 'a+b.$^"', true],
    ['a.c', 'abc', false],
    ['É*', 'é', false],
  ])('the key glob %j on %j: %s', (pattern, key, expected) => {
    expect(keyGlob(pattern)(key)).toBe(expected);
  });
});

describe('a glob that cannot be matched in bounded time, or would be surprising', () => {
  it.each([
    ['+(a|a*)b', 'extended globs such as +(...) are not supported', '{a,b}'],
    ['!(a)', 'extended globs such as !(...) are not supported', '{a,b}'],
    ['x**(a)', 'extended globs such as *(...) are not supported', '{a,b}'],
    ['(ceo|cfo)@*', 'groups such as (a|b) are not supported', '{a,b}'],
    ['[[:alpha:]]', 'classes such as [:alpha:] are not supported', '[A-Za-z]'],
    ['{1..9}', 'ranges such as {1..3} are not supported', '{1,2,3}'],
    ['[z-a]', 'the range z-a runs backwards', 'a-z'],
    ['[ab', 'a [ is not closed', '[[]'],
    ['{a,b', 'a { is not closed', '[{]'],
    ['{a,b}'.repeat(8), 'its braces expand to more than 200 alternatives', 'several'],
    [`{${'a,'.repeat(300)}}`, 'its braces expand to more than 200 alternatives', 'several'],
    ['x'.repeat(1001), 'it has more than 1000 characters', 'several'],
  ])('the glob %j is refused in keys and paths', (pattern, message, remedy) => {
    for (const kind of ['key', 'path'] as const) {
      const fault = globFault(`x${pattern}`, kind);
      expect(fault?.code).toBe('bad-glob');
      expect(fault?.message).toContain(message);
      expect(fault?.hint).toContain(remedy);
    }
    expect(globFault(`user:${pattern}`, 'context')?.message).toContain(message);
  });

  it.each([
    ['a**b/x', '** is not the whole name of a folder', '**/*'],
    ['**.yaml', '** is not the whole name of a folder', '**/*'],
    ['a//b', 'a folder or a file in it has no name', 'folder/**'],
    ['a/', 'a folder or a file in it has no name', 'folder/**'],
    ['!drafts/', 'a folder or a file in it has no name', 'folder/**'],
    ['a/./b', 'a folder or a file in it has no name', 'no ./'],
    ['{a,}/b', 'a folder or a file in it has no name', 'one /'],
    ['[a/b]', 'a / cannot be in brackets', 'folders'],
    ['!!a', 'it starts with several !', 'one'],
  ])('the glob %j is refused in paths', (pattern, message, remedy) => {
    const fault = globFault(pattern, 'path');
    expect(fault?.message).toContain(message);
    expect(fault?.hint).toContain(remedy);
  });

  it('a key glob that starts with ! is refused', () => {
    expect(globFault('!ops-*', 'key')?.hint).toContain('exclude');
    expect(globFault('user:!x', 'context')).toBeUndefined();
    expect(globFault('{user:a,org:b}', 'context')?.message).toContain('a { is not closed');
  });
});

const fragment = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 3 }),
  },
  { weight: 3, arbitrary: fc.constant('*') },
  fc.constantFrom('?', '[ab]', '[a-c]', '[^a]', '{a,b}', '{ab,c}', '{a,b{b,c}}', '{a*,b}'),
);

/** A name without `**`. Dots only come last: picomatch has rules for them, by which `*.*` is not `a.`. */
const namePattern = fc
  .tuple(fc.array(fragment, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '.y', '.{y,z}'))
  .map(([parts, end]) => parts.join('').replaceAll(/\*{2,}/g, '*') + end);
const name = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 6 }),
    fc.constantFrom('', '.y', '.z'),
  )
  .map((parts) => parts.join(''));

describe('what globs and picomatch have in common', () => {
  it('flagops and picomatch match paths in the same way', () => {
    const pattern = fc
      .array(fc.oneof({ weight: 3, arbitrary: namePattern }, fc.constant('**')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((names) => names.join('/'))
      .filter((glob) => globFault(glob, 'path') === undefined);
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
    let matches = 0;
    fc.assert(
      fc.property(pattern, path, (glob, text) => {
        // In picomatch `a/**` matches `a` too, but `*/**` does not. In flagops a final ** only matches paths below.
        const expected = picomatch(glob.replace(/\/\*\*$/, '/**/*'), { dot: true })(text);
        matches += Number(expected);
        expect([glob, text, pathGlob(glob).matches(text)]).toEqual([glob, text, expected]);
      }),
      { numRuns: 3000 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  it('flagops and picomatch match keys in the same way', () => {
    let matches = 0;
    fc.assert(
      fc.property(namePattern, name, (glob, text) => {
        const expected = picomatch(glob, { dot: true, bash: true, noextglob: true, nonegate: true })(text);
        matches += Number(expected);
        expect([glob, text, keyGlob(glob)(text)]).toEqual([glob, text, expected]);
      }),
      { numRuns: 3000 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  it('flagops and picomatch find the same base folders', () => {
    for (const glob of ['overrides/**/*.{yaml,yml}', '*.yaml', 'a/b.yaml', 'c/{d,e}/*.yaml', 'a/[b]/c', '**'])
      expect(pathGlob(glob).base).toBe(picomatch.scan(glob).base);
  });
});

describe('the time that matching takes', () => {
  const long = 'a'.repeat(2048);

  it.each([
    '*a*a*a*a*a*a*a*a*a*b',
    '*a'.repeat(300),
    `${'?*'.repeat(300)}b`,
    `*${'a'.repeat(900)}b`,
    '*[a-c]'.repeat(150),
  ])('matching %s takes bounded time', (pattern) => {
    for (let round = 0; round < 20; round += 1) {
      expect(keyGlob(`${pattern}c`)(long)).toBe(false);
      expect(pathGlob(`${pattern}c`).matches(long)).toBe(false);
      expect(wildcard(`${pattern}c`)(long)).toBe(false);
    }
  });

  it('matching ** takes bounded time', () => {
    const glob = pathGlob(`${'**/a/*/'.repeat(100)}b`);
    expect(glob.matches(`${'a/'.repeat(1000)}c`)).toBe(false);
  });
});
