import { describe, expect, it } from 'vitest';
import {
  type Job,
  NODE_24,
  pullRequest,
  startJob,
  type StepOptions,
  type StepRun,
} from '../support/action.js';
import { behindProxy, hasOpenssl } from '../support/proxy.js';
import { type CheckoutOptions, type GitServer, startGitServer } from '../support/git-server.js';
import { GITHUB_TOKEN } from '../support/github.js';
import type { TestRepository } from '../support/repository.js';
import { overrides } from '../support/world.js';

const REF = 'refs/flagops/applied/app.launchdarkly.com/default/storefront/production';
const ALICE = { alice: { 'checkout-v2': true } };
const BOTH = { ...ALICE, bob: { theme: 'dark' } };
const declared = (users: Parameters<typeof overrides>[0]): Record<string, string> => ({
  'overrides/production.yaml': overrides(users),
});

/** A repository on a GitHub that needs a token, and a LaunchDarkly; flagops reaches both through a proxy. */
class Origin {
  readonly job: Job;
  readonly server: GitServer;
  readonly #env: Record<string, string>;

  constructor(job: Job, server: GitServer, env: Record<string, string>) {
    this.job = job;
    this.server = server;
    this.#env = env;
  }

  /** Commits, and pushes to main at GitHub. */
  push(message: string, files: Record<string, string>): string {
    const { repo } = this.job.world;
    const id = repo.commit(message, files);
    repo.git('push', '--quiet', `file://${this.server.bare.path}`, 'HEAD:refs/heads/main');
    this.job.github.tips.set('main', id);
    return id;
  }

