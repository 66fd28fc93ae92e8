import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Job, startJob, type StepOptions, type StepRun } from './action.js';
import { read, ROOT } from './workflows.js';

const SECRETS: Readonly<Record<string, string>> = {
  LAUNCHDARKLY_READER_TOKEN: 'api-reader',
  LAUNCHDARKLY_WRITER_TOKEN: 'api-writer',
};

interface WorkflowJob {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses: string; readonly with?: Readonly<Record<string, string>> }[];
}

/** The requests that each permission allows. Reading the repository itself is always allowed. */
const ALLOWED: Readonly<Record<string, string>> = {
  'contents: read': 'GET /repos/acme/flags/git/',
  'contents: write': 'GET /repos/acme/flags/git/',
  'pull-requests: write': '(?:GET|POST|PATCH) /repos/acme/flags/issues/(?:\\d+/comments|comments/)',
  'issues: write': '(?:GET|POST|PATCH) /repos/acme/flags/issues',
};

/** An example repository with a workflow, whose jobs can be run. */
export class ExampleWorkflow {
  readonly #folder: string;
  readonly #jobs: Readonly<Record<string, WorkflowJob>>;

  /** @param name of a folder in `examples` */
  constructor(name: string) {
    this.#folder = join(ROOT, 'examples', name);
    const workflow = parse(read(`examples/${name}/.github/workflows/flag-overrides.yml`)) as {
      readonly jobs: Readonly<Record<string, WorkflowJob>>;
    };
    this.#jobs = workflow.jobs;
  }

  /** Starts a job in a repository with the example's files. */
  async start(): Promise<Job> {
    const paths = readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1));
    const files = paths.map((path) => [path, readFileSync(join(this.#folder, path), 'utf8')]);
    return startJob({ files: Object.fromEntries(files) as Record<string, string> });
  }

  /** Runs a job of the workflow with the inputs it passes to the Action, and a token with the permissions of the job. */
  run(job: Job, name: string, options: StepOptions): Promise<StepRun> {
    const { permissions, steps } = this.#jobs[name] ?? { permissions: {}, steps: [] };
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
}
