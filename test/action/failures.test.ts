import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_24, pullRequest, startJob } from '../support/action.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { ACTION } from '../support/built.js';
import { config, overrides } from '../support/world.js';
import { storefrontSeed } from '../support/seeds.js';

const hasFullDevice = existsSync('/dev/full');
if (!hasFullDevice) console.warn('skipped: there is no /dev/full to simulate a full disk');

const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };
const EMPTY_OUTPUTS = {
  'has-changes': 'false',
  adds: '0',
  updates: '0',
  removals: '0',
  applied: '0',
  failed: '0',
  unknown: '0',
  fingerprint: '',
  'plan-file': '',
  'exit-code': '1',
};

describe('a run with failures', () => {
  it('the Action applies nothing if the plan file cannot be written', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push', env: { RUNNER_TEMP: '/no/where' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toMatch(/cannot write \/no\/where\/flagops-.*RUNNER_TEMP/);
    expect(run.outputs).toEqual(EMPTY_OUTPUTS);
    expect(job.world.writes).toEqual([]);
  });

  it('the Action succeeds with a warning if the summary cannot be written', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push', env: { GITHUB_STEP_SUMMARY: '/no/where' } });
    expect(run.code).toBe(0);
    expect(run.outputs).toMatchObject({ applied: '1', 'exit-code': '0' });
    expect(run.annotations).toEqual([
      expect.stringContaining('warning title=flagops::the summary cannot be written to /no/where: '),
    ]);
  });

  it('the Action fails if the outputs cannot be written, since later steps read them', async () => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'workflow_dispatch', env: { GITHUB_OUTPUT: '/no/where/output' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('the outputs cannot be written to /no/where/output: ENOENT');
    const wrong = await job.run({
      event: 'push',
      inputs: { force: 'yes' },
      env: { GITHUB_OUTPUT: '/no/where/output' },
    });
    expect(wrong.code).toBe(1);
    expect(wrong.annotations).toHaveLength(2);
    const applied = await job.run({ event: 'push', env: { GITHUB_OUTPUT: '/no/where/output' } });
    expect(applied.code).toBe(3);
    expect(job.world.writes).toHaveLength(1);
    const idle = await job.run({ event: 'push', env: { GITHUB_OUTPUT: '/no/where/output' } });
    expect(idle.code).toBe(1);
  });

  it('the Action exits with 3 if the report of an apply cannot be written to the log, and with 1 if nothing was written', async () => {
    const job = await startJob({ files: FILES });
    const onLog = (text: string): void => {
      if (/Applied 1 of 1|Nothing to apply/.test(text)) throw new Error('the log is closed');
    };
    const run = await job.run({ event: 'push', onLog });
    expect(job.world.writes).toHaveLength(1);
    expect(run).toMatchObject({ code: 3, outputs: { 'exit-code': '3' } });
    expect(run.annotations.join()).toContain('the log is closed');
    const idle = await job.run({ event: 'push', onLog });
    expect(idle).toMatchObject({ code: 1, outputs: { 'exit-code': '1' } });
  });

  it('the Action counts and annotates changes whose outcome is unknown', async () => {
    const job = await startJob({ files: { ...FILES, 'flagops.yaml': config({ api: 'contexts' }) } });
    const { faults } = job.world.simulator;
    faults.add(parseFault('reset-after,once,method=PUT'));
    faults.add(parseFault('status=410,every=2,method=PUT'));
    job.world.simulator.world.onChange(() => void faults.add(parseFault('api-version,method=GET')));
    const run = await job.run({ event: 'push' });
    expect(run.code).toBe(3);
    expect(run.outputs).toMatchObject({ applied: '0', failed: '0', unknown: '1', 'exit-code': '3' });
    expect(run.annotations).toEqual([
      expect.stringMatching(
        /^error .*unknown: checkout-v2 for user "alice": .*looking the override up failed/,
      ),
      expect.stringMatching(/^error .*This version of the API/),
    ]);
    expect(run.summary).toContain('### 🛑 flagops: applied 0 of 1 change, 1 unknown\n');
  });

  it.each([
    ['an input is invalid', { inputs: { force: 'yes' } }],
    ['the configuration is missing', { inputs: { config: 'none.yaml' } }],
    ['the salt is missing', { inputs: { 'redact-keys': 'true' } }],
    ['this is not a runner', { env: { GITHUB_WORKSPACE: '' } }],
  ])('the Action sets all outputs if %s', async (_, options) => {
    const job = await startJob({ files: FILES });
    const run = await job.run({ event: 'push', ...options });
    expect(run.code).toBe(1);
    expect(run.outputs).toEqual(EMPTY_OUTPUTS);
    expect(run.summary).toContain('### 🛑 flagops: failed');
  });

  it.skipIf(!hasFullDevice || NODE_24 === undefined)(
    'the Action reports on standard error that the log cannot be written',
    () => {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(NODE_24 ?? '', [join(ACTION, 'index.js')], {
        env: {},
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^error: cannot write to standard output: ENOSPC \(.*\)\n::error title=flagops::.*not GitHub's runner.*\n$/,
      );
    },
  );

  it('the Action treats empty variables of the runner as missing', async () => {
    const job = await startJob({ files: FILES });
    const env = { GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '', RUNNER_TEMP: '', GITHUB_SERVER_URL: '' };
    const run = await job.run({ event: 'pull_request', payload: pullRequest(7), env });
    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([]);
    expect(job.github.comments.get(7)?.[0]?.body).toContain('](https://github.com/acme/flags/blob/');
    const wrong = await job.run({ event: 'push', inputs: { force: 'yes' }, env });
    expect(wrong.annotations).toHaveLength(1);
  });

  it('the Action retries if the connection to GitHub breaks in the middle of a response', async () => {
    const job = await startJob({ files: FILES });
    job.github.interruptions.push({ cutShort: true });
    const run = await job.run({ event: 'push' });
    expect(run.annotations).toEqual([]);
    expect(run.outputs['applied']).toBe('1');

    job.world.touch('checkout-v2', 'alice', undefined);
    job.github.interruptions.push({ answer: { status: 200, body: [] } }, { done: true, cutShort: true });
    const planned = await job.run({ event: 'pull_request', payload: pullRequest(7) });
    expect(planned.annotations).toEqual([]);
    expect(job.github.comments.get(7)).toHaveLength(1);
  });

  it('a run has an annotation for every reason why its exit code is not 0', async () => {
    const approved = await startJob({
      files: FILES,
      simulator: { seed: storefrontSeed({ environments: { production: { requireApprovals: true } } }) },
    });
    const asked = await approved.run({ event: 'push' });
    expect(asked.code).toBe(5);
    expect(asked.annotations).toEqual([
      expect.stringMatching(/^error .*approval-required: checkout-v2 for user "alice": .*requires approval/),
    ]);

    const undone = await startJob({ files: FILES });
    let isFirst = true;
    undone.world.simulator.world.onChange(() => {
      if (isFirst) {
        isFirst = false;
        undone.world.touch('checkout-v2', 'alice', undefined);
      }
    });
    const mismatched = await undone.run({ event: 'push' });
    expect(mismatched.code).toBe(3);
    expect(mismatched.outputs).toMatchObject({ applied: '1', 'exit-code': '3' });
    expect(mismatched.annotations).toEqual([
      expect.stringMatching(/^error .*not live: checkout-v2 for user "alice"/),
    ]);
  });
});
