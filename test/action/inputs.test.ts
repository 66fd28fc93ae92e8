import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readInputs } from '../../src/github/inputs.js';
import { pullRequest, startJob } from '../support/action.js';
import { temporaryFolder } from '../support/repository.js';
import { read } from '../support/workflows.js';
import { config, overrides } from '../support/world.js';

const ALICE = { 'overrides/a.yaml': overrides({ alice: { 'checkout-v2': true } }) };
const BOB = { 'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }) };

describe('the inputs', () => {
  const { inputs } = parse(read('action.yml')) as {
    inputs: Record<string, { description: string; default?: string; required: boolean }>;
  };

  it('the inputs have the defaults that action.yml declares, and none is required', () => {
    const defaults = Object.entries(inputs).flatMap(([name, { default: value }]) =>
      value === undefined || value.startsWith('${{') ? [] : [[`INPUT_${name.toUpperCase()}`, value]],
    );
    expect(defaults.length).toBeGreaterThan(6);
    expect(readInputs(Object.fromEntries(defaults) as Record<string, string>)).toEqual(readInputs({}));
    for (const { required, description } of Object.values(inputs)) {
      expect(required).toBe(false);
      expect(description).not.toBe('');
    }
  });

  it('inputs are trimmed, and empty inputs are ignored', () => {
    const given = readInputs({
      'INPUT_ACCESS-TOKEN': ' api-writer \n',
      INPUT_COMMAND: '',
      INPUT_FORCE: 'TRUE',
      'INPUT_APPLY-BRANCH': 'refs/heads/release/2',
      'INPUT_BASE-URL': '  ',
    });
    expect(given).toMatchObject({
      accessToken: 'api-writer',
      command: undefined,
      force: true,
      applyBranch: 'release/2',
      baseUrl: undefined,
    });
  });

  it.each(['access-token', 'github-token', 'redact-salt'])(
    'a value of %s that is too short to be masked is refused',
    (name) => {
      const env = { 'INPUT_REDACT-KEYS': 'true', 'INPUT_REDACT-SALT': 'long enough a salt' };
      expect(() => readInputs({ ...env, [`INPUT_${name.toUpperCase()}`]: 'seven77' })).toThrow(
        `the input ${name} has fewer than 8 characters`,
      );
    },
  );
});

describe('the inputs of a step', () => {
  it('the access token and the base URL may come from the environment', async () => {
    const job = await startJob({ files: ALICE });
    const run = await job.run({
      event: 'push',
      inputs: { 'access-token': undefined, 'base-url': undefined },
      env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', LAUNCHDARKLY_BASE_URL: job.world.url },
    });
    expect(run.outputs['applied']).toBe('1');
    expect(run.log).toContain('::add-mask::api-writer\n');
  });

  it('a base URL in the configuration that is not LaunchDarkly needs the input base-url, also for this machine', async () => {
    const job = await startJob({ git: true });
    job.world.repo.commit('Start', { ...ALICE, 'flagops.yaml': config({ baseUrl: job.world.url }) });
    job.github.tips.set('main', job.world.repo.head);
    const run = await job.run({ event: 'workflow_dispatch', inputs: { 'base-url': undefined } });
    expect(run.annotations.join()).toContain("flagops.yaml:2:10 is not one of LaunchDarkly's hosts");
    expect(job.world.simulator.requests).toEqual([]);
  });

  it('projects and environments select scopes: only those are applied and recorded', async () => {
    const staging = overrides({ bob: { theme: 'dark' } }, { environment: 'staging' });
    const job = await startJob({ files: { ...ALICE, 'overrides/staging.yaml': staging } });
    const run = await job.run({
      event: 'push',
      inputs: { projects: 'store*', environments: 'production,\n' },
    });
    expect(run.outputs).toMatchObject({ applied: '1', 'exit-code': '0' });
    expect(job.world.ref('production')).toBe(job.world.repo.head);
    expect(job.world.ref('staging')).toBeUndefined();
    expect(job.world.simulator.requests.some(({ path }) => path.includes('staging'))).toBe(false);
  });

  it('plan-file limits an apply to the changes of that plan', async () => {
    const job = await startJob({ files: ALICE });
    const planned = await job.run({
      event: 'workflow_dispatch',
      inputs: { 'plan-file': '../reviewed.json' },
    });
    job.world.repo.commit('Bob too', BOB);
    job.github.tips.set('main', job.world.repo.head);
    const inputs = { 'plan-file': planned.outputs['plan-file'] };
    const refused = await job.run({ event: 'push', inputs });
    expect(refused.code).toBe(4);
    expect(job.world.writes).toEqual([]);

    job.world.repo.commit('Not Bob', { 'overrides/b.yaml': null });
    job.github.tips.set('main', job.world.repo.head);
    const applied = await job.run({ event: 'push', inputs });
    expect(applied.outputs).toMatchObject({ applied: '1', 'exit-code': '0' });

    const redacted = await job.run({
      event: 'push',
      inputs: { ...inputs, 'redact-keys': 'true', 'redact-salt': 'a-salt-of-thirty-two-characters!' },
    });
    expect(redacted.code).toBe(1);
    expect(redacted.annotations.join()).toContain('apply cannot use a plan file with redacted keys');
  });

  it('a plan file is not written through a link', async () => {
    const job = await startJob();
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, join(job.world.repo.path, 'plan.json'));
    symlinkSync(dirname(victim), join(job.world.repo.path, 'reports'));
    job.world.repo.commit('Start', ALICE);
    for (const [file, reason] of [
      ['plan.json', 'it is a symbolic link'],
      ['reports/victim', '.*/reports is a symbolic link inside a repository'],
    ] as const) {
      for (const command of ['plan', 'drift']) {
        const inputs = { 'plan-file': file, command };
        const run = await job.run({ event: 'workflow_dispatch', inputs });
        expect(run.code).toBe(1);
        expect(run.annotations.join()).toMatch(
          new RegExp(`cannot write .*${file}: ${reason} \\(name another file with plan-file\\)`),
        );
        expect(run.outputs['plan-file']).toBe('');
      }
    }
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });

  it('a plan file that cannot be written or read is an error', async () => {
    const job = await startJob({ files: ALICE });
    const nowhere = await job.run({ event: 'workflow_dispatch', inputs: { 'plan-file': 'no/where.json' } });
    expect(nowhere.code).toBe(1);
    expect(nowhere.annotations.join()).toMatch(
      /cannot write .*no\/where\.json: ENOENT \(name another file with plan-file\)/,
    );
    const missing = await job.run({ event: 'push', inputs: { 'plan-file': 'missing.json' } });
    expect(missing.code).toBe(1);
    expect(job.world.writes).toEqual([]);
  });

  it('allow-empty lets a repository without declarations pass', async () => {
    const job = await startJob({ files: { 'README.md': 'nothing yet' } });
    const refused = await job.run({ event: 'workflow_dispatch' });
    expect(refused.code).toBe(1);
    expect(refused.annotations.join()).toContain('no file matches');
    const allowed = await job.run({ event: 'workflow_dispatch', inputs: { 'allow-empty': 'true' } });
    expect(allowed.code).toBe(0);
    expect(allowed.outputs['has-changes']).toBe('false');
  });

  it('config and working-directory select a configuration', async () => {
    const job = await startJob({
      files: {
        ...ALICE,
        'other/flagops.yaml': config({ name: 'other' }),
        'other/overrides/b.yaml': BOB['overrides/b.yaml'],
      },
    });
    const named = await job.run({ event: 'workflow_dispatch', inputs: { config: 'other/flagops.yaml' } });
    const inside = await job.run({ event: 'workflow_dispatch', inputs: { 'working-directory': 'other' } });
    expect([named.outputs['adds'], named.outputs['fingerprint']]).toEqual([
      '1',
      inside.outputs['fingerprint'],
    ]);
    const none = await job.run({ event: 'workflow_dispatch', inputs: { config: 'none.yaml' } });
    expect(none.code).toBe(1);
    expect(none.annotations.join()).toContain('the configuration none.yaml does not exist');
  });

  it('pull requests of Dependabot, which have no secrets, are only validated', async () => {
    const job = await startJob({ files: ALICE });
    const payload = { ...pullRequest(7), sender: { login: 'dependabot[bot]' } };
    const run = await job.run({ event: 'pull_request', payload, inputs: { 'access-token': '' } });
    expect(run.code).toBe(0);
    expect(run.annotations.join()).toContain('GitHub gives no secrets to Dependabot');
    expect(job.world.simulator.requests).toEqual([]);
  });

  it('a push by Dependabot fails with the advice to start the workflow by hand', async () => {
    const job = await startJob({ files: ALICE });
    const repository = { full_name: 'acme/flags', default_branch: 'main' };
    const payload = { repository, sender: { login: 'dependabot[bot]' } };
    const run = await job.run({ event: 'push', payload, inputs: { 'access-token': '' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('start the workflow by hand');
  });

  it('a missing variable of the runner is reported in one line', async () => {
    const job = await startJob({ files: ALICE });
    const run = await job.run({ event: 'push', env: { GITHUB_REPOSITORY: '' } });
    expect(run.code).toBe(1);
    expect(run.annotations).toEqual([expect.stringContaining('GITHUB_REPOSITORY is not set')]);
    const payload = await job.run({ event: 'push', env: { GITHUB_EVENT_PATH: '/no/where.json' } });
    expect(payload.annotations).toEqual([
      expect.stringContaining("the event's payload /no/where.json cannot be read"),
    ]);
  });
});
