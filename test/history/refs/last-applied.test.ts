import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLastApplied, recordLastApplied } from '../../../src/history/refs/last-applied.js';
import { decodeRefPart, encodeRefPart } from '../../../src/history/refs/ref-name.js';
import { opened } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';

const HOST = 'app.launchdarkly.com';
const SCOPES = [
  { project: 'shop', environment: 'production' },
  { project: 'shop', environment: 'Q&A .lock' },
];

const HARD_PARTS = [
  '',
  '.',
  '..',
  'a..b',
  '.a',
  'a.',
  'a.lock',
  '.lock',
  'x.lock.lock',
  '@',
  '@{',
  '%',
  '%41',
  'A',
  'ü',
  '-x',
  'a b',
  'a/b',
  'a\\b',
  '*',
  '127.0.0.1:8080',
];

test('any text can be encoded as a part of a ref and decoded again', () => {
  const part = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HARD_PARTS));
  fc.assert(
    fc.property(part, (text) => {
      expect(decodeRefPart(encodeRefPart(text))).toBe(text);
      expect(encodeRefPart(text)).toMatch(/^[a-z0-9_.%-]+$/);
    }),
  );
});

test('git accepts every encoded part', () => {
  const texts = [
    ...HARD_PARTS,
    ...fc.sample(fc.string({ unit: 'grapheme-ascii' }), { numRuns: 20, seed: 1 }),
  ];
  for (const text of texts)
    execFileSync('git', ['check-ref-format', `refs/flagops/applied/${encodeRefPart(text)}/x`]);
  expect(new Set(texts.map(encodeRefPart)).size).toBe(new Set(texts).size);
});

test('recorded commits are read back, only for the same host and name', async () => {
  const repository = createRepository();
  const id = repository.commit('Apply me', { a: 'x' });
  await recordLastApplied(await opened(repository), HOST, 'default', SCOPES, { push: false });
  const repo = await opened(repository);
  const applied = await readLastApplied(repo, HOST, 'default');
  const commit = { id, subject: 'Apply me', author: 'Ada Author', date: Date.UTC(2026, 0, 1) };
  expect(Object.fromEntries(applied)).toEqual({
    'shop/production': { scope: SCOPES[0], commit },
    'shop/Q&A .lock': { scope: SCOPES[1], commit },
  });
  expect((await readLastApplied(repo, HOST, 'other')).size).toBe(0);
  expect((await readLastApplied(repo, 'app.eu.launchdarkly.com', 'default')).size).toBe(0);
  expect(repository.git('for-each-ref', '--format=%(refname)', 'refs/flagops')).toContain(
    'refs/flagops/applied/app.launchdarkly.com/default/shop/production',
  );
});

test('recording again moves the refs, even backwards', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  repository.commit('second', { a: 'y' });
  await recordLastApplied(await opened(repository), HOST, 'default', SCOPES, { push: false });
  repository.git('checkout', '--quiet', first);
  await recordLastApplied(await opened(repository), HOST, 'default', SCOPES.slice(0, 1), { push: false });
  const applied = await readLastApplied(await opened(repository), HOST, 'default');
  expect([...applied.values()].map(({ commit }) => commit.subject).toSorted()).toEqual(['first', 'second']);
});

test('the recorded commit is HEAD at the time when the repository was opened', async () => {
  const repository = createRepository();
  const planned = repository.commit('planned', { a: 'x' });
  const repo = await opened(repository);
  repository.commit('meanwhile', { a: 'y' });
  await recordLastApplied(repo, HOST, 'default', SCOPES, { push: false });
  expect((await readLastApplied(repo, HOST, 'default')).get('shop/production')?.commit.id).toBe(planned);
});

test('nothing is recorded before the first commit', async () => {
  const repository = createRepository();
  expect(await recordLastApplied(await opened(repository), HOST, 'default', SCOPES, { push: true })).toEqual({
    pushed: false,
  });
});

test('a ref whose commit is missing is an error that names the ref and the remedy', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const ref = 'refs/flagops/applied/app.launchdarkly.com/default/shop/production';
  repository.write({ [`.git/${ref}`]: `${'1'.repeat(40)}\n` });
  await expect(readLastApplied(await opened(repository), HOST, 'default')).rejects.toMatchObject({
    code: 'last-applied-missing',
    message: `${ref} points to 111111111111, a commit that this clone does not have`,
    hint: expect.stringContaining('fetch-depth: 0'),
  });
});

test('refs that flagops did not write are ignored', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('update-ref', 'refs/flagops/applied/app.launchdarkly.com/default/deep/er/still', 'HEAD');
  expect((await readLastApplied(await opened(repository), HOST, 'default')).size).toBe(0);
});
