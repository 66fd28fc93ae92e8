import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { decodeParsed, encodeParsed } from '../../../src/declare/cache/encode.js';
import { parse } from '../declared.js';

const EVERYTHING = `project: storefront
environments: [staging, production]
owner: team-checkout
reason: Checkout v2 beta
expires: 2026-12-31
manage: create
users:
  alice@example.com: { checkout-v2: true, theme: null }
  "line\\nbreak": { banner: { $value: { $x: [1, "two", null] } } }
contexts:
  organization:
    acme: { checkout-v2: { $variation: 0, reason: Trial, manage: keep }, theme: { $value: "true", expires: 2026-10-31 } }
groups:
  - { name: qa, users: [carol, dave], flags: { theme: light }, expires: "2026-11-30T12:00:00Z", manage: none }
  - { name: all, users: [alice@example.com], contexts: { device: [kiosk-1] }, flags: { a: 1, b: "1" } }
`;

test('an encoded declaration is decoded unchanged, for another path as well', () => {
  const encoded = encodeParsed(parse(EVERYTHING, 'overrides/a.yaml'));
  const { declaration } = parse(EVERYTHING, 'moved/b.yml');
  expect(declaration?.overrides).toHaveLength(11);
  expect(decodeParsed(encoded, 'moved/b.yml')).toEqual({ declaration, isSpotless: false });
});

test('any declaration is decoded unchanged', () => {
  const word = fc.stringMatching(/^[a-z]{1,3}$/);
  const settings = fc.dictionary(
    word,
    fc.constantFrom(true, false, null, 'true', 'x', 0, 1, ['x'], [1, null]),
    {
      minKeys: 1,
      maxKeys: 3,
    },
  );
  const contexts = fc.dictionary(word, settings, { minKeys: 1, maxKeys: 4 });
  const file = fc.record(
    {
      users: contexts,
      contexts: fc.dictionary(fc.constantFrom('device', 'org'), contexts, { minKeys: 1 }),
      groups: fc.array(
        fc.record({ name: word, users: fc.uniqueArray(word, { minLength: 1 }), flags: settings }),
        { minLength: 1, maxLength: 2 },
      ),
      reason: word,
      manage: fc.constantFrom('full', 'create', 'keep', 'none'),
    },
    { requiredKeys: ['users'] },
  );
  fc.assert(
    fc.property(file, (content) => {
      const parsed = parse(
        stringify(
          { project: 'shop', environment: 'production', ...content },
          { aliasDuplicateObjects: false },
        ),
      );
      expect(parsed.diagnostics).toEqual([]);
      const read = decodeParsed(encodeParsed(parsed), 'x.yaml');
      expect(read).toEqual({ declaration: parsed.declaration, isSpotless: true });
    }),
    { numRuns: 50 },
  );
});

test('a file with diagnostics is not decoded as a file without any', () => {
  const warned = parse(
    'project: p\nenvironment: e\ngroups:\n  - { name: qa, users: [bob, bob], flags: { theme: light } }\n',
  );
  expect(warned.diagnostics).toHaveLength(1);
  expect(decodeParsed(encodeParsed(warned), 'x.yaml')).toEqual({
    declaration: warned.declaration,
    isSpotless: false,
  });
  expect(decodeParsed(encodeParsed(parse('project: p\n')), 'x.yaml')).toEqual({ isSpotless: false });
});

test.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['null', 'null'],
  [
    'a number that leads nowhere',
    '{"isSpotless":true,"declaration":{"scopes":[],"line":1,"col":1,"contexts":[],"wishes":[["f",{"type":"none"}]],"steps":[[0,1,1]],"overrides":[0,0]}}',
  ],
  ['half a declaration', '{"isSpotless":true,"declaration":{"scopes":[],"contexts":[]}}'],
])('%s is not decoded as a declaration', (_, text) => {
  expect(decodeParsed(text, 'x.yaml')).toBeUndefined();
});
