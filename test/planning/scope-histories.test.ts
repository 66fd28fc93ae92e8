import { expect, it } from 'vitest';
import {
  askHistory,
  declaredFlags,
  type Histories,
  historyOf,
  scopeHistories,
} from '../../src/planning/scope-histories.js';
import { type GitState, recordedScopes } from '../../src/planning/git-state.js';
import type { Declared } from '../../src/planning/read-declarations.js';
import { coveredScopes } from '../../src/planning/scopes.js';
import { createRepository, type TestRepository } from '../support/repository.js';
import { gitStateOf, markApplied } from '../support/planning.js';
import { overrides, type Settings } from '../support/world.js';

const SCOPE = { project: 'storefront', environment: 'production' };
const KEY = 'storefront/production';

async function histories(
  repo: TestRepository,
): Promise<{ readonly past: GitState; readonly declared: Declared; readonly found: Histories }> {
  const { declared, state: past } = await gitStateOf(repo);
  const found = await scopeHistories(
    past,
    coveredScopes(declared.desired, declared.config, recordedScopes(past)),
  );
  return { past, declared, found };
}

/** Commits a file that declares only these users. */
const commit = (repo: TestRepository, users: Settings): string =>
  repo.commit(Object.keys(users).join(), { 'overrides/a.yaml': overrides(users) });

it('history knows nothing of a scope that was never applied, so any flag may have owned overrides', async () => {
  const repo = createRepository();
  commit(repo, { alice: { theme: 'dark' } });
  const { past, found } = await histories(repo);
  expect(historyOf(found, KEY)).toEqual({
    lastApplied: undefined,
    declaredThen: undefined,
    datesThen: new Map(),
    attempts: [],
  });
  expect(declaredFlags(SCOPE, past, found)).toEqual({ onceDeclared: new Set(), mayOwnAny: true });
});

it('history finds what was declared at last-applied, even if the file is gone', async () => {
  const repo = createRepository();
  const first = commit(repo, { alice: { theme: 'dark' } });
  markApplied(repo);
  repo.commit('Gone', { 'overrides/a.yaml': null });
  const { past, found } = await histories(repo);
  expect(historyOf(found, KEY).lastApplied?.id).toBe(first);
  expect(declaredFlags(SCOPE, past, found)).toEqual({ onceDeclared: new Set(['theme']), mayOwnAny: false });
});

it('history adds the flags that commits since last-applied declared in between', async () => {
  const repo = createRepository();
  commit(repo, { alice: { theme: 'dark' } });
  markApplied(repo);
  commit(repo, { alice: { banner: { show: false } } });
  commit(repo, { alice: { 'search-limit': 10 } });
  commit(repo, { bob: { theme: 'dark' } });
  const { past, found } = await histories(repo);
  const { onceDeclared } = declaredFlags(SCOPE, past, found);
  expect([...onceDeclared]).toEqual(expect.arrayContaining(['theme', 'banner', 'search-limit']));
});

it('a last-applied commit that does not parse gives a warning and no ownership', async () => {
  const repo = createRepository();
  repo.commit('Broken', { 'overrides/a.yaml': 'users: [' });
  markApplied(repo);
  commit(repo, { alice: { theme: 'dark' } });
  const { found } = await histories(repo);
  expect(historyOf(found, KEY).declaredThen).toEqual(new Map());
  expect(found.warnings).toHaveLength(1);
});

it('history answers which commit set an override', async () => {
  const repo = createRepository();
  const first = commit(repo, { alice: { theme: 'dark' } });
  commit(repo, { alice: { theme: 'dark' }, bob: { theme: 'dark' } });
  const { past, declared } = await histories(repo);
  const question = { scope: SCOPE, id: { flag: 'theme', kind: 'user', key: 'alice' } };
  const { answers } = await askHistory(past, [question], declared);
  expect([...answers.values()].map(({ provenance }) => provenance)).toEqual([
    { type: 'commit', commit: expect.objectContaining({ id: first }) as object },
  ]);
});

it('git is not started if there are no questions about history', async () => {
  const repo = createRepository();
  const { past, declared } = await histories(repo);
  expect(await askHistory(past, [], declared)).toEqual({ answers: new Map(), warnings: [] });
});
