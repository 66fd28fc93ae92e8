import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openHistory } from '../../../src/history/history.js';
import { toyOverride, ToyFormat } from '../../support/toy-format.js';
import { ALICE, ask, opened } from '../../support/history.js';
import { createRepository, type Files, type TestRepository } from '../../support/repository.js';
import { overrideKey, type Setting } from '../../../src/reconcile/state.js';

const PATHS = ['overrides/a.txt', 'overrides/b.txt', 'other/c.txt'];
const GLOBS = [null, 'overrides/*.txt\n', 'other/*.txt\n', 'other/c.txt\noverrides/a.txt\n'];

/** A commit that declares one value in some of the files, with one of the configurations. */
const commit: fc.Arbitrary<Files> = fc
  .record({
    value: fc.boolean(),
    files: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    globs: fc.constantFrom(...GLOBS),
  })
  .map(({ value, files, globs }) => ({
    'flagops.conf': globs,
    ...Object.fromEntries(
      PATHS.map((path, index) => [path, files[index] === true ? `${ALICE} ${value}\n` : '#\n']),
    ),
  }));

/** What each commit declares for Alice, newest first. Reads each commit as a whole. */
async function settings(repository: TestRepository): Promise<{ id: string; value: boolean | undefined }[]> {
  const history = openHistory(await opened(repository), new ToyFormat());
  const found = [];
  for (const id of repository.git('rev-list', 'HEAD').split('\n')) {
    const { declared } = await history.declaredAt(id);
    found.push({
      id,
      value: valueOf(declared.get('shop/production')?.get(overrideKey(toyOverride(ALICE).id))),
    });
  }
  return found;
}

function valueOf(setting: Setting | undefined): boolean | undefined {
  return setting?.type === 'value' ? setting.value === true : undefined;
}

test('a walk gives the same result as reading every commit in full', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(commit, { minLength: 2, maxLength: 8 }),
      fc.nat({ max: 7 }),
      fc.boolean(),
      async (commits, applied, live) => {
        const repository = createRepository();
        for (const [index, files] of commits.entries()) repository.commit(`${index}`, files);
        const all = await settings(repository);
        const changed = all.findIndex(({ value }, index) => value !== all[index + 1]?.value);
        const expected =
          changed < 0 ? { type: 'none' } : { type: 'commit', commit: { id: all[changed]?.id } };
        expect((await ask(repository)).answer.provenance).toMatchObject(expected);

        const range = all.slice(0, applied % all.length);
        const { answer } = await ask(repository, {
          live,
          lastApplied: { 'shop/production': all[range.length]?.id ?? '' },
        });
        expect(answer.declaredSince).toBe(range.some(({ value }) => value === live));
        expect(valueOf(answer.declaredAtLastApplied)).toBe(all[range.length]?.value);
      },
    ),
    { numRuns: 6, endOnFailure: true },
  );
});
