import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Run, startCli } from '../support/cli.js';
import { type GitServer, startGitServer } from '../support/git-server.js';
import { REPOSITORY } from '../support/github.js';
import { behindProxy, hasOpenssl } from '../support/proxy.js';
import { temporaryFolder, type TestRepository } from '../support/repository.js';
import { overrides, startWorld, type World } from '../support/world.js';
import { blockOf } from './support/pages.js';

// The pipelines of docs/other-ci.md: their commands run in clones like those that GitLab and Jenkins make. Refs of a
// LaunchDarkly on this machine are not pushed, so the simulator is reached under LaunchDarkly's name.

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/other-ci.md';
const PUSH_TOKEN = 'glpat-thetokenthatmaypush';
const REF = 'refs/flagops/applied/app.launchdarkly.com/default/storefront/production';

/** A LaunchDarkly, and a git server whose branch declares one override and has two commits. */
class Origin {
  readonly world: World;
  readonly server: GitServer;
  readonly #env: Readonly<Record<string, string>>;

  constructor(world: World, server: GitServer, env: Readonly<Record<string, string>>) {
    this.world = world;
    this.server = server;
    this.#env = env;
  }

  /** A clone with a detached HEAD. `origin` needs a credential, unless there is another URL for it. */
  checkout(url = `https://git.example.com/${REPOSITORY}.git`, depth?: number): TestRepository {
    const workspace = this.server.checkout(depth === undefined ? {} : { depth });
    workspace.git('checkout', '--quiet', '--detach');
    workspace.git('remote', 'set-url', 'origin', url);
    return workspace;
  }

  /** Runs the commands of a job, which stop at the first that fails. */
  run(
    { path }: TestRepository,
    commands: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Run> {
    const script = commands.map((line) => line.replaceAll('/opt/flagops', ROOT)).join('\n');
    return startCli(['-e', '-c', script], {
      command: 'sh',
      cwd: path,
      env: {
        ...this.#env,
        GIT_SSL_CAINFO: this.#env['NODE_EXTRA_CA_CERTS'],
        GIT_CONFIG_GLOBAL: undefined,
        GIT_TERMINAL_PROMPT: '0',
        HOME: temporaryFolder(),
        ...env,
      },
    }).done;
  }
}

async function startOrigin(): Promise<Origin> {
  const world = await startWorld({
    files: { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) },
    simulator: { hosts: ['app.launchdarkly.com'] },
  });
  world.repo.commit('Another');
  const server = await startGitServer(PUSH_TOKEN, 'flagops');
  world.repo.git('push', '--quiet', server.bare.path, 'HEAD:refs/heads/main');
  symlinkSync(server.bare.path, `${server.bare.path}.git`);
  const hosts = { 'app.launchdarkly.com': world.url, 'git.example.com': server.url };
  return new Origin(world, server, await behindProxy(hosts));
}

/**
 * What every pair of jobs for a pull request and for the main branch does.
 * @returns what the server has as last applied
 */
async function planAndApply(
  origin: Origin,
  plan: () => Promise<Run>,
  apply: () => Promise<Run>,
): Promise<Record<string, string>> {
  const { world, server } = origin;
  const planned = await plan();
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('Plan: 1 to add') as string });
  // For example that the refs cannot be fetched.
  expect(`${planned.stdout}${planned.stderr}`).not.toContain('warning');
  expect(world.writes).toEqual([]);

  const applied = await apply();
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied 1 of 1') as string });
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(`${applied.stdout}${applied.stderr}`).not.toContain(PUSH_TOKEN);
  return server.applied;
}

