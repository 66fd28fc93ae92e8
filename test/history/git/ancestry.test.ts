import { expect, test } from 'vitest';
import { countFirstParentCommits } from '../../../src/history/git/ancestry.js';
import { opened } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';

test('commits that touched the paths are counted along first parents, including merges', async () => {
  const repository = createRepository();
  const start = repository.commit('start', { 'overrides/a.txt': '1' });
  repository.commit('elsewhere', { 'README.md': 'x' });
  const count = async (from: string, to = 'HEAD'): Promise<number> =>
    countFirstParentCommits((await opened(repository)).git, from, to, ['overrides', 'flagops.yaml']);
  expect(await count(start)).toBe(0);
  const applied = repository.commit('applied', { 'overrides/a.txt': '2' });
  expect(await count(start)).toBe(1);
  expect(await count(applied)).toBe(0);
  for (const name of ['first', 'second']) {
    repository.branch(name);
    repository.commit(`${name}, begun`, { 'overrides/b.txt': `${name} 1` });
    repository.commit(`${name}, done`, { 'overrides/b.txt': `${name} 2` });
    repository.switch('main');
    repository.merge(name, `Merge ${name}`);
  }
  expect(await count(applied)).toBe(2);
  expect(await count(applied, 'HEAD^')).toBe(1);
  expect(await count(start)).toBe(3);
  expect(await count('HEAD')).toBe(0);
});

test('the merge that brought the starting commit into the branch is counted', async () => {
  const repository = createRepository();
  repository.commit('start', { 'overrides/a.txt': '1' });
  repository.branch('side');
  const applied = repository.commit('applied from a branch', { 'overrides/a.txt': '2' });
  repository.switch('main');
  repository.merge('side', 'Merge side');
  expect(await countFirstParentCommits((await opened(repository)).git, applied, 'HEAD', ['overrides'])).toBe(
    1,
  );
  repository.commit('later', { 'overrides/a.txt': '3' });
  expect(await countFirstParentCommits((await opened(repository)).git, applied, 'HEAD', ['overrides'])).toBe(
    2,
  );
});
