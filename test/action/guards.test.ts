import { describe, expect, it } from 'vitest';
import { type Job, pullRequest, startJob, type StepRun } from '../support/action.js';
import { config, overrides, type Settings } from '../support/world.js';

const FILE = 'overrides/production.yaml';
const OTHER = 'overrides/other.yaml';
const ALICE: Settings = { alice: { theme: 'dark' } };
const BOB: Settings = { bob: { theme: 'dark' } };

const plan = (job: Job, inputs: Record<string, string> = {}): Promise<StepRun> =>
  job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge', inputs });

const body = (job: Job): string | undefined => job.github.comments.get(7)?.[0]?.body;

describe('a pull request whose branch is behind main', () => {
  /** `topic` starts at the first commit; since then, main has a second one, which was applied. */
  async function behind(): Promise<Job> {
    const job = await startJob({ files: { [FILE]: overrides(ALICE) } });
    const { repo } = job.world;
    repo.branch('topic');
    repo.commit('Carol too', { 'overrides/carol.yaml': overrides({ carol: { theme: 'light' } }) });
    repo.switch('main');
    repo.commit('Bob too', { [OTHER]: overrides(BOB) });
    job.world.applied({ ...ALICE, ...BOB });
    return job;
  }

  it('the merge commit that GitHub checks out contains main, so the plan is not a rewind', async () => {
    const job = await behind();
    const { repo } = job.world;
    repo.git('checkout', '--quiet', '--detach', 'main');
    repo.merge('topic', 'Merge topic into main');
    const run = await plan(job);
    expect([run.code, run.annotations]).toEqual([0, []]);
    expect(run.outputs).toMatchObject({ adds: '1', removals: '0' });
    expect(body(job)).toContain(
      '### flagops: merging will change 1 override for 1 user in storefront/production\n\n➕ 1 to add\n',
    );
  });

  it('a merge commit that is older than the last apply is refused, and says what to do', async () => {
    const job = await behind();
    const { repo } = job.world;
    repo.git('checkout', '--quiet', '--detach', 'main~1');
    repo.merge('topic', 'Merge topic into main as it was');
    const run = await plan(job);
    expect(run.code).toBe(4);
    const id = job.world.ref()?.slice(0, 12) ?? '';
    expect(run.annotations).toEqual([
      expect.stringContaining(`refused: HEAD does not contain ${id}, which was last applied`),
      expect.stringMatching(/^warning .*would be undone \(merge or rebase first\)/),
    ]);
    expect(body(job)).toContain('### 🛑 flagops: refused, merging will change nothing\n');
    expect(body(job)).toContain(
      'It would change 2 overrides for 2 users in storefront/production: ➕ 1 to add · ➖ 1 to remove.',
    );
    expect(body(job)).toContain('Lifted by merging or rebasing the branch');
    expect(body(job)).toContain(`Refused: HEAD does not contain ${id}`);
  });

  it('a schedule on an older commit still reports drift', async () => {
    const job = await behind();
    job.world.repo.git('checkout', '--quiet', '--detach', 'main~1');
    const run = await job.run({ event: 'schedule' });
    expect(run.code).toBe(0);
  });
});

describe('a pull request that loosens the configuration', () => {
  it('a loosening without any change is at the top of the comment, in the summary and an annotation', async () => {
    const job = await startJob({ files: { [FILE]: overrides(ALICE), 'flagops.yaml': config({}, {}) } });
    job.world.applied(ALICE);
    job.world.repo.commit('Loosen', {
      'flagops.yaml': config({}, { prune: 'contexts', limits: { removals: '80%' } }),
    });
    const run = await plan(job);
    expect(run.code).toBe(0);
    const lines = [
      'oosened: storefront/production prune, from owned to contexts',
      'oosened: storefront/production limits.removals, from 30% to 80%',
    ];
    expect(run.annotations.map((text) => text.replaceAll('%25', '%'))).toEqual(
      lines.map((line) => expect.stringMatching(new RegExp(`^warning .*l${line}`)) as string),
    );
    const blocks =
      body(job)
        ?.split('\n')
        .filter((line) => line.startsWith('> ')) ?? [];
    expect(blocks).toEqual([
      '> [!WARNING]',
      expect.stringContaining(lines[0] ?? ''),
      expect.stringContaining(lines[1] ?? ''),
    ]);
    expect(run.summary).toContain(lines[1]);
  });

  it('a renamed configuration is refused, and the input allow-loosened lifts that', async () => {
    const job = await startJob({ files: { [FILE]: overrides(ALICE) } });
    job.world.applied(ALICE);
    const files = { [OTHER]: overrides(BOB), 'flagops.yaml': config({ name: 'shop' }) };
    job.github.tips.set('main', job.world.repo.commit('Rename', files));
    expect((await plan(job)).code).toBe(4);
    expect((await job.run({ event: 'push', inputs: { force: 'true' } })).code).toBe(4);
    expect(job.world.writes).toEqual([]);
    const run = await job.run({ event: 'push', inputs: { 'allow-loosened': 'true' } });
    expect([run.code, run.outputs['applied']]).toEqual([0, '1']);
    expect(run.summary).toContain('Lifted: ');
  });

  it('redact-keys hides the contexts that are no longer protected', async () => {
    const protect = { contexts: ['user:ceo', 'user:*@example.com'] };
    const job = await startJob({
      files: { [FILE]: overrides(ALICE), 'flagops.yaml': config({}, { protect }) },
    });
    job.world.applied(ALICE);
    job.world.repo.commit('Loosen', { 'flagops.yaml': config({}, {}) });
    const run = await plan(job, { 'redact-keys': 'true', 'redact-salt': 'a salt that is long enough' });
    for (const text of [run.log, run.summary, body(job) ?? '']) {
      expect(text).toMatch(/protect\.contexts, from .*hmac:[0-9a-f]{12}, .*hmac:[0-9a-f]{12}/);
      expect(text).not.toMatch(/ceo|example\.com/);
    }
  });
});
