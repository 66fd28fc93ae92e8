import { afterEach, describe, expect, test, vi } from 'vitest';
import { objectsOf } from '../../../src/history/git/object-reader.js';
import { gitIn, mustRun } from '../../../src/history/git/git.js';
import { fetchRefs } from '../../../src/history/refs/fetch-refs.js';
import { moveLastApplied } from '../../../src/history/refs/move-last-applied.js';
import { openRepository, type Repository } from '../../../src/history/git/repository.js';
import { stuckGit, type WrappedGit } from '../../support/interrupting-git.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const HOST = 'app.launchdarkly.com';
const MOVES = [{ scope: { project: 'shop', environment: 'production' }, planned: undefined }];
const INTERRUPTED = { name: 'OperatorError', code: 'interrupted', message: 'interrupted' };

const PATH = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = PATH;
});

function use(git: WrappedGit): void {
  process.env['PATH'] = git.PATH;
}

/** A repository with one commit, optionally with a remote, and the controller that interrupts its run. */
async function interruptible(options: { readonly remote?: boolean } = {}): Promise<{
  readonly repository: TestRepository;
  readonly repo: Repository;
  readonly interrupt: AbortController;
}> {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  if (options.remote === true) repository.addRemote();
  const interrupt = new AbortController();
  const repo = await openRepository(repository.path, interrupt.signal);
  if (repo === undefined) throw new Error('no repository');
  return { repository, repo, interrupt };
}

/** Interrupts as soon as git is stuck. */
async function interruptWhenStuck(git: WrappedGit, interrupt: AbortController): Promise<void> {
  await vi.waitFor(() => expect(git.isReached()).toBe(true), { timeout: 50_000, interval: 2 });
  interrupt.abort();
}

describe('an interrupted git command', () => {
  test.each(['dies', 'hangs'] as const)(
    'an interrupted git that %s is reported as an interruption, not as a failure',
    async (fate) => {
      const { repo, interrupt } = await interruptible();
      const git = stuckGit('log', fate);
      use(git);
      const running = mustRun(repo.git, ['log']);
      await Promise.all([
        expect(running).rejects.toMatchObject(INTERRUPTED),
        interruptWhenStuck(git, interrupt),
      ]);
    },
  );

  test('git is not started after an interruption', async () => {
    const { repo, interrupt } = await interruptible();
    const git = stuckGit('log', 'hangs');
    use(git);
    interrupt.abort();
    await expect(mustRun(repo.git, ['log'])).rejects.toMatchObject(INTERRUPTED);
    expect(git.isReached()).toBe(false);
  });

  test.each(['dies', 'hangs'] as const)(
    'an interrupted git that %s while it reads blobs is reported as an interruption',
    async (fate) => {
      const { repository, repo, interrupt } = await interruptible();
      const git = stuckGit('cat-file', fate);
      use(git);
      const reader = objectsOf(repo.git);
      const reading = reader.blob(repository.git('rev-parse', 'HEAD:a'));
      await Promise.all([
        expect(reading).rejects.toMatchObject(INTERRUPTED),
        interruptWhenStuck(git, interrupt),
      ]);
    },
  );

  test('a git that was ended by a signal from outside the run is a failure', async () => {
    const { repository } = await interruptible();
    use(stuckGit('log', 'dies'));
    const message = 'git log failed: ended by a signal';
    for (const signal of [undefined, new AbortController().signal]) {
      await expect(mustRun(gitIn(repository.path, signal), ['log'])).rejects.toMatchObject({
        code: 'git-failed',
        message,
      });
    }
  });

  test('an interrupted fetch is not reported as a remote that did not answer', async () => {
    const { repo, interrupt } = await interruptible({ remote: true });
    const git = stuckGit('fetch', 'hangs');
    use(git);
    await Promise.all([
      expect(fetchRefs(repo)).rejects.toMatchObject(INTERRUPTED),
      interruptWhenStuck(git, interrupt),
    ]);
  });
});

describe('moving last-applied refs', () => {
  test('an interruption in this clone is reported, and the ref is not moved', async () => {
    const { repository, repo, interrupt } = await interruptible();
    const git = stuckGit('update-ref', 'hangs');
    use(git);
    const [{ moved, failures }] = await Promise.all([
      moveLastApplied({ repo, host: HOST, name: 'default', push: true }, MOVES),
      interruptWhenStuck(git, interrupt),
    ]);
    expect(moved).toEqual([]);
    expect(failures).toEqual([
      'the last-applied ref of shop/production could not be moved in this clone: interrupted (run again)',
    ]);
    process.env['PATH'] = PATH;
    expect(repository.git('for-each-ref', 'refs/flagops')).toBe('');
  });

  test.each(['push', 'symbolic-ref'])(
    'an interruption at the remote, in %s, is reported, and the ref is not moved',
    async (command) => {
      const { repository, repo, interrupt } = await interruptible({ remote: true });
      const git = stuckGit(command, 'hangs');
      use(git);
      const [{ moved, failures }] = await Promise.all([
        moveLastApplied({ repo, host: HOST, name: 'default', push: true }, MOVES),
        interruptWhenStuck(git, interrupt),
      ]);
      expect(moved).toEqual([]);
      expect(failures).toEqual([
        expect.stringMatching(
          /^the last-applied ref of shop\/production could not be moved on the remote(?: \(remote origin\))?: interrupted/,
        ),
      ]);
      process.env['PATH'] = PATH;
      expect(repository.git('for-each-ref', '--format=%(refname)', 'refs/flagops')).toBe('');
    },
  );
});