  /** Checks out, and runs the Action in the checkout. */
  async run(
    options: StepOptions,
    checkout: CheckoutOptions = {},
  ): Promise<StepRun & { workspace: TestRepository }> {
    const workspace = this.server.checkout(checkout);
    const run = await this.job.run({
      ...options,
      folder: workspace.path,
      inputs: { 'base-url': undefined, ...options.inputs },
      env: { GITHUB_SERVER_URL: this.server.url, ...this.#env, ...options.env },
    });
    return { ...run, workspace };
  }
}

async function startOrigin(): Promise<Origin> {
  const job = await startJob({ simulator: { hosts: ['app.launchdarkly.com'] } });
  const server = await startGitServer(GITHUB_TOKEN);
  const hosts = { 'app.launchdarkly.com': job.world.url, 'api.github.com': job.github.url };
  return new Origin(job, server, { ...(await behindProxy(hosts)), GITHUB_API_URL: 'https://api.github.com' });
}

describe.skipIf(NODE_24 === undefined || !hasOpenssl)('a shallow checkout', () => {
  it('a shallow checkout gets the rest of history with github-token, which is not written to disk', async () => {
    const origin = await startOrigin();
    origin.push('Bob likes it dark', declared(BOTH));
    expect((await origin.run({ event: 'push' })).outputs['applied']).toBe('2');
    origin.push('Bob is done', declared(ALICE));

    const run = await origin.run({ event: 'push' }, { depth: 1 });

    expect(run.annotations).toEqual([]);
    expect(run.outputs).toMatchObject({ removals: '1', applied: '1', 'exit-code': '0' });
    expect(origin.job.world.comments.at(-1)).toContain('Bob is done');
    expect(run.workspace.git('rev-parse', '--is-shallow-repository')).toBe('false');
    expect(origin.server.services).toContain('upload-pack');
    expect(origin.server.refused).toEqual([]);
  });

  it('a shallow checkout of a merge commit that is on no branch gets the rest of history', async () => {
    const origin = await startOrigin();
    origin.push('Alice tries it', declared(ALICE));
    const { repo } = origin.job.world;
    repo.branch('topic');
    repo.commit('Bob too', declared(BOTH));
    repo.switch('main');
    repo.merge('topic', 'Merge topic into main');
    repo.git('push', '--quiet', `file://${origin.server.bare.path}`, 'HEAD:refs/pull/7/merge');

    const run = await origin.run(
      { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' },
      { ref: 'refs/pull/7/merge', depth: 1 },
    );
    expect(run.annotations).toEqual([]);
    expect(run.outputs['adds']).toBe('2');
    const comment = origin.job.github.comments.get(7)?.[0]?.body;
    for (const subject of ['Alice tries it', 'Bob too']) expect(comment).toContain(subject);
  });

  it.each([
    ['a token that GitHub rejects', { 'github-token': 'ghs_anothertoken9876543210' }, /could not be fetched/],
    ['no token', { 'github-token': undefined }, /could not be fetched/],
  ])(
    'a shallow checkout with %s stays shallow: a warning, then an error with the advice to set fetch-depth',
    async (_, inputs, warning) => {
      const origin = await startOrigin();
      origin.push('Alice tries it', declared(ALICE));
      origin.push('Bob too', declared(BOTH));
      const run = await origin.run({ event: 'workflow_dispatch', inputs }, { depth: 1 });
      expect(run.code).toBe(1);
      expect(run.annotations.join('\n')).toMatch(warning);
      expect(run.annotations.join('\n')).toContain('fetch-depth: 0');
      expect(origin.server.refused).not.toEqual([]);
      expect(origin.job.world.writes).toEqual([]);
    },
  );
});

describe.skipIf(NODE_24 === undefined || !hasOpenssl)('a runner behind a proxy', () => {
  it('the Action reaches GitHub and LaunchDarkly through the proxy in HTTPS_PROXY', async () => {
    const origin = await startOrigin();
    origin.push('Alice tries it', declared(ALICE));
    const run = await origin.run({ event: 'pull_request', payload: pullRequest(7) });
    expect(run.annotations).toEqual([]);
    expect(origin.job.github.comments.get(7)).toHaveLength(1);
    const unreachable = await origin.run({ event: 'push', env: { HTTPS_PROXY: 'http://127.0.0.1:1' } });
    expect(unreachable.code).toBe(1);
    expect(unreachable.annotations.join()).toContain(
      "GitHub's API at https://api.github.com does not answer",
    );
    const wrong = await origin.run({ event: 'push', env: { HTTPS_PROXY: 'nonsense' } });
    expect(wrong.annotations.join()).toContain('the proxy in HTTPS_PROXY or HTTP_PROXY is not a valid URL');
  });
});

describe.skipIf(NODE_24 === undefined || !hasOpenssl)('the last-applied refs', () => {
  it('the applied commit is recorded at GitHub, where the next run finds it', async () => {
    const origin = await startOrigin();
    const first = origin.push('Alice tries it', declared(ALICE));
    const run = await origin.run({ event: 'push' });
    expect(run.annotations).toEqual([]);
    expect(origin.server.applied).toEqual({ [REF]: first });

    const second = origin.push('Bob too', declared(BOTH));
    const again = await origin.run({ event: 'push' });
    expect(again.log).toContain(`last applied ${first.slice(0, 12)}`);
    expect(origin.server.applied).toEqual({ [REF]: second });
    expect(origin.server.refused).toEqual([]);
  });

  it('re-running a job for an older commit undoes nothing', async () => {
    const origin = await startOrigin();
    const old = origin.push('Bob likes it dark', declared(BOTH));
    origin.server.bare.git('update-ref', 'refs/pull/1/head', old);
    const tip = origin.push('Bob is done', declared(ALICE));
    await origin.run({ event: 'push' });
    origin.job.world.simulator.forgetRequests();

    const again = await origin.run({ event: 'push' }, { ref: 'refs/pull/1/head' });
    expect(again.outputs).toMatchObject({ applied: '0', 'has-changes': 'false', 'exit-code': '0' });
    expect(again.annotations).toEqual([
      expect.stringContaining(
        `main is at ${tip.slice(0, 12)}, but this run checked out ${old.slice(0, 12)}; the run for the newer commit applies it`,
      ),
    ]);
    expect(origin.job.world.simulator.requests).toEqual([]);
    expect(origin.server.applied).toEqual({ [REF]: tip });
  });

  it('the applied commit is not recorded if record-applied is false, but the attempt is', async () => {
    const origin = await startOrigin();
    origin.push('Alice tries it', declared(ALICE));
    const run = await origin.run({ event: 'push', inputs: { 'record-applied': 'false' } });
    expect(run.outputs['applied']).toBe('1');
    expect(run.annotations).toEqual([]);
    expect(origin.server.applied).toEqual({});
    expect(origin.server.bare.git('for-each-ref', '--format=%(refname)', 'refs/flagops/attempts')).toMatch(
      /^refs\/flagops\/attempts\/app\.launchdarkly\.com\/default\/storefront\/production\/[0-9a-f]{16}$/,
    );
  });

  it('nothing is written if refs cannot be pushed, unless record-applied is false: then it is a warning', async () => {
    const origin = await startOrigin();
    origin.push('Alice tries it', declared(ALICE));
    origin.server.denied = 'receive-pack';
    const run = await origin.run({ event: 'push' });
    expect(run.code).toBe(1);
    expect(run.annotations).toEqual([
      expect.stringMatching(
        /^error .*nothing was written, .* could not push its attempt \(remote origin\): .*403.*contents: write/,
      ),
    ]);
    expect(origin.job.world.live('theme', 'alice')).toBeUndefined();

    const unrecorded = await origin.run({ event: 'push', inputs: { 'record-applied': 'false' } });
    expect(unrecorded.code).toBe(0);
    expect(unrecorded.outputs).toMatchObject({ applied: '1', 'exit-code': '0' });
    expect(unrecorded.annotations).toEqual([
      expect.stringMatching(/^warning .*the attempt could not be pushed \(remote origin\): .*403/),
    ]);
    expect(origin.server.applied).toEqual({});
  });

  it('a ref that another run moved between fetch and push is not overwritten, and the exit code is 3', async () => {
    const origin = await startOrigin();
    origin.push('Alice tries it', declared(ALICE));
    await origin.run({ event: 'push' });
    origin.push('Bob too', declared(BOTH));
    const { bare } = origin.server;
    const theirs = bare.git(
      '-c',
      'user.name=Dana',
      '-c',
      'user.email=dana@example.com',
      'commit-tree',
      '-m',
      'Theirs',
      'main^{tree}',
    );
    origin.server.before = (service) => {
      if (service === 'receive-pack') bare.git('update-ref', REF, theirs);
    };
    const run = await origin.run({ event: 'push' });
    expect(run.code).toBe(3);
    expect(run.outputs['applied']).toBe('1');
    expect(run.annotations).toEqual([
      expect.stringMatching(
        /^error .*not recorded: another commit \(.*\) was applied to storefront\/production/,
      ),
    ]);
    expect(run.summary).toContain('not recorded: another commit');
    expect(origin.server.applied).toEqual({ [REF]: theirs });
  });
});
