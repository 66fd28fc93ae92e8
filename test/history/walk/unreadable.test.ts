import { expect, test } from 'vitest';
import { openHistory } from '../../../src/history/history.js';
import { ALICE, ask, opened, provenanceOf } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';
import { ToyFormat } from '../../support/toy-format.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;
const SCOPE = 'shop/production';
const BROKEN = '! broken\n';

test('breaking and fixing a file does not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  const broken = repository.commit('break', { [FILE]: BROKEN });
  repository.commit('fix', { [FILE]: ON });
  expect(await provenanceOf(repository)).toBe('on');
  expect((await ask(repository)).warnings).toEqual([
    `in commit ${broken.slice(0, 12)} overrides/a.txt does not parse: what it declares there does not count as ours`,
  ]);
});

test('a broken file does not hide changes in other files', async () => {
  const repository = createRepository();
  repository.commit('break', { 'overrides/z.txt': BROKEN });
  repository.commit('on', { [FILE]: ON });
  repository.commit('fix', { 'overrides/z.txt': '# nothing\n' });
  expect(await provenanceOf(repository)).toBe('on');
});

test('a file that does not parse gives no ownership, at last-applied or since', async () => {
  const repository = createRepository();
  const applied = repository.commit('broken', { [FILE]: `${ON}${BROKEN}` });
  repository.commit('broken still', { [FILE]: `${ON}${BROKEN}${BROKEN}` });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  const { answer, warnings } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer).toEqual({ provenance: { type: 'none' }, declaredSince: false });
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain(`in commit ${applied.slice(0, 12)} overrides/a.txt does not parse`);
});

test('the other files of a commit with a broken file still give ownership', async () => {
  const repository = createRepository();
  const applied = repository.commit('one broken', { [FILE]: ON, 'overrides/z.txt': BROKEN });
  repository.commit('gone', { [FILE]: '# nothing\n', 'overrides/z.txt': null });
  const { answer } = await ask(repository, { live: true, lastApplied: { [SCOPE]: applied } });
  expect(answer.declaredAtLastApplied).toEqual({ type: 'value', value: true });
});

test('a commit whose configuration does not parse gives no ownership and does not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  const broken = repository.commit('break the configuration', { 'flagops.conf': BROKEN });
  repository.commit('fix', { 'flagops.conf': 'overrides/*.txt\n' });
  expect(await provenanceOf(repository)).toBe('on');
  const { answer, warnings } = await ask(repository, { live: true, lastApplied: { [SCOPE]: broken } });
  expect(answer.declaredAtLastApplied).toBeUndefined();
  expect(warnings).toEqual([
    `in commit ${broken.slice(0, 12)} flagops.conf does not parse: nothing declared in that commit counts as ours`,
  ]);
});

test('an override declared only while the configuration did not parse is not owned', async () => {
  const repository = createRepository();
  repository.commit('break the configuration', { 'flagops.conf': BROKEN });
  repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: '# nothing\n' });
  repository.commit('fix', { 'flagops.conf': 'overrides/*.txt\n' });
  expect((await ask(repository, { live: true })).answer.declaredSince).toBe(false);
});

test('a commit from before the configuration broke gives ownership', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('break the configuration', { 'flagops.conf': BROKEN });
  repository.commit('fix', { 'flagops.conf': 'overrides/*.txt\n', [FILE]: '# nothing\n' });
  expect((await ask(repository, { live: true })).answer.declaredSince).toBe(true);
});

test('the settings that a broken file is assumed to keep give no ownership', async () => {
  const repository = createRepository();
  repository.commit('break the file', { [FILE]: BROKEN });
  repository.commit('break the configuration', { [FILE]: ON, 'flagops.conf': BROKEN });
  repository.commit('fix', { [FILE]: '# nothing\n', 'flagops.conf': null });
  expect((await ask(repository, { live: true })).answer.declaredSince).toBe(false);
});

test('files that contradict each other give no ownership of what they disagree about', async () => {
  const repository = createRepository();
  const bob = 'shop/production beta user bob';
  const applied = repository.commit('contradict', {
    [FILE]: `${ON}${bob} true\n`,
    'overrides/b.txt': `${ALICE} false\n`,
  });
  repository.commit('gone', { [FILE]: '# nothing\n', 'overrides/b.txt': null });
  const { answers } = await ask(repository, {
    overrides: [ALICE, bob],
    live: true,
    lastApplied: { [SCOPE]: applied },
  });
  expect([...answers.values()].map((answer) => answer.declaredAtLastApplied)).toEqual([
    undefined,
    { type: 'value', value: true },
  ]);
  const { declared } = await openHistory(await opened(repository), new ToyFormat()).declaredAt(applied);
  expect([...(declared.get(SCOPE)?.keys() ?? [])]).toEqual(['beta\nuser\nbob']);
});

test('a temporary contradiction between files does not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('contradict', { [FILE]: `${ALICE} false\n`, 'overrides/b.txt': ON });
  repository.commit('agree', { [FILE]: ON, 'overrides/b.txt': null });
  expect(await provenanceOf(repository)).toBe('on');
});

test('a binary or empty file does not stop the walk', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON, 'overrides/empty.txt': '' });
  repository.commit('binary', { 'overrides/b.txt': '#\u0000\u0001\ud800\n' });
  repository.commit('later', { 'overrides/b.txt': '# nothing\n' });
  expect(await provenanceOf(repository)).toBe('on');
});

test('reading everything that a commit declares warns about a file that does not parse', async () => {
  const repository = createRepository();
  const id = repository.commit('broken', { [FILE]: BROKEN, 'overrides/b.txt': ON });
  const { declared, warnings } = await openHistory(await opened(repository), new ToyFormat()).declaredAt(id);
  expect([...declared.keys()]).toEqual([SCOPE]);
  expect(warnings).toHaveLength(1);
});
