import { expect, test } from 'vitest';
import { ALICE, ask, provenanceOf } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';
import { parseToy } from '../../support/toy-format.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;
const OFF = `${ALICE} false\n`;

test('a new override comes from the commit that added it, with author and date', async () => {
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

test('an override comes from the last commit that changed its setting', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('off', { [FILE]: OFF });
  repository.commit('on again', { [FILE]: ON });
  expect(await provenanceOf(repository)).toBe('on again');
});

test('a removal comes from the commit that removed the override', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('take it away', { [FILE]: '# nothing\n' });
  repository.commit('later', { [FILE]: '# nothing at all\n' });
  expect(await provenanceOf(repository)).toBe('take it away');
});

test('after a revert, an override comes from the reverting commit', async () => {
  const repository = createRepository();
  repository.commit('start', { [FILE]: OFF });
  const change = repository.commit('on', { [FILE]: ON });
  repository.revert(change);
  expect(await provenanceOf(repository)).toBe('Revert "on"');
});

test('reformatting, moving between files and renaming files do not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('reformat', { [FILE]: `# a comment\n${ALICE}    true\n\n` });
  repository.commit('move', { [FILE]: '# empty\n', 'overrides/b.txt': ON });
  repository.commit('rename', { 'overrides/b.txt': null, 'overrides/deep/ü b.txt': ON });
  expect(await provenanceOf(repository)).toBe('on');
});

test('moving files together with the globs does not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('move', { [FILE]: null, 'declared/a.txt': ON, 'flagops.conf': 'declared/*.txt\n' });
  repository.commit('after', { 'declared/b.txt': '# nothing' });
  expect(await provenanceOf(repository)).toBe('on');
});

test('an override in a file that new globs include comes from the commit that changed the globs', async () => {
  const repository = createRepository();
  repository.commit('write', { 'declared/a.txt': ON });
  repository.commit('take in', { 'flagops.conf': 'declared/*.txt\n' });
  expect(await provenanceOf(repository)).toBe('take in');
});

test('the removal of an override that new globs exclude comes from the commit that changed the globs', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('leave out', { 'flagops.conf': 'declared/*.txt\n' });
  expect(await provenanceOf(repository)).toBe('leave out');
});

test('an override that two files declare is still declared when one of them is deleted', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('twice', { 'overrides/b.txt': ON });
  repository.commit('once', { [FILE]: null });
  expect(await provenanceOf(repository)).toBe('on');
});

test('the same override in another environment has its own provenance', async () => {
  const repository = createRepository();
  const staging = 'shop/staging beta user alice';
  repository.commit('production', { [FILE]: ON });
  repository.commit('move to staging', { [FILE]: `${staging} true\n` });
  expect(await provenanceOf(repository)).toBe('move to staging');
  expect(await provenanceOf(repository, { overrides: [staging] })).toBe('move to staging');
});

test('an uncommitted change of a setting is uncommitted, and a change of formatting is not', async () => {
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

test('history is read from a detached HEAD', async () => {
  const repository = createRepository();
  const on = repository.commit('on', { [FILE]: ON });
  repository.commit('off', { [FILE]: OFF });
  repository.git('checkout', '--quiet', '--detach', on);
  expect(await provenanceOf(repository)).toBe('on');
});

test('a change to null counts as a change', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('must have none', { [FILE]: `${ALICE} null\n` });
  expect(await provenanceOf(repository)).toBe('must have none');
});
