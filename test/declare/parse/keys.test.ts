import { describe, expect, it } from 'vitest';
import { contextKeysIn } from '../../../src/declare/parse/keys.js';

describe('the context keys that a file seems to name', () => {
  it('context keys are found in users, contexts and groups', () => {
    const text = `users:
  alice: {f: true}
  "bob\\u0021": {g: 1}
contexts:
  organization: {acme: {f: 1}, 'a''b': {f: 1}}
  device: [kiosk]
groups:
  - {name: qa, users: [carol, "dave"], flags: {x: 1}}
  - name: more
    users:
      - erin
    contexts: { device: [k2] }
`;
    expect([...contextKeysIn(text)]).toEqual([
      'alice',
      'bob!',
      'acme',
      "a'b",
      'kiosk',
      'carol',
      'dave',
      'erin',
      'k2',
    ]);
  });

  it.each([
    ['users:\n  alice: [\n  bob: {f: 1}\n', ['alice']],
    ['users: {alice: {f: 1}, bob: {f: "x\n', ['alice', 'bob']],
    ['users:\n  alice: 1\n  alice: 2\n  *x : 1\n  &a bob: 1\n', ['alice', '*x', 'bob']],
    ['users:\n  "alice\\q": 1\n', ['alice\\q']],
    ['users: alice\n', ['alice']],
    ['users: [alice, bob]\n', ['alice', 'bob']],
    ['users: {0x10: 1, 1.0: 2, ~: 3}\n', ['0x10', '1.0', '~']],
    ['a: 1\n---\nusers: {alice: 1}\n', ['alice']],
    [`users:\n  alice: 1\n  bob: ${'['.repeat(100)}\n`, ['alice', 'bob']],
    ['', []],
    ['- 1\n', []],
  ])('context keys are found in the invalid file %j', (text, keys) => {
    expect([...contextKeysIn(text)]).toEqual(expect.arrayContaining(keys));
  });

  it('context keys are searched as far as a file is read', () => {
    expect(contextKeysIn(`users:\n  alice: 1\n${'"" '.repeat(1_000_000)}`)).toContain('alice');
  });
});
