import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistory } from '../../../src/history/history.js';
import { ALICE, ask, opened, provenanceOf } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';
import { ToyFormat, toyOverride } from '../../support/toy-format.js';

const FILE = 'overrides/a.txt';
const ON = `${ALICE} true\n`;

test('no more history is read than a question needs, and each file once', async () => {
  const repository = createRepository();
  for (let index = 0; index < 40; index += 1)
    repository.commit(`${index}`, { 'overrides/busy.txt': `# ${index}\n` });
  repository.commit('on', { [FILE]: ON });
  for (let index = 0; index < 5; index += 1)
    repository.commit(`after ${index}`, { 'overrides/busy.txt': `## ${index}\n` });
  const { answer, statistics } = await ask(repository);
  expect(answer.provenance).toMatchObject({ commit: { subject: 'on' } });
  // Commits: five after it, and itself. Blobs: the two files at HEAD, and the busy one before each of the five.
  expect(statistics).toEqual({ commits: 6, blobsParsed: 7 });
});

test('commits that touch no declaration are not read', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  for (let index = 0; index < 20; index += 1) repository.commit(`${index}`, { 'src/x.ts': `${index}` });
  expect((await ask(repository)).statistics).toEqual({ commits: 1, blobsParsed: 1 });
});

test('a long history is read to its beginning if necessary', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  for (let index = 0; index < 35; index += 1) repository.commit(`${index}`, { [FILE]: `# ${index}\n${ON}` });
  const { answer, statistics } = await ask(repository);
  expect(answer.provenance).toMatchObject({ commit: { subject: 'on' } });
  expect(statistics).toEqual({ commits: 36, blobsParsed: 36 });
});

test('an override that is not ours is not followed beyond last-applied', async () => {
  const repository = createRepository();
  for (let index = 0; index < 20; index += 1) repository.commit(`${index}`, { [FILE]: `# ${index}\n` });
  const applied = repository.head;
  repository.commit('after', { [FILE]: '# after\n' });
  const { answer, statistics } = await ask(repository, {
    live: true,
    lastApplied: { 'shop/production': applied },
  });
  expect(answer).toEqual({ provenance: { type: 'none' }, declaredSince: false });
  expect(statistics.commits).toBe(1);
});

test('nothing is read without a question', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  const format = new ToyFormat();
  const history = openHistory(await opened(repository), format);
  const { statistics } = await history.answer({ lastApplied: new Map(), questions: [], desired: new Map() });
  expect(statistics).toEqual({ commits: 0, blobsParsed: 0 });
  expect(format.parsed).toEqual([]);
});

test('a file that moved, came back or has a copy is parsed once, over all calls', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { [FILE]: ON });
  repository.commit('other', { [FILE]: '# nothing\n' });
  repository.commit('back', { [FILE]: ON, 'overrides/copy.txt': ON });
  repository.commit('moved', { [FILE]: null, 'overrides/b.txt': ON });
  const format = new ToyFormat();
  const history = openHistory(await opened(repository), format);
  await history.declaredAt(first);
  const { declared } = await history.declaredAt(repository.head);
  await history.answer({ lastApplied: new Map(), questions: [toyOverride(ALICE)], desired: declared });
  expect(format.parsed).toHaveLength(2);
});

test('calls that overlap are all answered', async () => {
  const repository = createRepository();
  const ids = ['one', 'two', 'three'].map((name) =>
    repository.commit(name, { [FILE]: `${ALICE} "${name}"\n` }),
  );
  const history = openHistory(await opened(repository), new ToyFormat());
  const all = await Promise.all([...ids, ...ids].map((id) => history.declaredAt(id)));
  expect(all.map(({ declared }) => [...(declared.get('shop/production')?.values() ?? [])])).toEqual(
    [...ids, ...ids].map((_, index) => [{ type: 'value', value: ['one', 'two', 'three'][index % 3] }]),
  );
});

test('in a shallow clone, provenance is known for the commits it has and unknown beyond them', async () => {
  const repository = createRepository();
  const bob = 'shop/production beta user bob';
  repository.commit('on', { [FILE]: ON });
  repository.commit('cut here', { 'overrides/c.txt': '# nothing\n' });
  repository.commit('bob', { 'overrides/b.txt': `${bob} true\n` });
  const clone = repository.clone({ depth: 2 });
  expect(await provenanceOf(clone)).toBe('(unknown)');
  expect(await provenanceOf(clone, { overrides: [bob] })).toBe('bob');
  expect(await provenanceOf(clone, { overrides: ['shop/production beta user carol'] })).toBe('(unknown)');
  expect(await provenanceOf(repository.clone({ depth: 3 }))).toBe('on');
});

