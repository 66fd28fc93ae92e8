import { stringify } from 'yaml';
import type { Json } from '../../src/json/json.js';
import { Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { type CliOptions, type Run, type Running, runCli, startCli, startOnTerminal } from './cli.js';
import { atEndOfFile } from './end-of-file.js';
import { createRepository, type Files, TestRepository, temporaryFolder } from './repository.js';

export interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  /** The files of the first commit; without them there is none. */
  readonly files?: Files;
  /** Whether the folder is a repository. */
  readonly git?: boolean;
}

/** Settings by context key and flag. */
export type Settings = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** A declaration for `storefront/production`, unless `more` says otherwise. */
export function overrides(users: Settings, more: Readonly<Record<string, unknown>> = {}): string {
  return stringify({ project: 'storefront', environment: 'production', users, ...more });
}

/** A configuration. With `scope` it lists only `storefront/production`, with that policy. */
export function config(
  more: Readonly<Record<string, unknown>>,
  scope?: Readonly<Record<string, unknown>>,
): string {
  const scopes =
    scope === undefined ? {} : { scopes: [{ project: 'storefront', environment: 'production', ...scope }] };
  return stringify({ version: 1, ...scopes, ...more });
}

/** Context kind and environment of an override, if not `user` and `production`. */
export interface Place {
  readonly kind?: string;
  readonly environment?: string;
}

/** A repository, a simulator, and the command line to run between them. */
export class World {
  readonly simulator: Simulator;
  readonly url: string;
  repo: TestRepository;

  constructor(simulator: Simulator, url: string, repo: TestRepository) {
    this.simulator = simulator;
    this.url = url;
    this.repo = repo;
  }

  /** Runs flagops at the root of the repository with a writer token. */
  flagops(...args: string[]): Promise<Run> {
    return this.run(args);
  }

  run(args: readonly string[], options: Partial<CliOptions> = {}): Promise<Run> {
    return runCli(args, this.#cliOptions(options));
  }

  /** As `run`, in a child process, which can receive signals. */
  start(args: readonly string[], options: Partial<CliOptions> = {}): Running {
    return startCli(args, this.#cliOptions(options));
  }

  #cliOptions(options: Partial<CliOptions>): CliOptions {
    const env = {
      LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
      LAUNCHDARKLY_BASE_URL: this.url,
      ...options.env,
    };
    return { cwd: this.repo.path, ...options, env };
  }

  /** Runs flagops on a terminal and types `typed` at the question. */
  onTerminal(args: readonly string[], typed: string, env: CliOptions['env'] = {}): Promise<Run> {
    return startOnTerminal(args, {
      cwd: this.repo.path,
      env: {
        LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
        LAUNCHDARKLY_BASE_URL: this.url,
        TERM: 'xterm',
        ...env,
      },
      typing: ['[y/N] ', typed],
    }).done;
  }

  /** Applies without confirmation; throws if that fails. */
  async apply(...args: string[]): Promise<Run> {
    const run = await this.flagops('apply', '--yes', ...args);
    if (run.code !== 0) throw new Error(`apply ended with ${run.code}:\n${run.stderr}${run.stdout}`);
    return run;
  }

  /** Runs `plan --format json` and parses its output. */
  async plan(...args: string[]): Promise<PlanOutput> {
    const run = await this.flagops('plan', '--format', 'json', ...args);
    if (run.stdout === '') throw new Error(`plan ended with ${run.code}:\n${run.stderr}`);
    return { ...(JSON.parse(run.stdout) as Omit<PlanOutput, 'run'>), run };
  }

  /** The live value of an override, or undefined. */
  live(
    flag: string,
    key: string,
    { kind = 'user', environment = 'production' }: Place = {},
  ): Json | undefined {
    return this.simulator
      .targets('storefront', environment, flag)
      .find((target) => target.kind === kind && target.key === key)?.value;
  }

  /** Changes an override as by hand in LaunchDarkly's UI; undefined removes it. */
  touch(
    flag: string,
    key: string,
    value: Json | undefined,
    { kind = 'user', environment = 'production' }: Place = {},
  ): void {
    if (value === undefined) {
      this.simulator.removeTarget('storefront', environment, flag, { kind, key });
      return;
    }
    const variation = this.simulator
      .flag('storefront', flag)
      .variations.findIndex((candidate) => JSON.stringify(candidate.value) === JSON.stringify(value));
    this.simulator.setTarget('storefront', environment, flag, { kind, key, variation });
  }

  /** All requests except GETs, oldest first. */
  get writes(): readonly { readonly path: string; readonly body: unknown; readonly status: number }[] {
    return this.simulator.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ path, body, status }) => ({ path, body, status }));
  }

  /** The comments in the audit log, oldest first. */
  get comments(): readonly string[] {
    return this.simulator.auditLog().flatMap(({ comment }) => comment ?? []);
  }

  /**
   * Creates the state after an apply of HEAD, without running it: `users` are live and the ref is at HEAD. Most tests
   * start there, and a real apply would take longer than the rest of the test.
   */
  applied(users: Settings, environment = 'production'): void {
    for (const [key, settings] of Object.entries(users)) {
      for (const [flag, value] of Object.entries(settings)) this.touch(flag, key, value, { environment });
    }
    this.repo.git('update-ref', this.refName(environment), 'HEAD');
  }

  /** The commit in the last-applied ref. */
  ref(environment = 'production', name = 'default', repo = this.repo): string | undefined {
    return repo.ref(this.refName(environment, name));
  }

  /** The refs of the attempts in all scopes. */
  attempts(repo = this.repo): string[] {
    const refs = repo.git('for-each-ref', '--format=%(refname)', 'refs/flagops/attempts');
    return refs === '' ? [] : refs.split('\n');
  }

  /** Makes all attempts expired: their tags are replaced by ones that expired in the past. */
  expireAttempts(repo = this.repo): void {
    for (const ref of this.attempts(repo)) {
      const tag = repo
        .git('cat-file', 'tag', ref)
        .replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00.000Z"');
      repo.write({ '.git/expired-tag': `${tag}\n` });
      repo.git('update-ref', ref, repo.git('hash-object', '-t', 'tag', '-w', '.git/expired-tag'));
    }
  }

  refName(environment: string, name = 'default'): string {
    const host = new URL(this.url).host.replace(':', '%3a');
    return `refs/flagops/applied/${host}/${name}/storefront/${environment}`;
  }
}

