import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type Json } from '../../src/json/json.js';
import { resolveSetting } from '../../src/reconcile/setting.js';
import type { Setting, Variation } from '../../src/reconcile/state.js';
import { createResolver, listVariations, suggestVariation } from '../../src/reconcile/variations.js';

/** Variations with these values; those at an index with a name have it. */
function variationsOf(values: readonly Json[], names: readonly string[] = []): Variation[] {
  return values.map((value, index) => ({ id: undefined, name: names[index], value }));
}

describe('suggestions for a setting that is not a variation', () => {
  const value = (text: Json): Setting => ({ type: 'value', value: text });
  const named = (variation: string | number): Setting => ({ type: 'variation', variation });

  it.each<[string, Setting, readonly Variation[], string | undefined]>([
    ['a similar text', value('drak'), variationsOf(['dark', 'light']), 'did you mean dark?'],
    ['no text if none is similar', value('zebra'), variationsOf(['dark', 'light']), undefined],
    ['no number that is similar', value('12345'), variationsOf([12346, 'light']), undefined],
    ['the text inside quotes', value('"dark"'), variationsOf(['dark']), 'did you mean dark?'],
    ['a number without quotes', value('5'), variationsOf([4, 5]), 'write 5 without quotes'],
    ['a boolean without quotes', value('true'), variationsOf([false, true]), 'write true without quotes'],
    ['null without quotes', value('null'), variationsOf([null, 'x']), 'write null without quotes'],
    ['quotes around a number', value(5), variationsOf(['4', '5']), 'quote it: "5"'],
    ['quotes around a boolean', value(true), variationsOf(['true']), 'quote it: "true"'],
    ['nothing for a number that no text equals', value(6), variationsOf(['4', '5']), undefined],
    ['a similar name', named('Drak'), variationsOf([1, 2], ['Dark', 'Light']), 'did you mean Dark?'],
    ['no name for a value', value('Drak'), variationsOf([1, 2], ['Dark', 'Light']), undefined],
    ['no value for a name', named('drak'), variationsOf(['dark', 'light']), undefined],
    ['nothing for an index', named(1), variationsOf(['1'], ['1']), undefined],
    ['nothing for null', { type: 'none' }, variationsOf(['null', null]), undefined],
  ])('the suggestion for a setting that is not a variation is %s', (_name, setting, variations, expected) => {
    expect(suggestVariation(setting, variations)).toBe(expected);
  });

  it('a boolean is suggested for every word that YAML 1.1 reads as one, if the flag has that variation', () => {
    const words = { yes: true, on: true, y: true, no: false, off: false, n: false };
    for (const [word, boolean] of Object.entries(words)) {
      for (const text of [word, word.toUpperCase()]) {
        expect(suggestVariation(value(text), variationsOf([1, boolean]))).toBe(
          `write ${boolean}: YAML 1.2 reads ${text} as text`,
        );
        expect(suggestVariation(value(text), variationsOf([!boolean]))).toBeUndefined();
      }
    }
  });

  it('a suggested text or name is always a variation of the flag', () => {
    const word = fc.stringMatching(/^[a-d]{1,6}$/);
    fc.assert(
      fc.property(word, fc.uniqueArray(word, { maxLength: 4 }), fc.boolean(), (text, words, byName) => {
        const variations = byName
          ? variationsOf(
              words.map((_, index) => index),
              words,
            )
          : variationsOf(words);
        const hint = suggestVariation(byName ? named(text) : value(text), variations);
        const meant = /^did you mean (?<word>\w+)\?$/.exec(hint ?? '')?.groups?.['word'];
        expect(meant === undefined ? [undefined] : words).toContain(meant);
      }),
    );
  });
});

describe('the list of variations', () => {
  it('the list of variations has values, and names in parentheses', () => {
    expect(listVariations(variationsOf(['a', 1, { b: 2 }], ['First']))).toBe('"a" (First), 1, {"b":2}');
    expect(listVariations(variationsOf(['x'.repeat(38)], ['X']))).toBe(`"${'x'.repeat(38)}" (X)`);
    expect(listVariations(variationsOf(['x'.repeat(39)], ['X']))).toBe(`"${'x'.repeat(36)}... (X)`);
    expect(listVariations(variationsOf(['x'.repeat(39)]))).toBe(`"${'x'.repeat(36)}...`);
  });
});

describe('resolving', () => {
  it('resolving finds a value only by value, a name only by name and a number only by index', () => {
    const text = fc.constantFrom('0', '1', 'a', 'b');
    const json = fc.oneof(text, fc.nat(2));
    const setting = fc.oneof(
      json.map((one): Setting => ({ type: 'value', value: one })),
      json.map((one): Setting => ({ type: 'variation', variation: one })),
      fc.constant<Setting>({ type: 'none' }),
    );
    const flag = fc.array(fc.tuple(json, fc.option(text, { nil: undefined })), { maxLength: 3 });
    fc.assert(
      fc.property(flag, setting, (parts, wanted) => {
        const variations = parts.map(([one, name]) => ({ id: undefined, name, value: one }));
        const selects = (variation: Variation, index: number): boolean =>
          wanted.type === 'value'
            ? canonical(variation.value) === canonical(wanted.value)
            : wanted.type === 'variation' && [variation.name, index].includes(wanted.variation);
        const indexes = variations.flatMap((variation, index) => (selects(variation, index) ? [index] : []));
        const [first, ...others] = indexes;
        const expected =
          wanted.type === 'none'
            ? { type: 'none' }
            : first === undefined
              ? { type: 'unknown' }
              : others.length === 0
                ? { type: 'variation', index: first }
                : { type: 'ambiguous', indexes };
        expect(resolveSetting(wanted, variations)).toEqual(expected);
      }),
    );
  });

  it('a resolver resolves each distinct setting once, however often it is asked for', () => {
    let reads = 0;
    const counting: Variation = {
      id: undefined,
      name: undefined,
      get value() {
        reads += 1;
        return 'dark';
      },
    };
    const resolve = createResolver([counting]);
    const settings: Setting[] = [
      { type: 'value', value: 'dark' },
      { type: 'value', value: 'light' },
      { type: 'value', value: 'dark' },
      { type: 'variation', variation: 'dark' },
      { type: 'value', value: 'light' },
    ];
    expect(settings.map((setting) => resolve(setting).type)).toEqual([
      'variation',
      'unknown',
      'variation',
      'unknown',
      'unknown',
    ]);
    expect(reads).toBe(2);
  });
});
