import { describe, expect, it } from 'vitest';
import { declarationGlobs } from '../../src/config/globs.js';

describe('globs of declarations', () => {
  it.each([
    [['overrides/**/*.{yaml,yml}'], 'overrides/a.yml', true],
    [['overrides/**/*.{yaml,yml}'], 'overrides/deep/er/a.yaml', true],
    [['overrides/**/*.{yaml,yml}'], 'overrides/a.json', false],
    [['overrides/**/*.{yaml,yml}'], 'other/a.yaml', false],
    [['./overrides/*.yaml'], 'overrides/a.yaml', true],
    [['overrides/*.yaml'], 'overrides/x/a.yaml', false],
    [['**/*.yaml'], '.hidden/.a.yaml', true],
    [['**/*.yaml'], 'node_modules/x/a.yaml', false],
    [['**/*.yaml'], 'a/node_modules/x/a.yaml', false],
    [['**/*.yaml'], '.git/a.yaml', false],
    [['**/*.yaml'], 'flagops.yaml', false],
    [['**/*.yaml'], 'apps/flagops.yaml', false],
    [['**/*.yaml'], 'my-flagops.yaml', true],
    [['**/*.yaml', '!**/draft-*'], 'a/draft-1.yaml', false],
    [['!**/draft-*', '**/*.yaml'], 'a/draft-1.yaml', false],
    [['**/*.yaml', '!drafts/**'], 'drafts/deep/a.yaml', false],
    [['**/*.yaml', '!drafts/**'], 'other/drafts/a.yaml', true],
    [['!drafts/**'], 'a.yaml', false],
    [['a.yaml', 'b.yaml'], 'b.yaml', true],
    [['Über/*.yaml'], 'Über/ä.yaml', true],
  ])('the globs %j on %s: %s', (patterns, path, expected) => {
    expect(declarationGlobs(patterns, '.').matches(path)).toBe(expected);
  });

  it.each(['apps/shop', 'apps/(shop)', 'apps/[shop]', 'apps/{a,b}', 'apps/*', 'apps/a b', '!apps'])(
    'globs start in the folder of the configuration, even if it is named %s',
    (folder) => {
      const globs = declarationGlobs(['overrides/*.yaml', '!overrides/x.yaml'], folder);
      expect(globs.matches(`${folder}/overrides/a.yaml`)).toBe(true);
      expect(globs.matches(`${folder}/overrides/x.yaml`)).toBe(false);
      expect(globs.matches('overrides/a.yaml')).toBe(false);
      expect(globs.matches('apps/other/overrides/a.yaml')).toBe(false);
      expect(globs.bases).toEqual([`${folder}/overrides`]);
    },
  );

  it.each([
    [['overrides/**/*.yaml', 'overrides/*.yml'], ['overrides']],
    [['*.yaml'], ['.']],
    [['./overrides/**'], ['overrides']],
    [
      ['a/b.yaml', 'c/{d,e}/*.yaml'],
      ['a/b.yaml', 'c'],
    ],
    [['!a/*.yaml'], []],
  ])('the globs %j are searched for in %j', (patterns, bases) => {
    expect(declarationGlobs(patterns, '.').bases).toEqual(bases);
  });
});
