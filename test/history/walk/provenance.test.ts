import { expect, test } from 'vitest';
import { ALICE, ask, provenanceOf } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';
import { parseToy } from '../../support/toy-format.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;
const OFF = `${ALICE} false\n`;

test('the commit that added the override is behind it, with its author and date', async () => {
  const repository = createRepository();
  repository.commit('start', { 'README.md': 'x' });
  const id = repository.commit(
    'Give Alice the beta (#12)',
    { [FILE]: ON },
    { author: 'Grace Höpper <g@example.com>' },
  );
  repository.commit('something else', { 'README.md': 'y' });
  const { answer } = await ask(repository);
  expect(answer.provenance).toEqual({
    type: 'commit',
    commit: {
      id,
      subject: 'Give Alice the beta (#12)',
      author: 'Grace Höpper',
      date: Date.UTC(2026, 0, 1, 0, 1),
    },
  });
});

test('the commit that changed the setting last is behind it', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('off', { [FILE]: OFF });
  repository.commit('on again', { [FILE]: ON });
  expect(await provenanceOf(repository)).toBe('on again');
});

test('the commit at which it disappeared is behind a removal', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('take it away', { [FILE]: '# nothing\n' });
  repository.commit('later', { [FILE]: '# nothing at all\n' });
  expect(await provenanceOf(repository)).toBe('take it away');
});

test('a reverted commit is named by its revert', async () => {
  const repository = createRepository();
  repository.commit('start', { [FILE]: OFF });
  const change = repository.commit('on', { [FILE]: ON });
  repository.revert(change);
  expect(await provenanceOf(repository)).toBe('Revert "on"');
});

test('reformatting, moving between files and renaming do not count', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('reformat', { [FILE]: `# a comment\n${ALICE}    true\n\n` });
  repository.commit('move', { [FILE]: '# empty\n', 'overrides/b.txt': ON });
  repository.commit('rename', { 'overrides/b.txt': null, 'overrides/deep/ü b.txt': ON });
  expect(await provenanceOf(repository)).toBe('on');
});

test('moving files together with the globs does not count', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('move', { [FILE]: null, 'declared/a.txt': ON, 'flagops.conf': 'declared/*.txt\n' });
  repository.commit('after', { 'declared/b.txt': '# nothing' });
  expect(await provenanceOf(repository)).toBe('on');
});

test('globs that take a file in count as the commit that declared it', async () => {
  const repository = createRepository();
  repository.commit('write', { 'declared/a.txt': ON });
  repository.commit('take in', { 'flagops.conf': 'declared/*.txt\n' });
  expect(await provenanceOf(repository)).toBe('take in');
});

test('globs that leave a file out count as the commit that took it away', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('leave out', { 'flagops.conf': 'declared/*.txt\n' });
  expect(await provenanceOf(repository)).toBe('leave out');
});

test('an override that stands in two files is still declared when one of them goes', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('twice', { 'overrides/b.txt': ON });
  repository.commit('once', { [FILE]: null });
  expect(await provenanceOf(repository)).toBe('on');
});

test('another environment in the same file is another override', async () => {
  const repository = createRepository();
  const staging = 'shop/staging beta user alice';
  repository.commit('production', { [FILE]: ON });
  repository.commit('move to staging', { [FILE]: `${staging} true\n` });
  expect(await provenanceOf(repository)).toBe('move to staging');
  expect(await provenanceOf(repository, { overrides: [staging] })).toBe('move to staging');
});

test('an uncommitted edit says so, and one that changes no setting does not', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  expect(await provenanceOf(repository, { desired: parseToy(OFF) ?? new Map() })).toBe('(uncommitted)');
  expect(await provenanceOf(repository, { desired: new Map() })).toBe('(uncommitted)');
  expect(await provenanceOf(repository, { desired: parseToy(`\n\n${ON}`) ?? new Map() })).toBe('on');
});

test('an override that was never declared has no commit', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  expect(await provenanceOf(repository, { overrides: ['shop/production beta user bob'] })).toBe('(none)');
});

test('before the first commit everything is uncommitted', async () => {
  const repository = createRepository();
  expect(await provenanceOf(repository, { desired: parseToy(ON) ?? new Map() })).toBe('(uncommitted)');
});

test('a detached HEAD is read like any other', async () => {
  const repository = createRepository();
  const on = repository.commit('on', { [FILE]: ON });
  repository.commit('off', { [FILE]: OFF });
  repository.git('checkout', '--quiet', '--detach', on);
  expect(await provenanceOf(repository)).toBe('on');
});

test('null is a setting of its own', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('must have none', { [FILE]: `${ALICE} null\n` });
  expect(await provenanceOf(repository)).toBe('must have none');
});
