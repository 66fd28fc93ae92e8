import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlobCache } from '../../../src/history/walk/blob-cache.js';
import { objectsOf } from '../../../src/history/git/object-reader.js';
import { type LinkedCommit, readCommits } from '../../../src/history/git/commits.js';
import type { Git } from '../../../src/history/git/git.js';
import { openHistory } from '../../../src/history/history.js';
import { insideMerges } from '../../../src/history/walk/inside-merges.js';
import type { Repository } from '../../../src/history/git/repository.js';
import type { Source } from '../../../src/history/walk/snapshot.js';
import { overrideKey, type Setting } from '../../../src/reconcile/state.js';
import { opened } from '../../support/history.js';
import { insideOneMerge } from '../../support/inside-one-merge.js';
import { createRepository, type TestRepository } from '../../support/repository.js';
import { ToyFormat } from '../../support/toy-format.js';

const USERS = ['ann', 'ben', 'cat', 'dan'];
const PATHS = ['overrides/a.txt', 'overrides/b.txt', 'other/c.txt', 'deep/er/d.txt'];
const GLOBS = [
  null,
  'overrides/*.txt\n',
  '**/*.txt\n',
  'other/*.txt\ndeep/**/*.txt\noverrides/a.txt\n',
  '!\n',
];

/** The content of a commit: each user's value (0: none) and file, which file is broken, and the configuration. */
interface Content {
  readonly values: readonly number[];
  readonly places: readonly number[];
  readonly broken: number;
  readonly globs: number;
}

/** Describes one commit by numbers, which are taken modulo the number of choices. */
interface Choice {
  readonly parents: readonly number[];
  readonly sides: readonly number[];
  readonly user: number;
  readonly value: number;
  readonly place: number;
  readonly odd: number;
}

const choice: fc.Arbitrary<Choice> = fc.record({
  parents: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
  sides: fc.array(fc.nat({ max: 3 }), { minLength: 4, maxLength: 4 }),
  user: fc.nat({ max: 3 }),
  value: fc.nat({ max: 3 }),
  place: fc.nat({ max: 3 }),
  odd: fc.nat({ max: 24 }),
});

/** Builds commits with their parents' numbers. A merge takes each user from one of its parents, and may change one. */
function grow(choices: readonly Choice[]): { parents: number[]; content: Content }[] {
  const commits: { parents: number[]; content: Content }[] = [
    { parents: [], content: { values: [0, 1, 0, 2], places: [0, 0, 1, 2], broken: -1, globs: 0 } },
  ];
  for (const { parents: back, sides, user, value, place, odd } of choices) {
    const parents = [...new Set(back.map((steps) => Math.max(0, commits.length - 1 - steps)))];
    const from = parents.map((parent) => commits[parent]?.content as Content);
    const side = (index: number): Content => from[(sides[index] ?? 0) % from.length] as Content;
    const changes = parents.length === 1 || odd % 5 === 0;
    const pick = (name: 'values' | 'places', own: number): number[] =>
      USERS.map((_, index) => (changes && index === user ? own : (side(index)[name][index] ?? 0)));
    const content = {
      values: pick('values', value),
      places: pick('places', place),
      broken: odd === 1 ? place : -1,
      globs: odd > 1 && odd < 7 ? odd - 2 : side(0).globs,
    };
    commits.push({ parents, content });
  }
  return commits;
}

function filesOf({ values, places, broken, globs }: Content): Record<string, string | null> {
  const files = PATHS.map((path, place) => {
    const lines = USERS.flatMap((user, index) =>
      places[index] === place && values[index] !== 0
        ? [`shop/production beta user ${user} ${values[index]}\n`]
        : [],
    );
    return [path, `${broken === place ? '!\n' : ''}#\n${lines.join('')}`];
  });
  return { 'flagops.conf': GLOBS[globs] ?? null, ...Object.fromEntries(files) };
}

