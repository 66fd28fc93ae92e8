import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGitState, recordedScopes, refuseShallow } from '../../src/planning/git-state.js';
import { scopeKey } from '../../src/reconcile/state.js';
import { createRepository, temporaryFolder, type TestRepository } from '../support/repository.js';
import { declaredIn, gitStateOf, HOST, markApplied } from '../support/planning.js';
import { attemptHead } from '../support/refs.js';
import { config, overrides } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const dark = overrides({ alice: { theme: 'dark' } });
const light = overrides({ alice: { theme: 'light' } });

function repository(): TestRepository {
  const repo = createRepository();
  repo.commit('Start', { [FILE]: dark });
  return repo;
}

describe('the state of git', () => {
  it('the git state is empty outside git, with a warning', async () => {
    const state = await readGitState(await declaredIn(temporaryFolder()), HOST, 'no');
    expect(state.git).toBeUndefined();
    expect(state.warnings).toEqual([expect.stringMatching(/^not in a git repository: /)]);
  });

  it('the git state lists uncommitted files before the first commit, with a warning', async () => {
    const repo = createRepository();
    repo.write({ [FILE]: dark });
    const { state } = await gitStateOf(repo);
    expect(state).toMatchObject({ git: undefined, dirty: [FILE] });
    expect(state.warnings).toEqual([expect.stringMatching(/^nothing is committed yet: /)]);
  });

  it('the git state counts only declarations and the configuration as dirty', async () => {
    const repo = repository();
    repo.write({ 'README.md': 'x', [FILE]: light, 'flagops.yaml': config({}) });
    expect((await gitStateOf(repo)).state.dirty.toSorted()).toEqual(['flagops.yaml', FILE]);
  });

  it('a declaration that is in HEAD and missing on disk is an error', async () => {
    const repo = repository();
    rmSync(join(repo.path, FILE));
    await expect(gitStateOf(repo)).rejects.toMatchObject({
      code: 'declaration-missing',
      message: `${FILE} is in HEAD, but not on disk`,
    });
  });

  it('the git state has the last-applied commit of each scope, for this host only', async () => {
    const repo = repository();
    markApplied(repo);
    repo.git('update-ref', 'refs/flagops/applied/other.example/default/storefront/staging', 'HEAD');
    const { state } = await gitStateOf(repo);
    expect([...state.lastApplied].map(([scope, { commit }]) => [scope, commit.id])).toEqual([
      ['storefront/production', repo.head],
    ]);
    expect(state.rewound).toEqual([]);
  });

  it('the git state reports a last-applied commit that HEAD does not contain', async () => {
    const repo = repository();
    const first = repo.head;
    const second = repo.commit('Light', { [FILE]: light });
    markApplied(repo);
    repo.git('reset', '--quiet', '--hard', first);
    const { state } = await gitStateOf(repo);
    expect(state.rewound.map(({ id }) => id)).toEqual([second]);
    expect(state.warnings).toEqual([expect.stringMatching(/^HEAD does not contain /)]);
  });

  it('the git state is current for a commit since which declarations changed at most once and are clean', async () => {
    const repo = repository();
    markApplied(repo);
    const isCurrent = async (): Promise<boolean | undefined> => {
      const { state } = await gitStateOf(repo);
      const [applied] = state.lastApplied.values();
      return applied && state.isCurrent(applied.commit);
    };
    expect(await isCurrent()).toBe(true);
    repo.commit('Light', { [FILE]: light });
    repo.commit('Elsewhere', { 'README.md': 'x' });
    expect(await isCurrent()).toBe(true);
    repo.write({ [FILE]: dark });
    expect(await isCurrent()).toBe(false);
    repo.commit('Dark again');
    expect(await isCurrent()).toBe(false);
  });
});

describe('the refs on the remote', () => {
  const REF = `refs/flagops/applied/${HOST}/default/storefront/production`;

  it('an attempt that another clone forgot is deleted here, and local ones stay', async () => {
    const repo = repository();
    const remote = repo.addRemote();
    await attemptHead(repo, '00');
    await attemptHead(repo, 'ff', { push: false });
    const read = async (): Promise<readonly string[]> => {
      const state = await readGitState(await declaredIn(repo.path), HOST, 'required');
      return [...state.attempts.values()].flat().map(({ ref }) => ref.slice(ref.lastIndexOf('/') + 1));
    };
    expect(await read()).toEqual(['00', 'local-ff']);
    const [ref = ''] = remote.git('for-each-ref', '--format=%(refname)', 'refs/flagops').split('\n');
    remote.git('update-ref', '-d', ref);
    expect(await read()).toEqual(['local-ff']);
    expect(repo.ref(ref)).toBeUndefined();
  });

  it('the scopes of refs and of attempts are covered', async () => {
    const repo = repository();
    markApplied(repo);
    await attemptHead(repo, '00', { push: false });
    const { state } = await gitStateOf(repo);
    expect(recordedScopes(state).map(scopeKey)).toEqual(['storefront/production', 'shop/production']);
  });

  it('a broken ref in this clone is the error, even if it also makes the fetch fail', async () => {
    const repo = repository();
    const remote = repo.addRemote();
    remote.git('update-ref', REF, 'refs/heads/main');
    repo.write({ [`.git/${REF}`]: '' });
    for (const fetching of ['required', 'if possible', 'no'] as const) {
      await expect(readGitState(await declaredIn(repo.path), HOST, fetching)).rejects.toMatchObject({
        code: 'ref-broken',
        message: expect.stringContaining(REF) as string,
      });
    }
  });
});

describe('a shallow clone', () => {
  const policy = (prune: 'owned' | 'never'): { readonly policy: { readonly prune: 'owned' | 'never' } } => ({
    policy: { prune },
  });

  it('a shallow clone is refused only if a scope prunes by ownership', async () => {
    const repo = repository();
    repo.commit('Light', { [FILE]: light });
    const { state } = await gitStateOf(repo.clone({ depth: 1 }));
    expect(() => refuseShallow(state, [policy('never')])).not.toThrow();
    expect(() => refuseShallow(state, [policy('never'), policy('owned')])).toThrow(/^this clone is shallow/);
  });

  it('a full clone is not taken for a shallow one', async () => {
    const { state } = await gitStateOf(repository().clone());
    expect(() => refuseShallow(state, [policy('owned')])).not.toThrow();
  });
});