test('in a shallow clone whose oldest commit touches no declaration, provenance is unknown', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.commit('gone', { [FILE]: null });
  repository.commit('cut here', { 'README.md': 'x' });
  repository.commit('after', { 'README.md': 'y' });
  expect(await provenanceOf(repository.clone({ depth: 2 }))).toBe('(unknown)');
});

test('provenance on a merged branch that is cut off is unknown', async () => {
  const repository = createRepository();
  repository.commit('start', { [FILE]: '# nothing\n' });
  repository.branch('feature');
  repository.commit('on', { [FILE]: ON });
  repository.commit('reformat', { [FILE]: `\n${ON}` });
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  expect(await provenanceOf(repository.clone({ depth: 2 }))).toBe('(unknown)');
  expect(await provenanceOf(repository.clone({ depth: 4 }))).toBe('on');
});

test('links within the tree are followed, and other links are ignored', async () => {
  const repository = createRepository();
  repository.commit('start', { 'README.md': 'x' });
  symlinkSync('../shared/alice.txt', join(repository.path, 'link.txt'));
  repository.write({ 'overrides/.keep': '' });
  symlinkSync('../shared/alice.txt', join(repository.path, 'overrides/alice.txt'));
  symlinkSync('/etc/passwd', join(repository.path, 'overrides/absolute.txt'));
  symlinkSync('../../outside.txt', join(repository.path, 'overrides/outside.txt'));
  symlinkSync('circle.txt', join(repository.path, 'overrides/circle.txt'));
  repository.commit('off', { 'shared/alice.txt': `${ALICE} false\n` });
  repository.commit('on', { 'shared/alice.txt': ON });
  repository.commit('reformat', { 'shared/alice.txt': `\n${ON}` });
  const { answer, warnings } = await ask(repository);
  expect(answer.provenance).toMatchObject({ commit: { subject: 'on' } });
  expect(warnings).toEqual([]);
});

test('replacing a file by a link to the same declaration does not change provenance', async () => {
  const repository = createRepository();
  repository.commit('on', { [FILE]: ON });
  repository.write({ [FILE]: null });
  symlinkSync('../shared/alice.txt', join(repository.path, FILE));
  repository.commit('link', { 'shared/alice.txt': ON });
  repository.commit('off and on', { 'shared/alice.txt': `${ALICE} false\n` });
  repository.commit('on again', { 'shared/alice.txt': ON });
  expect(await provenanceOf(repository)).toBe('on again');
  repository.git('reset', '--quiet', '--hard', 'HEAD~2');
  expect(await provenanceOf(repository)).toBe('on');
});

test('a configuration that is a link is followed', async () => {
  const repository = createRepository();
  symlinkSync('settings/flagops.conf', join(repository.path, 'flagops.conf'));
  repository.commit('on', { 'settings/flagops.conf': 'declared/*.txt\n', 'declared/a.txt': ON });
  repository.commit('move', {
    'settings/flagops.conf': 'new/*.txt\n',
    'declared/a.txt': null,
    'new/a.txt': ON,
  });
  repository.commit('later', { 'new/b.txt': '# nothing\n' });
  expect(await provenanceOf(repository)).toBe('on');
});

test('a submodule at a path that matches is ignored', async () => {
  const repository = createRepository();
  const first = repository.commit('on', { [FILE]: ON });
  repository.git('update-index', '--add', '--cacheinfo', `160000,${first},overrides/module.txt`);
  repository.git('commit', '--quiet', '-m', 'module');
  expect(await provenanceOf(repository)).toBe('on');
});

test('paths with unusual characters are read', async () => {
  const repository = createRepository();
  const path = 'overrides/ü\n"tab\t:*?.txt';
  repository.commit('on', { [path]: ON });
  repository.commit('reformat', { [path]: `\n${ON}` });
  expect(await provenanceOf(repository)).toBe('on');
});

test('a path that is not UTF-8 does not stop the walk', async () => {
  const repository = createRepository();
  repository.commit('start', { 'README.md': 'x' });
  repository.commit('on', { [FILE]: ON });
  const latin1 = Buffer.concat([
    Buffer.from(`${repository.path}/overrides/`),
    Buffer.from([0xfc]),
    Buffer.from('.txt'),
  ]);
  writeFileSync(latin1, '# nothing\n');
  repository.commit('latin1');
  repository.commit('later', { 'overrides/b.txt': '# nothing\n' });
  expect(await provenanceOf(repository)).toBe('on');
});
