import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type Job,
  NODE_24,
  pullRequest,
  startJob,
  type StepOptions,
  type StepRun,
} from '../support/action.js';
import { EXAMPLE, read, ROOT } from '../support/workflows.js';

const FOLDER = join(ROOT, 'examples/storefront');
const SECRETS: Readonly<Record<string, string>> = {
  LAUNCHDARKLY_READER_TOKEN: 'api-reader',
  LAUNCHDARKLY_WRITER_TOKEN: 'api-writer',
};

interface WorkflowJob {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses: string; readonly with?: Readonly<Record<string, string>> }[];
}
const { jobs } = parse(read(EXAMPLE)) as { readonly jobs: Readonly<Record<string, WorkflowJob>> };

/** The requests that each permission allows. Reading the repository itself is always allowed. */
const ALLOWED: Readonly<Record<string, string>> = {
  'contents: read': 'GET /repos/acme/flags/git/',
  'contents: write': 'GET /repos/acme/flags/git/',
  'pull-requests: write': '(?:GET|POST|PATCH) /repos/acme/flags/issues/(?:\\d+/comments|comments/)',
  'issues: write': '(?:GET|POST|PATCH) /repos/acme/flags/issues',
};

/** Runs a job of the workflow with the inputs it passes to the Action, and a token with the permissions of the job. */
function run(job: Job, name: string, options: StepOptions): Promise<StepRun> {
  const { permissions, steps } = jobs[name] ?? { permissions: {}, steps: [] };
  const granted = Object.entries(permissions).map(
    (permission) => ALLOWED[permission.join(': ')] ?? 'unknown',
  );
  job.github.denied = new RegExp(`^(?!GET /repos/acme/flags$|${granted.join('|')})`);
  const given = steps.find(({ uses }) => uses.startsWith('flagops/'))?.with ?? {};
  const inputs = Object.entries(given).map(([key, value]) => [
    key,
    value.replace(/^\$\{\{ secrets\.(\w+) \}\}$/, (_, secret: string) => SECRETS[secret] ?? ''),
  ]);
  return job.run({ ...options, inputs: Object.fromEntries(inputs) as Record<string, string> });
}

async function storefront(): Promise<Job> {
  const paths = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1));
  return startJob({
    files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(FOLDER, path), 'utf8')])),
  });
}

describe.skipIf(NODE_24 === undefined)('the workflow that users copy', () => {
  it('the example workflow plans, applies and finds drift with the tokens and permissions that it grants', async () => {
    const job = await storefront();
    const planned = await run(job, 'plan', {
      event: 'pull_request',
      payload: pullRequest(7),
      ref: 'refs/pull/7/merge',
    });
    expect(planned.annotations).toEqual([]);
    expect(Number(planned.outputs['adds'])).toBeGreaterThan(10);
    expect(job.github.comments.get(7)).toHaveLength(1);
    expect(job.world.writes).toEqual([]);
    expect(
      (await run(job, 'plan', { event: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7' })).code,
    ).toBe(0);

    const applied = await run(job, 'apply', { event: 'push' });
    expect(applied.annotations).toEqual([]);
    expect(applied.outputs['applied']).toBe(planned.outputs['adds']);
    for (const environment of ['production', 'staging'])
      expect(job.world.ref(environment)).toBe(job.world.repo.head);
    const again = await run(job, 'apply', { event: 'workflow_dispatch' });
    expect(again.outputs).toMatchObject({ 'has-changes': 'false', 'exit-code': '0' });

    job.world.touch('theme', 'alice@example.com', 'light');
    const drifted = await run(job, 'drift', { event: 'schedule' });
    expect(drifted.annotations).toEqual([]);
    expect(drifted.outputs).toMatchObject({ 'has-changes': 'true', updates: '1' });
    expect(job.github.issues).toHaveLength(1);
  });

  it('the example workflow only validates for a fork, without secrets and with a read-only token', async () => {
    const job = await storefront();
    job.github.denied = /^(?!GET)/;
    const fork = { event: 'pull_request', payload: pullRequest(7, { fork: true }), ref: 'refs/pull/7/merge' };
    const validated = await job.run({ ...fork, inputs: { 'access-token': '' } });
    expect(validated.code).toBe(0);
    expect(validated.annotations).toEqual([
      expect.stringMatching(/^notice .*no secrets to pull requests from forks/),
    ]);
    expect(job.world.simulator.requests).toEqual([]);
  });
});
