import { expect, test } from 'vitest';
import { openHistory } from '../../../src/history/history.js';
import { isAncestor } from '../../../src/history/git/ancestry.js';
import { ALICE, ask, opened, provenanceOf, type Ask } from '../../support/history.js';
import { createRepository, type TestRepository } from '../../support/repository.js';
import { ToyFormat } from '../../support/toy-format.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;
const OFF = `${ALICE} false\n`;
const SCOPE = 'shop/production';
const TRUE = { type: 'value', value: true };

async function declaredSince(repository: TestRepository, options: Ask): Promise<boolean> {
  return (await ask(repository, options)).answer.declaredSince;
}

test('what last-applied declared is told, with the setting it had there', async () => {
  const repository = createRepository();
  const applied = repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const { answer } = await ask(repository, { live: false, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: TRUE, declaredSince: false });
  expect(answer.provenance).toMatchObject({ commit: { subject: 'gone' } });
});

test("a scope's last file deleted: what it declared is told, and the deletion is the commit", async () => {
  const repository = createRepository();
  const applied = repository.commit('on', {
    [FILE]: ON,
    'overrides/other.txt': 'shop/staging beta user bob true\n',
  });
  repository.commit('delete the file', { [FILE]: null });
  const options = { live: true, lastApplied: { [SCOPE]: applied } };
  expect((await ask(repository, options)).answer.declaredAtLastApplied).toEqual(TRUE);
  expect(await provenanceOf(repository, options)).toBe('delete the file');
});

test('the environment changed in a file: the override of the former one was declared', async () => {
  const repository = createRepository();
  const applied = repository.commit('production', { [FILE]: ON });
  repository.commit('staging', { [FILE]: 'shop/staging beta user alice true\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer.declaredAtLastApplied).toEqual(TRUE);
});

test('an apply that failed half-way, then a removal: a commit since declared it as it is live', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const lastApplied = { [SCOPE]: applied };
  expect(await declaredSince(repository, { live: true, lastApplied })).toBe(true);
  expect(await declaredSince(repository, { live: false, lastApplied })).toBe(false);
  expect(await provenanceOf(repository, { live: true, lastApplied })).toBe('gone');
});

test('what was declared only before last-applied does not count', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  const applied = repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.commit('later', { [FILE]: '# nothing here\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toEqual({ provenance: { type: 'none' }, declaredSince: false });
});

test('without a last-applied ref any commit of the history counts, if it is what is live', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('off', { [FILE]: OFF });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.commit('later', { [FILE]: '# nothing here\n' });
  expect(await declaredSince(repository, { live: true })).toBe(true);
  expect(await declaredSince(repository, { live: false })).toBe(true);
  expect(await declaredSince(repository, { live: 'other' })).toBe(false);
});

test('a declared null gives no ownership', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.commit('none', { [FILE]: `${ALICE} null\n` });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  expect(await declaredSince(repository, { live: null, lastApplied: { [SCOPE]: applied } })).toBe(false);
  expect(await declaredSince(repository, { live: null })).toBe(false);
});

test('a null at last-applied is told as the setting it is', async () => {
  const repository = createRepository();
  const applied = repository.commit('none', { [FILE]: `${ALICE} null\n` });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: { type: 'none' }, declaredSince: false });
});

test('commits that were withdrawn inside a merged branch were never asked for', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.commit('withdrawn', { [FILE]: '# nothing after all\n' });
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  expect(await declaredSince(repository, { live: true, lastApplied: { [SCOPE]: applied } })).toBe(false);
  expect(await declaredSince(repository, { live: true })).toBe(false);
});

test('a commit that was merged and reverted was asked for', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.switch('main');
  const merge = repository.merge('feature', 'Merge feature');
  repository.git('revert', '--no-edit', '-m', '1', merge);
  const options = { live: true, lastApplied: { [SCOPE]: applied } };
  expect(await declaredSince(repository, options)).toBe(true);
  expect(await provenanceOf(repository, options)).toBe('Revert "Merge feature"');
});

