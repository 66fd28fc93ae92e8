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

test('the answer for an override has the setting that last-applied declared', async () => {
  const repository = createRepository();
  const applied = repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const { answer } = await ask(repository, { live: false, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: TRUE, declaredSince: false });
  expect(answer.provenance).toMatchObject({ commit: { subject: 'gone' } });
});

test("deleting a scope's last file leaves what it declared in the answer", async () => {
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

test('when a file moves to another environment, its overrides in the former one were declared', async () => {
  const repository = createRepository();
  const applied = repository.commit('production', { [FILE]: ON });
  repository.commit('staging', { [FILE]: 'shop/staging beta user alice true\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer.declaredAtLastApplied).toEqual(TRUE);
});

test('an override that a failed apply wrote and a later commit removed was declared as it is live', async () => {
  const repository = createRepository();
  const applied = repository.commit('start', { [FILE]: '# nothing\n' });
  repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const lastApplied = { [SCOPE]: applied };
  expect(await declaredSince(repository, { live: true, lastApplied })).toBe(true);
  expect(await declaredSince(repository, { live: false, lastApplied })).toBe(false);
  expect(await provenanceOf(repository, { live: true, lastApplied })).toBe('gone');
});

test('a declaration that ended before last-applied does not count', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  const applied = repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.commit('later', { [FILE]: '# nothing here\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toEqual({ provenance: { type: 'none' }, declaredSince: false });
});

test('without a last-applied ref, any commit that declared the live value counts', async () => {
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

test('a null that last-applied declared is in the answer', async () => {
  const repository = createRepository();
  const applied = repository.commit('none', { [FILE]: `${ALICE} null\n` });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: { type: 'none' }, declaredSince: false });
});

test('a declaration that was added and removed within a merged branch does not count', async () => {
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

test('a declaration that was merged and then reverted counts', async () => {
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

test('files that moved together with the globs are read with the configuration of each commit', async () => {
  const repository = createRepository();
  const applied = repository.commit('on', { [FILE]: ON });
  repository.commit('move', { [FILE]: null, 'new/a.txt': ON, 'flagops.conf': 'new/*.txt\n' });
  repository.commit('gone', { 'new/a.txt': '# nothing\n' });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toMatchObject({ declaredAtLastApplied: TRUE, declaredSince: true });
});

test('when last-applied is on a merged branch, only its ancestors are excluded', async () => {
  const repository = createRepository();
  repository.commit('start', { [FILE]: ON });
  repository.branch('feature');
  const applied = repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.switch('main');
  repository.commit('meanwhile', { 'overrides/b.txt': '# nothing\n' });
  repository.merge('feature', 'Merge feature');
  const repo = await opened(repository);
  expect(await isAncestor(repo.git, applied, repository.head)).toBe(true);
  // 'meanwhile' still declares it and is not an ancestor of last-applied; 'start' is one.
  expect(await declaredSince(repository, { live: true, lastApplied: { [SCOPE]: applied } })).toBe(true);
});

test('after a force-push, the answer has what last-applied declared although HEAD does not contain it', async () => {
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

test('an override whose removal is not committed was declared by HEAD', async () => {
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

test('everything that a commit declares is read with the configuration of that commit', async () => {
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

test('flags declared since a commit do not include those that were withdrawn within a merged branch', async () => {
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
