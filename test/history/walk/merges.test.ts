import { expect, test } from 'vitest';
import { ALICE, ask, provenanceOf } from '../../support/history.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;
const OFF = `${ALICE} false\n`;

function started(): TestRepository {
  const repository = createRepository();
  repository.commit('start', { [FILE]: OFF });
  return repository;
}

test('a change that a merge brought comes from the commit on the merged branch', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.commit('reformat', { [FILE]: `\n${ON}` });
  repository.switch('main');
  repository.commit('meanwhile', { 'overrides/b.txt': '# nothing\n' });
  repository.merge('feature', 'Merge pull request #1');
  expect(await provenanceOf(repository)).toBe('on');
});

test('a removal that a merge brought comes from the commit on the merged branch', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('take away', { [FILE]: '# nothing\n' });
  repository.switch('main');
  repository.merge('feature', 'Merge pull request #1');
  expect(await provenanceOf(repository)).toBe('take away');
});

test('a change on a squashed branch comes from the squashed commit', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.switch('main');
  repository.squash('feature', 'Alice gets the beta (#7)');
  expect(await provenanceOf(repository)).toBe('Alice gets the beta (#7)');
});

test('of several commits on a branch that change an override, the last one counts', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.commit('off again', { [FILE]: OFF });
  repository.commit('on after all', { [FILE]: ON });
  repository.switch('main');
  repository.merge('feature', 'Merge pull request #1');
  expect(await provenanceOf(repository)).toBe('on after all');
});

test('a branch that was merged into the merged branch is followed too', async () => {
  const repository = started();
  repository.branch('feature');
  repository.branch('inner');
  repository.commit('on', { [FILE]: ON });
  repository.switch('feature');
  repository.merge('inner', 'Merge inner into feature');
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  expect(await provenanceOf(repository)).toBe('on');
});

test('commits are found on both sides when main was merged into the branch', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.switch('main');
  repository.commit('bob', { 'overrides/b.txt': 'shop/production beta user bob true\n' });
  repository.switch('feature');
  repository.merge('main', 'Merge main into feature');
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  expect(await provenanceOf(repository)).toBe('on');
  expect(await provenanceOf(repository, { overrides: ['shop/production beta user bob'] })).toBe('bob');
});

test('a merge that resolved a conflict with a third value is the commit itself', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('one', { [FILE]: `${ALICE} 1\n` });
  repository.switch('main');
  repository.commit('two', { [FILE]: `${ALICE} 2\n` });
  repository.merge('feature', 'Merge and decide', { [FILE]: `${ALICE} 3\n` });
  expect(await provenanceOf(repository)).toBe('Merge and decide');
});

test('a merge that restores the value from before the branch is the commit itself', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('unrelated', { 'overrides/b.txt': '# nothing\n' });
  repository.switch('main');
  repository.commit('on', { [FILE]: ON });
  repository.merge('feature', 'Merge, but off', { [FILE]: OFF });
  expect(await provenanceOf(repository)).toBe('Merge, but off');
});

test('a merge that kept the value of main is not the commit', async () => {
  const repository = started();
  repository.branch('feature');
  repository.commit('one', { [FILE]: `${ALICE} 1\n` });
  repository.switch('main');
  repository.commit('two', { [FILE]: `${ALICE} 2\n` });
  repository.merge('feature', 'Merge, ours', { [FILE]: `${ALICE} 2\n` });
  expect(await provenanceOf(repository)).toBe('two');
});

test('each branch of an octopus merge is searched', async () => {
  const repository = started();
  const bob = 'shop/production beta user bob';
  repository.branch('first', 'main');
  repository.commit('bob', { 'overrides/b.txt': `${bob} true\n` });
  repository.branch('second', 'main');
  repository.commit('on', { [FILE]: ON });
  repository.switch('main');
  repository.commit('meanwhile', { 'README.md': 'x' });
  const id = repository.merge(['first', 'second'], 'Octopus');
  expect(repository.git('rev-list', '--parents', '-1', id).split(' ')).toHaveLength(4);
  expect(await provenanceOf(repository)).toBe('on');
  expect(await provenanceOf(repository, { overrides: [bob] })).toBe('bob');
});

test('a merged branch with an unrelated history is followed to its root', async () => {
  const repository = createRepository();
  repository.commit('start', { 'README.md': 'x' });
  repository.git('checkout', '--quiet', '--orphan', 'other');
  repository.commit('brought along', { 'README.md': null, [FILE]: ON });
  repository.switch('main');
  repository.git('merge', '--quiet', '--allow-unrelated-histories', '--no-edit', 'other');
  expect(await provenanceOf(repository)).toBe('brought along');
});

test('overrides from several merges are resolved in one call', async () => {
  const repository = started();
  const users = ['u1', 'u2', 'u3'].map((user) => `shop/production beta user ${user}`);
  for (const [index, user] of users.entries()) {
    repository.branch(`feature-${index}`);
    repository.commit(`add ${user}`, { [`overrides/${index}.txt`]: `${user} true\n` });
    repository.switch('main');
    repository.merge(`feature-${index}`, `Merge ${index}`);
  }
  const { answers } = await ask(repository, { overrides: users });
  const subjects = [...answers.values()].map(
    ({ provenance }) => provenance.type === 'commit' && provenance.commit.subject,
  );
  expect(subjects).toEqual(users.map((user) => `add ${user}`));
});