/** Creates all commits with one `git fast-import`. */
function repositoryOf(choices: readonly Choice[]): TestRepository {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commits = grow(choices).map(({ parents, content }, index) => {
    const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
    const files = Object.entries(filesOf(content)).map(([path, text]) =>
      text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`,
    );
    return [
      `commit refs/heads/main\nmark :${index + 1}\ncommitter A <a@example.com> ${1_700_000_000 + index} +0000\n`,
      data(`commit ${index}`),
      first === undefined ? '' : `from ${first}\n`,
      ...others.map((other) => `merge ${other}\n`),
      'deleteall\n',
      ...files.filter((line) => !line.startsWith('D ')),
    ].join('');
  });
  const repository = createRepository();
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: repository.path,
    input: commits.join(''),
  });
  return repository;
}

function sourceOf(repo: Repository): { source: Source; close: () => void } {
  const format = new ToyFormat();
  const reader = objectsOf(repo.git);
  const source = {
    git: repo.git,
    blobs: new BlobCache(reader, format),
    configPath: format.configPath,
    warn: () => {},
  };
  return { source, close: reader.hold() };
}

/** The merges in HEAD's first-parent history, newest first, with the settings of overrides after each. */
async function mergesOf(
  repo: Repository,
  repository: TestRepository,
): Promise<Map<LinkedCommit, Map<string, Setting | undefined>>> {
  const ids = repository.git('rev-list', '--first-parent', '--min-parents=2', 'HEAD').split('\n');
  const commits = await readCommits(
    repo.git,
    ids.filter((id) => id !== ''),
  );
  const history = openHistory(repo, new ToyFormat());
  const merges = new Map<LinkedCommit, Map<string, Setting | undefined>>();
  let turn = 0;
  for (const commit of commits.values()) {
    const { declared } = await history.declaredAt(commit.id);
    const targets = new Map<string, Setting | undefined>();
    // Each override is asked about at one merge only, as a walk does that stops at the newest change.
    for (const [index, user] of USERS.entries()) {
      if (index % commits.size !== turn % commits.size) continue;
      const key = overrideKey({ flag: 'beta', kind: 'user', key: user });
      targets.set(`shop/production\n${key}`, declared.get('shop/production')?.get(key));
    }
    turn += 1;
    if (targets.size > 0) merges.set(commit, targets);
  }
  return merges;
}

/** Counts how often git is run. */
function counted(git: Git): { git: Git; runs: () => number } {
  let runs = 0;
  return {
    git: {
      signal: git.signal,
      run: (...args) => {
        runs += 1;
        return git.run(...args);
      },
      start: (args) => git.start(args),
    },
    runs: () => runs,
  };
}

describe('commits inside merges', () => {
  test('commits inside merges are the same whether merges are searched together or one at a time', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 6, maxLength: 40 }), async (choices) => {
        const repository = repositoryOf(choices);
        repository.git('reset', '--quiet', '--hard');
        const repo = await opened(repository);
        const { source, close } = sourceOf(repo);
        try {
          const merges = await mergesOf(repo, repository);
          const alone = new Map<string, string | undefined>();
          for (const [merge, targets] of merges) {
            const inside = await insideOneMerge(repo, source, merge, targets);
            for (const [key, commit] of inside.commits) alone.set(key, commit?.subject);
          }
          const together = await insideMerges(repo, source, repo.head?.id ?? '', merges);
          const subjects = [...together.commits].map(([key, commit]) => [key, commit?.subject] as const);
          expect(new Map(subjects)).toEqual(alone);
          found += alone.size;
        } finally {
          close();
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(found).toBeGreaterThan(10);
  });

  test('searching many merges takes no more git processes than searching a few', async () => {
    const runsFor = async (merges: number): Promise<number> => {
      // Each merge brings in a branch that starts at the previous merge and declares another user.
      const repository = createRepository();
      const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
      const commit = (mark: number, from: string, merge: string, path: string, user: number): string =>
        `commit refs/heads/main\nmark :${mark}\ncommitter A <a@example.com> ${1_700_000_000 + mark} +0000\n` +
        `${data(`commit ${mark}`)}${from}${merge}M 100644 inline ${path}\n` +
        data(`shop/production beta user u${user} 1\n`);
      let stream = commit(1, '', '', 'README.txt', 0);
      for (let index = 0; index < merges; index += 1) {
        const mark = 2 * index + 2;
        const path = `overrides/${index}.txt`;
        stream += commit(mark, `from :${mark - 1}\n`, '', path, index);
        stream += commit(mark + 1, `from :${mark - 1}\n`, `merge :${mark}\n`, path, index);
      }
      execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: repository.path, input: stream });
      repository.git('reset', '--quiet', '--hard');
      const repo = await opened(repository);
      const { git, runs } = counted(repo.git);
      const history = openHistory({ ...repo, git }, new ToyFormat());
      const { declared } = await history.declaredAt(repo.head?.id ?? '');
      const users = Array.from({ length: merges }, (_, index) => `u${index}`);
      const before = runs();
      const { answers } = await history.answer({
        desired: declared,
        lastApplied: new Map(),
        questions: users.map((key) => ({
          scope: { project: 'shop', environment: 'production' },
          id: { flag: 'beta', kind: 'user', key },
        })),
      });
      const subjects = [...answers.values()].map(
        ({ provenance }) => provenance.type === 'commit' && provenance.commit.subject,
      );
      expect(subjects).toEqual(users.map((_, index) => `commit ${2 * index + 2}`));
      return runs() - before;
    };
    const few = await runsFor(10);
    expect(await runsFor(100)).toBeLessThanOrEqual(few + 3);
    expect(few).toBeLessThan(12);
  });
});
