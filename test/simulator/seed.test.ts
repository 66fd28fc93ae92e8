import { describe, expect, test } from 'vitest';
import schema from '../../schemas/simulator-seed.schema.json' with { type: 'json' };
import { checkSeed } from '../../src/simulator/seed/check-seed.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { readLargeSeed, readSeed } from '../../src/simulator/seed/read-seed.js';
import type { SeedFlag } from '../../src/simulator/seed/seed.js';
import { SourceText } from '../../src/yaml/source.js';
import { storefrontSeed } from '../support/seeds.js';

test('the default seed is a valid seed file', () => {
  const text = JSON.stringify(defaultSeed);
  expect(readSeed(new SourceText('seed.json', text))).toEqual({ seed: defaultSeed, diagnostics: [] });
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
});

test('a seed without tokens gets those of the default seed', () => {
  const text = JSON.stringify({ projects: defaultSeed.projects });
  expect(readSeed(new SourceText('seed.json', text)).seed?.tokens).toEqual(defaultSeed.tokens);
});

test('a seed may have dates of targets and tokens with fewer or more rights, and a date needs the zone UTC', () => {
  const read = (expires: string): ReturnType<typeof readSeed> =>
    readSeed(
      new SourceText(
        'seed.yaml',
        [
          'projects:',
          '  p:',
          '    environments: { production: {} }',
          '    flags:',
          `      f: { environments: { production: { targets: [{ variation: 0, values: [a], expires: ${expires} }] } } }`,
          'tokens: [{ token: secret-one, role: writer, bypassApprovals: true, denied: [updateOn] }]',
        ].join('\n'),
      ),
    );
  expect(read('2026-12-31T23:59:59Z').seed).toMatchObject({
    projects: { p: { flags: { f: { environments: { production: { targets: [{ variation: 0 }] } } } } } },
    tokens: [{ bypassApprovals: true, denied: ['updateOn'] }],
  });
  expect(read('2026-12-31T23:59:59+01:00').diagnostics).toMatchObject([{ code: 'bad-value' }]);
});

/** The problems of a seed with this flag `theme`. */
function problems(theme: SeedFlag): readonly string[] {
  return checkSeed(storefrontSeed({ flags: { theme } })).map(
    ({ path, message }) => `${path.slice(4).join('.')}: ${message}`,
  );
}

describe('rules that a schema cannot express', () => {
  test.each<[SeedFlag, string]>([
    [
      { defaults: { onVariation: 3, offVariation: 0 } },
      'defaults.onVariation: 3 is not a variation; the last one is 2',
    ],
    [{ environments: { nowhere: {} } }, 'environments.nowhere: the project has no environment nowhere'],
    [
      { environments: { production: { prerequisites: [{ key: 'nothing', variation: 0 }] } } },
      'environments.production.prerequisites.0.key: the project has no flag nothing',
    ],
    [
      { environments: { production: { prerequisites: [{ key: 'checkout-v2', variation: 2 }] } } },
      'environments.production.prerequisites.0.variation: 2 is not a variation of checkout-v2',
    ],
    [
      {
        environments: {
          production: { contextTargets: [{ contextKind: 'robot', variation: 0, values: [] }] },
        },
      },
      'environments.production.contextTargets.0.contextKind: the project has no context kind robot',
    ],
    [
      {
        environments: {
          production: {
            targets: [
              { variation: 0, values: ['alice'] },
              { variation: 1, values: ['bob', 'alice'] },
            ],
          },
        },
      },
      'environments.production.targets.1.values.1: user alice is targeted to two variations',
    ],
    [
      {
        environments: {
          production: { targets: [{ variation: 0, values: ['alice'], expires: '2026-02-30T00:00Z' }] },
        },
      },
      'environments.production.targets.0.expires: 2026-02-30T00:00Z is not a date',
    ],
    [
      {
        environments: {
          production: { targets: [{ variation: 0, values: ['alice'], expires: '2026-02-20T25:00:00Z' }] },
        },
      },
      'environments.production.targets.0.expires: 2026-02-20T25:00:00Z is not a date',
    ],
  ])('the seed with the flag %j is reported', (theme, expected) => {
    expect(problems(theme)).toEqual([expected]);
  });

  test('two environments with the same SDK key are reported', () => {
    const seed = storefrontSeed({ environments: { staging: { sdkKey: 'sdk-production' } } });
    expect(checkSeed(seed).map(({ message }) => message)).toEqual([
      'another environment has the same SDK key',
    ]);
  });
});

describe('a seed too large for positions', () => {
  test('a large seed that is nested too deeply is refused in one line', () => {
    expect(() => readLargeSeed('seed.json', '['.repeat(100_000))).toThrow(
      expect.objectContaining({
        code: 'bad-seed',
        message: expect.stringContaining('has more than 200 lists'),
      }),
    );
  });

  test('a large seed is read like any other', () => {
    expect(readLargeSeed('seed.json', JSON.stringify(defaultSeed))).toEqual(defaultSeed);
  });

  test.each([
    ['{', 'is not JSON'],
    ['{"projects": {"p": {"environments": {"e": {}}, "flags": {"f": {"on": 1}}}}}', '/projects/p/flags/f'],
    [
      '{"projects": {"p": {"environments": {"e": {}}, "flags": {"f": {"environments": {"x": {}}}}}}}',
      'the project has no environment x',
    ],
  ])('the large seed %s is refused in one line', (text, expected) => {
    expect(() => readLargeSeed('seed.json', text)).toThrow(
      expect.objectContaining({ code: 'bad-seed', message: expect.stringContaining(expected) }),
    );
  });
});