test('files moved together with the globs are still declared, and are read with the configuration of their time', async () => {
  const repository = createRepository();
  const applied = repository.commit('on', { [FILE]: ON });
  repository.commit('move', { [FILE]: null, 'new/a.txt': ON, 'flagops.conf': 'new/*.txt\n' });
  repository.commit('gone', { 'new/a.txt': '# nothing\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: TRUE, declaredSince: true });
});

test('a last-applied commit beside the first parents counts by what leads to it', async () => {
  const repository = createRepository();
  repository.commit('start', { [FILE]: ON });
  repository.branch('feature');
  const applied = repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.switch('main');
  repository.commit('meanwhile', { 'overrides/b.txt': '# nothing\n' });
  repository.merge('feature', 'Merge feature');
  const repo = await opened(repository);
  expect(await isAncestor(repo.git, applied, repository.head)).toBe(true);
  // 'meanwhile' still declares it and last-applied does not lead there; 'start' does not count.
  expect(await declaredSince(repository, { live: true, lastApplied: { [SCOPE]: applied } })).toBe(true);
});

test('after a force-push HEAD does not contain last-applied, and what only that line declared is told', async () => {
  const repository = createRepository();
  const start = repository.commit('start', { [FILE]: '# nothing\n' });
  const applied = repository.commit('on', { [FILE]: ON });
  repository.git('reset', '--quiet', '--hard', start);
  repository.commit('another way', { 'overrides/b.txt': '# nothing\n' });
  const repo = await opened(repository);
  expect(await isAncestor(repo.git, applied, repository.head)).toBe(false);
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: TRUE, declaredSince: false });
});

test('each scope has its own last-applied commit', async () => {
  const repository = createRepository();
  const staging = 'shop/staging beta user alice';
  const first = repository.commit('both', { [FILE]: `${ON}${staging} true\n` });
  const second = repository.commit('neither', { [FILE]: '# nothing\n' });
  const { answers } = await ask(repository, {
    overrides: [ALICE, staging],
    live: true,
    lastApplied: { [SCOPE]: first, 'shop/staging': second },
  });
  expect([...answers.values()].map(({ declaredAtLastApplied }) => declaredAtLastApplied)).toEqual([
    TRUE,
    undefined,
  ]);
});

test('a removal that is not committed yet was declared at HEAD', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.commit('on', { [FILE]: ON });
  const { answer } = await ask(repository, {
    live: true,
    lastApplied: { [SCOPE]: applied },
    desired: new Map(),
  });
  expect(answer).toEqual({ provenance: { type: 'uncommitted' }, declaredSince: true });
});

test('all that a commit declares is read with its own configuration', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { [FILE]: ON, 'new/b.txt': 'shop/staging beta user bob 1\n' });
  const second = repository.commit('second', { 'flagops.conf': 'new/*.txt\n' });
  const history = openHistory(await opened(repository), new ToyFormat());
  expect([...(await history.declaredAt(first)).declared.keys()]).toEqual(['shop/production']);
  expect([...(await history.declaredAt(second)).declared.keys()]).toEqual(['shop/staging']);
});

function line(flag: string): string {
  return `shop/production ${flag} user alice true\n`;
}

test('the flags that were declared since a commit are known, those of withdrawn commits are not among them', async () => {
  const repository = createRepository();
  repository.commit('before', { [FILE]: line('before') });
  const applied = repository.commit('applied', { [FILE]: line('applied') });
  repository.commit('for a while', { [FILE]: line('short-lived') });
  repository.branch('feature');
  repository.commit('withdrawn', { [FILE]: line('withdrawn') });
  repository.commit('staging', { [FILE]: 'shop/staging other user bob true\n' });
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  const history = openHistory(await opened(repository), new ToyFormat());
  const { flags, warnings } = await history.flagsSince(applied);
  expect([...(flags.get(SCOPE) ?? [])]).toEqual(['short-lived', 'applied']);
  expect([...(flags.get('shop/staging') ?? [])]).toEqual(['other']);
  expect(warnings).toEqual([]);
});
