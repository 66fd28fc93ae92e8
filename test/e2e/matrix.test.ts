import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect, it } from 'vitest';
import { config, overrides, startWorld } from '../support/world.js';

interface Job {
  readonly project: string;
  readonly environment: string;
  readonly shard: string;
}

const ALICE = { alice: { theme: 'dark' } };
const BOTH = overrides(ALICE, { environment: undefined, environments: ['production', 'staging'] });

/** The jobs that GitHub creates for a `strategy.matrix` with only `include`: one for each entry. */
function jobsOf(stdout: string): readonly Job[] {
  // The output of a job is one line, which `fromJSON` reads.
  expect(stdout).toMatch(/^[^\n]+\n$/);
  const matrix = JSON.parse(stdout) as { readonly include: readonly Job[] };
  expect(Object.keys(matrix)).toEqual(['include']);
  for (const job of matrix.include) {
    expect(Object.keys(job)).toEqual(['project', 'environment', 'shard']);
    expect(Object.values(job).every((value) => typeof value === 'string')).toBe(true);
  }
  return matrix.include;
}

it.concurrent('matrix prints one sorted job for each scope on one line, and sends no request', async () => {
  const world = await startWorld({
    files: { 'overrides/b.yaml': BOTH, 'overrides/a.yaml': overrides(ALICE, { project: 'blog' }) },
  });
  const run = await world.run(['matrix'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: undefined } });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(jobsOf(run.stdout)).toEqual([
    { project: 'blog', environment: 'production', shard: '1/1' },
    { project: 'storefront', environment: 'production', shard: '1/1' },
    { project: 'storefront', environment: 'staging', shard: '1/1' },
  ]);
  expect(world.simulator.requests).toEqual([]);
});

it.concurrent('matrix --shards splits each scope, and --out writes the line to a file', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': BOTH } });
  const run = await world.flagops('matrix', '--shards', '3', '--out', 'matrix.json');
  expect(run).toMatchObject({ code: 0, stdout: '' });
  const jobs = jobsOf(readFileSync(join(world.repo.path, 'matrix.json'), 'utf8'));
  expect(jobs.map(({ environment, shard }) => `${environment} ${shard}`)).toEqual(
    ['production', 'staging'].flatMap((environment) =>
      ['1/3', '2/3', '3/3'].map((part) => `${environment} ${part}`),
    ),
  );
});

it.concurrent('apply accepts the values of each job of the matrix', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': BOTH } });
  for (const { project, environment, shard } of jobsOf(
    (await world.flagops('matrix', '--shards', '2')).stdout,
  )) {
    const scope = ['--project', project, '--environment', environment, '--shard', shard];
    expect((await world.flagops('apply', '--yes', ...scope)).code).toBe(0);
  }
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.live('theme', 'alice', { environment: 'staging' })).toBe('dark');
});

it.concurrent(
  'the matrix includes scopes that are only configured, or were applied and are no longer declared',
  async () => {
    const scopes = ['production', 'staging'].map((environment) => ({ project: 'storefront', environment }));
    const world = await startWorld({
      files: {
        'flagops.yaml': stringify({ version: 1, scopes }),
        'overrides/a.yaml': overrides(ALICE),
      },
    });
    expect(jobsOf((await world.flagops('matrix')).stdout).map(({ environment }) => environment)).toEqual([
      'production',
      'staging',
    ]);

    world.repo.commit('No scopes, and nothing for production any more', {
      'flagops.yaml': config({}),
      'overrides/a.yaml': overrides(ALICE, { environment: 'staging' }),
    });
    world.repo.git('update-ref', world.refName('production'), 'HEAD~1');
    expect(jobsOf((await world.flagops('matrix')).stdout).map(({ environment }) => environment)).toEqual([
      'production',
      'staging',
    ]);
  },
);

it.concurrent('a matrix with more than 256 jobs or none is an error that says what to do', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': BOTH } });
  const most = await world.flagops('matrix', '--shards', '128');
  expect(jobsOf(most.stdout)).toHaveLength(256);
  const many = await world.flagops('matrix', '--shards', '129');
  expect(many).toMatchObject({ code: 1, stdout: '' });
  expect(many.stderr).toBe(
    'error: the matrix has 258 jobs, and GitHub allows 1 to 256 (use fewer shards, or several configurations)\n',
  );
  for (const shards of ['0', '257']) {
    const run = await world.flagops('matrix', '--shards', shards);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toBe(
      `error: a scope cannot be split into ${shards} shards (pass --shards 1 to 256)\n`,
    );
  }
  const nothing = await startWorld();
  const none = await nothing.flagops('matrix', '--allow-empty');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('the matrix has 0 jobs, and GitHub allows 1 to 256 (declare a scope)');
});

it.concurrent('invalid declarations produce no matrix', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': 'project: [' } });
  const run = await world.flagops('matrix');
  expect(run).toMatchObject({ code: 1, stdout: '' });
  expect(run.stderr).toContain('overrides/a.yaml:1:');
});