/** The parts of `plan --format json` that tests use. */
export interface PlanOutput {
  readonly run: Run;
  readonly changes: readonly ChangeOutput[];
  readonly dates: readonly {
    readonly action: string;
    readonly key: string;
    readonly expires?: string;
    readonly mark: string;
    readonly liveMoved: boolean;
    readonly withheld?: string;
  }[];
  readonly scopes: readonly ScopeOutput[];
  readonly guards: readonly {
    readonly code: string;
    readonly message: string;
    readonly lifted: boolean;
    readonly liftedBy?: string;
    readonly judgedBy?: string;
  }[];
  readonly loosened: readonly {
    readonly environment?: string;
    readonly key: string;
    readonly before: Json;
    readonly after: Json;
  }[];
  readonly warnings: readonly string[];
  readonly counts: { readonly add: number; readonly update: number; readonly remove: number };
  readonly fingerprint: string;
  readonly filtered: number;
  readonly approvals?: readonly {
    readonly id: string;
    readonly flag: string;
    readonly url: string;
    readonly status: string;
    readonly current: boolean;
  }[];
}

interface ChangeOutput {
  readonly environment: string;
  readonly flag: string;
  readonly kind: string;
  readonly key: string;
  readonly action: string;
  readonly mark: string;
  readonly liveMoved: boolean;
  readonly drift?: {
    readonly declared: { readonly value: Json } | null;
    readonly live: { readonly value: Json } | null;
    readonly changed?: { readonly by: string; readonly date: number; readonly comment?: string };
  };
  readonly withheld?: string;
  readonly warnings: readonly string[];
  readonly provenance: { readonly type: string; readonly commit?: { readonly subject: string } };
}

interface ScopeOutput {
  readonly environment: string;
  readonly lastApplied?: { readonly id: string };
  readonly unchanged: number;
  readonly adopts: number;
  readonly released: number;
  readonly unmanaged: Readonly<Record<string, number>>;
}

/** `remove theme user alice` for each change. */
export function short(plan: Pick<PlanOutput, 'changes'>): string[] {
  return plan.changes.map(({ action, flag, kind, key }) => `${action} ${flag} ${kind} ${key}`);
}

/** Creates a repository and starts a simulator, which stops at the end of the test file. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const simulator = new Simulator({ port: 0, ...options.simulator });
  const { url } = await simulator.start();
  atEndOfFile(() => simulator.stop());
  const repo = options.git === false ? new TestRepository(temporaryFolder()) : createRepository();
  const world = new World(simulator, url, repo);
  if (options.files !== undefined) {
    if (options.git === false) repo.write(options.files);
    else repo.commit('Start', options.files);
  }
  return world;
}