describe.skipIf(!hasOpenssl)('GitLab', () => {
  interface Job {
    readonly rules: readonly { readonly if: string }[];
    readonly script: readonly string[];
  }
  interface Pipeline {
    readonly variables: Readonly<Record<string, string>>;
    readonly plan: Job;
    readonly apply: Job;
  }
  const { variables, plan, apply } = parse(blockOf(PAGE, 'yaml', 'GIT_DEPTH')) as Pipeline;
  /** The token of the job, which GitLab puts into the URL of `origin`, can fetch, and cannot push. */
  const run = (origin: Origin, { script }: Job, token: string, depth?: number): Promise<Run> =>
    origin.run(origin.checkout(`file://${origin.server.bare.path}`, depth), script, {
      CI: 'true',
      CI_SERVER_HOST: 'git.example.com',
      CI_PROJECT_PATH: REPOSITORY,
      LAUNCHDARKLY_ACCESS_TOKEN: token,
      PUSH_TOKEN,
    });

  it('plans with a reader token, applies, and pushes the ref with the other token', async () => {
    const origin = await startOrigin();
    const applied = await planAndApply(
      origin,
      () => run(origin, plan, 'api-reader'),
      () => run(origin, apply, 'api-writer'),
    );
    expect(applied).toEqual({ [REF]: origin.world.repo.head });
  });

  it('applies one at a time and to the end, on the default branch only', () => {
    expect(plan.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    expect(apply).toMatchObject({
      rules: [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }],
      resource_group: 'flagops',
      interruptible: false,
    });
  });

  it('clones everything, because a shallow clone stops', async () => {
    expect(variables).toEqual({ GIT_DEPTH: '0' });
    const shallow = await run(await startOrigin(), plan, 'api-reader', 1);
    expect(shallow).toMatchObject({ code: 1, stderr: expect.stringContaining('shallow') as string });
  });
});

describe.skipIf(!hasOpenssl)('Jenkins', () => {
  const pipeline = blockOf(PAGE, 'groovy');
  const stages = new Map(
    pipeline
      .split(/^ {4}stage\('/m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf("'")), text]),
  );
  const stage = (name: string): string => stages.get(name) ?? '';
  const steps = (name: string): string[] =>
    [...stage(name).matchAll(/\bsh '([^']*)'/g)].map(([, line = '']) => line);

  it('plans with a reader token, applies, and pushes the ref with the credential', async () => {
    const origin = await startOrigin();
    // What the step `gitUsernamePassword` sets.
    const askpass = join(temporaryFolder(), 'askpass');
    writeFileSync(
      askpass,
      `#!/bin/sh\ncase $1 in Username*) echo flagops ;; *) echo ${PUSH_TOKEN} ;; esac\n`,
    );
    chmodSync(askpass, 0o755);
    const run = (name: string, token: string): Promise<Run> =>
      origin.run(origin.checkout(), steps(name), { LAUNCHDARKLY_ACCESS_TOKEN: token, GIT_ASKPASS: askpass });
    const applied = await planAndApply(
      origin,
      () => run('plan', 'api-reader'),
      () => run('apply', 'api-writer'),
    );
    expect(applied).toEqual({ [REF]: origin.world.repo.head });
  });

  it('applies one at a time, on the main branch only, and plans without the writer token', () => {
    expect(pipeline).toContain('options { disableConcurrentBuilds() }');
    expect([...stages.keys()]).toEqual(['plan', 'apply']);
    expect(stage('plan')).toContain('when { changeRequest() }');
    expect(stage('plan')).toContain("credentials('launchdarkly-reader')");
    expect(stage('apply')).toContain("when { branch 'main' }");
    expect(stage('apply')).toContain("credentials('launchdarkly-writer')");
    expect(stage('plan')).toContain("gitUsernamePassword(credentialsId: 'git-reader')");
    expect(stage('apply')).toContain("gitUsernamePassword(credentialsId: 'git-writer')");
  });

  it('closes every brace and parenthesis of the pipeline', () => {
    const open: string[] = [];
    const closing: Readonly<Record<string, string>> = { '}': '{', ')': '(', ']': '[' };
    for (const [character] of pipeline.replaceAll(/'[^']*'/g, '').matchAll(/[{}()[\]]/g)) {
      const expected = closing[character];
      if (expected === undefined) open.push(character);
      else expect(open.pop()).toBe(expected);
    }
    expect(open).toEqual([]);
  });
});

it('the example for pre-commit names a hook that the repository has', () => {
  const { repos } = parse(blockOf(PAGE, 'yaml', 'repos:')) as {
    repos: readonly { hooks: readonly { id: string }[] }[];
  };
  const hooks = parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) as readonly {
    id: string;
  }[];
  expect(repos.flatMap(({ hooks: used }) => used.map(({ id }) => id))).toEqual(hooks.map(({ id }) => id));
});
