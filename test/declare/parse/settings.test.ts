import { describe, expect, it } from 'vitest';
import schema from '../../../schemas/overrides.schema.json' with { type: 'json' };
import type { Setting } from '../../../src/reconcile/state.js';
import { declared, SCOPE, wrong } from '../declared.js';

const RESERVED =
  '$variation or $value, with expires, reason and manage: other keys that start with $ are reserved, and {$value: ...} holds an object with such keys';

const REASON = 'expected the reason for these overrides; part of the audit comment of each change';

function settingOf(text: string): Setting | undefined {
  return declared(`${SCOPE}users:\n  a:\n    f: ${text}\n`).overrides[0]?.setting;
}

describe('a setting', () => {
  it.each([
    ['true', true],
    ['1.50', 1.5],
    ['text', 'text'],
    ['""', ''],
    ['yes', 'yes'],
    ['on', 'on'],
    ['[1, {a: null}]', [1, { a: null }]],
    ['{}', {}],
    ['{a: {$ref: 1}}', { a: { $ref: 1 } }],
    ['{__proto__: {x: 1}}', JSON.parse('{"__proto__": {"x": 1}}')],
    ['|\n      two\n      lines', 'two\nlines\n'],
  ])('a setting is the JSON value %s', (text, value) => {
    expect(settingOf(text)).toEqual({ type: 'value', value });
  });

  it.each(['null', '~', 'Null'])('the setting %s means no override', (text) => {
    expect(settingOf(text)).toEqual({ type: 'none' });
  });

  it('$variation names a variation', () => {
    expect(settingOf('{$variation: dark mode}')).toEqual({ type: 'variation', variation: 'dark mode' });
    expect(settingOf('{$variation: 2}')).toEqual({ type: 'variation', variation: 2 });
    expect(settingOf('{$variation: "2"}')).toEqual({ type: 'variation', variation: '2' });
  });

  it('a value under $value is taken literally', () => {
    expect(settingOf('{$value: {$variation: 1}}')).toEqual({ type: 'value', value: { $variation: 1 } });
    expect(settingOf('{$value: null}')).toEqual({ type: 'value', value: null });
    expect(settingOf('{$value: true}')).toEqual({ type: 'value', value: true });
  });

  it.each([
    ['{expires: 2026-12-31}', { expires: '2026-12-31' }],
    ['{$value: {expires: 2026-12-31}}', { expires: '2026-12-31' }],
    ['{$value: {a: 1}, expires: 2026-12-31, reason: demo}', { a: 1 }],
  ])('expires is part of an override only beside a reserved key, not in %s', (text, value) => {
    expect(settingOf(text)).toEqual({ type: 'value', value });
  });

  it.each([
    ['{$foo: 1}', '5:9', '"$foo" is not one of $variation, $value, expires, reason, manage', RESERVED],
    ['{a: 1, $b: 2}', '5:9', '"a" is not one of $variation, $value, expires, reason, manage', RESERVED],
    [
      '{$variaton: x}',
      '5:9',
      '"$variaton" is not one of $variation, $value, expires, reason, manage',
      'did you mean $variation?',
    ],
    ['{$variation: -1}', '5:21', '-1 is less than 0', "expected a variation's name, or its index from 0"],
    ['{$variation: ""}', '5:21', '"$variation" is empty', "expected a variation's name, or its index from 0"],
    [
      '{$variation: true}',
      '5:21',
      'true is read as a boolean, but must be text or a whole number',
      'quote it: "true"',
    ],
    [
      '{$variation: }',
      '5:9',
      '"$variation" must be text or a whole number, found nothing',
      "expected a variation's name, or its index from 0",
    ],
    [
      '{$value: 1, $variation: 2}',
      '5:9',
      '$variation and $value are mutually exclusive in f',
      'keep one of them',
    ],
    [
      '{$value: 1, owner: me}',
      '5:20',
      '"owner" is not one of $variation, $value, expires, reason, manage',
      RESERVED,
    ],
    [
      '{$value: 1, manage: all}',
      '5:28',
      'all is not one of full, create, keep, none',
      schema.$defs.manage.description,
    ],
    ['{$value: 1, reason: ""}', '5:28', 'reason is empty', REASON],
    [
      '{$value: 1, expires: 2026-02-30}',
      '5:29',
      '2026-02-30 is not a date',
      `write a date such as "2026-12-31" (expires at the end of that day, UTC) or a date-time with its zone such as "2026-12-31T18:00:00+01:00"`,
    ],
  ])('a setting cannot be %s', (text, place, message, hint) => {
    const found = wrong(`users:\n  a:\n    f: ${text}\n`);
    expect(found.some((line) => line.startsWith(`${place} `) && line.endsWith(`${message} (${hint})`))).toBe(
      true,
    );
  });

  it('errors are reported for two flags even if one key is the beginning of the other', () => {
    expect(wrong('users:\n  a:\n    f: {$x: 1}\n    f2: {$x: 1}\n')).toHaveLength(2);
  });

  it.each([
    ['users:\n  a:\n    flag:\n    other: true\n', '5:5'],
    ['users:\n  a: {flag: , other: true}\n', '4:7'],
    ['users:\n  a: {flag, other: true}\n', '4:7'],
    ['users:\n  a:\n    flag: # later\n', '5:5'],
    ['groups:\n  - name: g\n    users: [a]\n    flags:\n      flag:\n', '7:7'],
  ])('a missing setting is an error, since it would be a removal: %j', (text, place) => {
    expect(wrong(text)).toEqual([
      `${place} setting-missing flag has no setting (write null if there must be no override)`,
    ]);
  });
});
