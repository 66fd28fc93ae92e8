import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAttempt, encodeAttempt } from '../../../src/history/refs/attempt.js';
import { forgetAttempts, recordAttempts } from '../../../src/history/refs/attempts.js';
import { fetchRefs, findForgotten } from '../../../src/history/refs/fetch-refs.js';
import { opened } from '../../support/history.js';
import { attemptHead, NO_FILTER, placeIn, PRODUCTION, recordedIn } from '../../support/refs.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const REF = 'refs/flagops/attempts/app.launchdarkly.com/default/shop/production';

function refsOf(repository: TestRepository): string[] {
  const refs = repository.git('for-each-ref', '--format=%(refname)', 'refs/flagops');
  return refs === '' ? [] : refs.split('\n');
}

function started(): { readonly repository: TestRepository; readonly remote: TestRepository } {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  return { repository, remote: repository.addRemote() };
}

/** Makes a remote refuse every push. */
function refusePushes(remote: TestRepository): void {
  remote.write({ 'hooks/pre-receive': '#!/bin/sh\nexit 1\n' });
  chmodSync(join(remote.path, 'hooks/pre-receive'), 0o755);
}

describe('the tag of an attempt', () => {
  it('what is encoded can be decoded', () => {
    const names = fc.array(
      fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((text) => text.replace(/[[\]{}()\\!*?]/g, 'x')),
    );
    const content = fc.record({
      commit: fc.constantFrom('a'.repeat(40), 'b'.repeat(64)),
      filter: fc.record({ flags: names, contexts: names }),
      shard: fc.constantFrom(undefined, { index: 2, count: 8 }),
      expires: fc.integer({ min: 0, max: 4e12 }),
    });
    fc.assert(
      fc.property(content, (attempt) => {
        expect(decodeAttempt(encodeAttempt(attempt, '0f', 0))).toEqual(attempt);
      }),
    );
  });

  it('any other text is a fault, not an exception', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (text, json) => {
        const header = `object ${'a'.repeat(40)}\ntype commit\n\n`;
        for (const tag of [text, header + text, header + json])
          expect(decodeAttempt(tag)).toHaveProperty('fault');
      }),
    );
  });

  it('git accepts the tag without any configuration, and the tag names flagops', async () => {
    const { repository } = started();
    repository.git('config', '--unset', 'user.name');
    repository.git('config', '--unset', 'user.email');
    repository.git('config', 'tag.gpgSign', 'true');
    const { attempts } = await attemptHead(repository, '0f', { expires: Date.UTC(2026, 0, 2) });
    const ref = attempts[0]?.ref ?? '';
    repository.git('fsck', '--strict', '--no-dangling');
    expect(repository.git('cat-file', 'tag', ref)).toBe(
      [
        `object ${repository.head}`,
        'type commit',
        'tag attempt-0f',
        'tagger flagops <flagops@localhost> 0 +0000',
        '',
        `{"version":1,"commit":"${repository.head}","filter":{"flags":[],"contexts":[]},"shard":null,"expires":"2026-01-02T00:00:00.000Z"}`,
      ].join('\n'),
    );
  });
});

