import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pullRequest, startJob, type Job, type StepRun } from '../support/action.js';
import { STRANGER } from '../support/github.js';
import { config, overrides } from '../support/world.js';

const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };

const plan = (job: Job, inputs: Record<string, string> = {}): Promise<StepRun> =>
  job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge', inputs });

const bodies = (job: Job): string[] => (job.github.comments.get(7) ?? []).map(({ body }) => body);

describe('the comment of a pull request', () => {
  it('a pull request gets one comment, which is edited in place', async () => {
    const job = await startJob({ files: FILES });
    await plan(job);
    job.world.repo.commit('Bob too', {
      'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'dark' } }),
    });
    await plan(job);
    await plan(job);

    expect(bodies(job)).toEqual([expect.stringContaining('➕ 2 to add')]);
    expect(job.github.writes).toEqual([
      'POST /repos/acme/flags/issues/7/comments',
      expect.stringMatching(/^PATCH \/repos\/acme\/flags\/issues\/comments\/\d+$/),
    ]);
  });

  it('the comment is found on a later page; copies by others are ignored', async () => {
    const job = await startJob({ files: FILES });
    job.github.pageSize = 2;
    await plan(job);
    const [ours] = job.github.comments.get(7) ?? [];
    const others = ['one', 'two', 'three'].map((body) => job.github.addComment(8, body));
    const copied = job.github.addComment(8, ours?.body ?? '', STRANGER);
    job.github.comments.set(7, [copied, ...others, ...(ours ? [ours] : [])]);
    job.world.repo.commit('None', {
      'overrides/production.yaml': overrides({ alice: { 'checkout-v2': false } }),
    });
    const before = copied.body;
    await plan(job);

    expect(copied.body).toBe(before);
    expect(ours?.body).not.toBe(before);
    expect(bodies(job)).toHaveLength(5);
  });

  it('a plan without changes updates an existing comment, but does not add one', async () => {
    const job = await startJob({ files: FILES });
    job.world.touch('checkout-v2', 'alice', true);
    await plan(job);
    expect(bodies(job)).toEqual([]);

    job.world.touch('checkout-v2', 'alice', undefined);
    await plan(job);
    job.world.touch('checkout-v2', 'alice', true);
    const run = await plan(job);
    expect(bodies(job)).toEqual([
      expect.stringContaining('### flagops: merging will change nothing, LaunchDarkly already matches'),
    ]);
    expect(run.outputs['has-changes']).toBe('false');
  });

  it('only the merge into the branch that is applied is said to change something', async () => {
    const job = await startJob({ files: FILES });
    const into = (base: string, inputs: Record<string, string> = {}): Promise<StepRun> =>
      job.run({ event: 'pull_request', payload: pullRequest(7, { base }), inputs });
    const will = / will change 1 override for 1 user in storefront\/production\n/;
    const starts = async (run: Promise<StepRun>): Promise<string> => (await run).summary.split(will)[0] ?? '';
    expect(await starts(into('main'))).toBe('### flagops: merging');
    expect(await starts(into('topic'))).toBe('### flagops: an apply');
    expect(await starts(into('topic', { 'apply-branch': 'topic' }))).toBe('### flagops: merging');
    expect(bodies(job)).toEqual([expect.stringContaining('### flagops: merging')]);
  });

  it('each selection of scopes has its own comment, whose heading names it', async () => {
    const staging = overrides({ bob: { theme: 'dark' } }, { environment: 'staging' });
    const job = await startJob({ files: { ...FILES, 'overrides/staging.yaml': staging } });
    for (const environments of ['staging', 'production', 'staging']) await plan(job, { environments });
    expect(bodies(job)).toEqual([
      expect.stringContaining(
        '### flagops (staging): merging will change 1 override for 1 user in storefront/staging',
      ),
      expect.stringContaining(
        '### flagops (production): merging will change 1 override for 1 user in storefront/production',
      ),
    ]);
    for (const body of bodies(job)) expect(body).not.toMatch(/storefront\/production[^]*storefront\/staging/);
  });

  it('each configuration has its own comment', async () => {
    const job = await startJob({
      files: {
        'one/flagops.yaml': config({ name: 'one', declarations: ['*.decl.yaml'] }),
        'one/a.decl.yaml': overrides({ alice: { 'checkout-v2': true } }),
        'two/flagops.yaml': config({ name: 'two', declarations: ['*.decl.yaml'] }),
        'two/b.decl.yaml': overrides({ bob: { theme: 'dark' } }),
      },
    });
    await plan(job, { 'working-directory': 'one' });
    await plan(job, { 'working-directory': 'two' });
    await plan(job, { config: 'two/flagops.yaml' });
    expect(bodies(job)).toEqual([expect.stringContaining('alice'), expect.stringContaining('bob')]);
  });

  it('every error in the declarations is in the comment and in an annotation at its line', async () => {
    const job = await startJob({
      files: {
        'overrides/a.yaml': overrides({ alice: { 'checkout-v2': true } }, { surprise: 1 }),
        'overrides/b.yaml': 'project: storefront\nenvironment: production\nusers: [alice]\n',
      },
    });
    const run = await plan(job);

    expect(run.code).toBe(1);
    expect(run.annotations).toEqual([
      expect.stringMatching(
        /^error file=overrides\/a\.yaml,line=\d+,col=\d+,title=flagops%3A [\w-]+::.*surprise/,
      ),
      expect.stringMatching(/^error file=overrides\/b\.yaml,line=3,col=\d+,title=/),
    ]);
    expect(bodies(job)).toEqual([
      expect.stringContaining('2 errors in the declarations, merging will change nothing'),
    ]);
    expect(bodies(job)[0]).toContain(
      `https://github.com/acme/flags/blob/${job.world.repo.head}/overrides/b.yaml`,
    );
    expect(run.summary).toContain('2 errors in the declarations, merging will change nothing');
    // The lines of the files are for terminals: here they could contain keys that are to be redacted.
    expect(run.log).not.toContain('users: [alice]');
  });

  it('as many annotations are written as GitHub shows, with a count of the rest', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 23 }, (_, index) => [
        `overrides/${index}.yaml`,
        'project: storefront\nusers: {}\n',
      ]),
    );
    const job = await startJob({ files });
    const run = await plan(job);
    expect(run.annotations).toHaveLength(10);
    expect(run.annotations.at(-1)).toContain('and 14 more');
    expect(run.log.match(/^overrides\/\d+\.yaml:/gm)).toHaveLength(23);
  });

  it('the comment links to the declaring line, the commit and the log', async () => {
    const job = await startJob({ files: FILES });
    await plan(job);
    const commit = job.world.repo.head;
    expect(bodies(job)[0]).toContain(
      `(https://github.com/acme/flags/blob/${commit}/overrides/production.yaml?plain=1#L`,
    );
    expect(bodies(job)[0]).toContain(`(https://github.com/acme/flags/commit/${commit})`);
    expect(bodies(job)[0]).toContain('[log of the run](https://github.com/acme/flags/actions/runs/42)');
  });

  it('the comment shows what merging will do, then guards, warnings, changes and details', async () => {
    const job = await startJob({
      files: {
        'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true }, bob: { theme: 'dark' } }),
        'flagops.yaml': config({}, { limits: { changes: 1 } }),
      },
    });
    job.world.repo.git('remote', 'add', 'origin', '/no/where');
    await plan(job);
    const [body = ''] = bodies(job);
    const found = [
      '<!-- flagops:plan:',
      '### 🛑 flagops: refused, merging will change nothing\n\nIt would change 2 overrides',
      '> Refused: storefront/production: 2 changes, limit 1',
      'accept: ["',
      'the last-applied refs could not be fetched',
      '| ➕&nbsp;',
      '<details><summary>Details',
      '| Scope |',
      'fingerprint `',
    ].map((part) => body.indexOf(part));
    expect(found).not.toContain(-1);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  it('a comment that is too long is cut, with a count of what is left out and a link to the summary, which has all', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [
        `user-${index}-${'x'.repeat(80)}@example.com`,
        { 'checkout-v2': true, theme: 'dark' },
      ]),
    );
    const job = await startJob({ files: { 'overrides/production.yaml': overrides(users) } });
    const run = await plan(job);
    const body = bodies(job)[0] ?? '';
    // A row has the contexts of up to 250 changes.
    const shown = (text: string): number => text.match(/user-\d+-x/g)?.length ?? 0;
    const left = (count: number): string =>
      `**Not shown here: ${(4000 - count).toLocaleString('en-US')} changes.**`;

    expect(run.outputs['adds']).toBe('4000');
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(shown(body)).toBeGreaterThanOrEqual(250);
    expect(body).toContain('<details><summary>');
    expect(body).toContain(
      `${left(shown(body))} See the [summary of the run](https://github.com/acme/flags/actions/runs/42).`,
    );
    expect(Buffer.byteLength(run.summary)).toBeLessThan(1024 * 1024);
    expect(shown(run.summary)).toBe(4000);
    expect(run.summary).not.toContain('Not shown here');
    const file = readFileSync(run.outputs['plan-file'] ?? '', 'utf8');
    expect((JSON.parse(file) as { changes: unknown[] }).changes).toHaveLength(4000);
  });

  it('the comment can be turned off, and is a warning if GitHub refuses it', async () => {
    const job = await startJob({ files: FILES });
    await plan(job, { comment: 'false' });
    expect(job.github.requests).toEqual([]);
    job.github.denied = /POST/;
    const run = await plan(job);
    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([expect.stringMatching(/^warning .*permissions: pull-requests: write/)]);
  });

  it('in a locked conversation, the warning advises no permission', async () => {
    const job = await startJob({ files: FILES });
    const locked = { status: 403, body: { message: 'Unable to create comment because issue is locked.' } };
    job.github.interruptions.push({ answer: { status: 200, body: [] } }, { answer: locked });
    const run = await plan(job);
    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([
      'warning title=flagops::could not write to GitHub: GitHub answered 403 Unable to create comment because issue is locked.',
    ]);
  });

  it('no comment is attempted with a read-only GitHub token, not even for errors', async () => {
    const job = await startJob({ files: { 'README.md': 'nothing' } });
    job.github.denied = /POST/;
    const fork = { event: 'pull_request', payload: pullRequest(7, { fork: true }) };
    const run = await job.run({ ...fork, inputs: { 'access-token': '' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join('\n')).not.toContain('could not write to GitHub');
    expect(job.github.writes).toEqual([]);
  });
});