describe('recording attempts', () => {
  it('all scopes are pushed at once, and another clone that fetches has them with their commit', async () => {
    const { repository, remote } = started();
    const commit = repository.commit('not pushed', { a: 'y' });
    const scopes = [PRODUCTION, { ...PRODUCTION, environment: 'staging' }];
    const content = { commit, filter: NO_FILTER, shard: { index: 1, count: 2 }, expires: 5 };
    const place = await placeIn(repository);
    const { attempts, warning } = await recordAttempts(place, scopes, content, {
      random: '0f',
      now: 0,
      mustPush: true,
    });
    expect(warning).toBeUndefined();
    expect(refsOf(remote)).toEqual([`${REF}/0f`, `${REF.replace('production', 'staging')}/0f`]);
    expect(refsOf(repository)).toEqual(refsOf(remote));
    const other = remote.clone();
    await fetchRefs(await opened(other));
    const found = await recordedIn(other);
    expect([...found.attempts.values()].flat()).toEqual(attempts);
    expect(other.git('cat-file', '-t', commit)).toBe('commit');
  });

  it('if the push is refused, it is an error with a remedy and nothing is recorded', async () => {
    const { repository, remote } = started();
    refusePushes(remote);
    await expect(attemptHead(repository, '0f')).rejects.toMatchObject({
      code: 'attempt-not-recorded',
      message: expect.stringMatching(/^nothing was written.* \(remote origin\): .*declined/) as string,
      hint: expect.stringMatching(/contents: write.*--no-record/) as string,
    });
    expect(refsOf(repository)).toEqual([]);
  });

  it('if the push need not succeed, a local attempt and a warning remain, and fetching keeps the attempt', async () => {
    const { repository, remote } = started();
    refusePushes(remote);
    const { attempts, warning } = await attemptHead(repository, '0f', { mustPush: false });
    expect(warning).toMatch(/^the attempt could not be pushed \(remote origin\): .*only this clone knows/);
    expect(attempts.map(({ ref }) => ref)).toEqual([`${REF}/local-0f`]);
    await fetchRefs(await opened(repository));
    expect((await findForgotten(await opened(repository), attempts)) as unknown).toEqual(new Map());
    expect(refsOf(repository)).toEqual([`${REF}/local-0f`]);
  });

  it.each([
    ['for a LaunchDarkly on this machine', { host: 'localhost:8080' }],
    ['with --local-refs', { push: false }],
  ])('an attempt is not pushed %s', async (_, more) => {
    const { repository, remote } = started();
    expect(await attemptHead(repository, '0f', more)).not.toHaveProperty('warning');
    expect(refsOf(remote)).toEqual([]);
    expect(refsOf(repository).join()).toMatch(/\/local-0f$/);
  });

  it('without a remote an attempt is local, and stays if a remote is added', async () => {
    const repository = createRepository();
    repository.commit('first', { a: 'x' });
    const { attempts } = await attemptHead(repository, '0f');
    repository.addRemote();
    await fetchRefs(await opened(repository));
    expect(await findForgotten(await opened(repository), attempts)).toEqual(new Map());
  });

  it('an attempt that cannot be recorded in this clone is an error', async () => {
    const { repository } = started();
    repository.git('update-ref', REF, 'HEAD');
    await expect(attemptHead(repository, '0f', { push: false })).rejects.toMatchObject({
      code: 'attempt-not-recorded',
      message: expect.stringContaining('in this clone: ') as string,
      hint: expect.stringContaining('.git') as string,
    });
  });
});

describe('forgetting attempts', () => {
  it('attempts are deleted here and on the remote', async () => {
    const { repository, remote } = started();
    const { attempts } = await attemptHead(repository, '0f');
    expect(await forgetAttempts(await placeIn(repository), attempts)).toBeUndefined();
    expect([...refsOf(repository), ...refsOf(remote)]).toEqual([]);
  });

  it('an attempt that another clone forgot is found by asking the remote', async () => {
    const { repository, remote } = started();
    const { attempts } = await attemptHead(repository, '0f');
    await attemptHead(repository, 'ff', { push: false });
    const other = remote.clone();
    await fetchRefs(await opened(other));
    const repo = await opened(repository);
    expect(await findForgotten(repo, attempts)).toEqual(new Map());
    await forgetAttempts(await placeIn(other), [...(await recordedIn(other)).attempts.values()].flat());
    await fetchRefs(repo);
    const all = [...(await recordedIn(repository)).attempts.values()].flat();
    expect(all).toHaveLength(2);
    expect(await findForgotten(repo, all)).toEqual(new Map(attempts.map(({ ref, tag }) => [ref, tag])));
  });

  it('an attempt that cannot be deleted on the remote stays here as well, with a notice', async () => {
    const { repository, remote } = started();
    const { attempts } = await attemptHead(repository, '0f');
    refusePushes(remote);
    expect(await forgetAttempts(await placeIn(repository), attempts)).toMatch(
      /^finished attempts could not be deleted on the remote \(remote origin\): .*; a later apply deletes them$/,
    );
    expect(refsOf(repository)).toEqual([`${REF}/0f`]);
  });

  it('with --local-refs only local attempts are deleted', async () => {
    const { repository } = started();
    const pushed = await attemptHead(repository, '0f');
    const local = await attemptHead(repository, 'ff', { push: false });
    const place = await placeIn(repository, { push: false });
    expect(await forgetAttempts(place, [...pushed.attempts, ...local.attempts])).toBeUndefined();
    expect(refsOf(repository)).toEqual([`${REF}/0f`]);
  });

  it('a ref that no longer points to the tag of the attempt is not deleted', async () => {
    const { repository } = started();
    const { attempts } = await attemptHead(repository, '0f', { push: false });
    const ref = attempts[0]?.ref ?? '';
    repository.git('update-ref', ref, 'HEAD');
    expect(await forgetAttempts(await placeIn(repository), attempts)).toMatch(
      /could not be deleted in this clone/,
    );
    expect(refsOf(repository)).toEqual([ref]);
  });
});
