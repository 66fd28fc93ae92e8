import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RateLimits } from '../../src/simulator/server/rate-limits.js';
import type { Seed } from '../../src/simulator/seed/seed.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { CLI } from './built.js';

/** Parallel processes on one account, each with its shard of the same repository. */
export interface FleetOptions {
  readonly processes: number;
  readonly changes: number;
  readonly flags: number;
  /** Requests that LaunchDarkly allows in ten seconds. */
  readonly limits: RateLimits;
  /** As in `rate.reserve` of the configuration, for example `10%`. */
  readonly reserve: string;
}

/** How one process ended. */
interface End {
  readonly code: number | null;
  readonly output: string;
}

export interface FleetRun {
  readonly shards: readonly End[];
  /** The final apply of everything. */
  readonly last: End;
  /** Number of live overrides at the end. */
  readonly live: number;
  /** Successful writes before the final apply. */
  readonly written: number;
  /** All requests of the shards, and how many of them were answered with 429. */
  readonly requests: number;
  readonly refused: number;
  /** Milliseconds from the first write to the last, by the server's clock. */
  readonly elapsed: number;
  /** Writes of the final apply. */
  readonly late: number;
  /** The commit in the last-applied ref, and HEAD. */
  readonly recorded: string;
  readonly head: string;
}

/** Starts one process for each shard, all at the same time, and then applies everything once more. */
export async function runFleet(options: FleetOptions): Promise<FleetRun> {
  const simulator = new Simulator({ seed: seedOf(options.flags), limits: options.limits });
  const { url } = await simulator.start();
  const folder = mkdtempSync(join(tmpdir(), 'flagops-fleet-'));
  try {
    const git = repository(folder, options);
    const apply = (...args: string[]): Promise<End> => start(['apply', '--yes', ...args], folder, url);
    const shards = await Promise.all(
      Array.from({ length: options.processes }, (_, index) =>
        apply('--shard', `${index + 1}/${options.processes}`, '--no-verify'),
      ),
    );
    const requests = [...simulator.requests];
    const written = requests.filter(({ method, status }) => method !== 'GET' && status < 300);
    const times = written.map(({ at }) => at);
    const last = await apply();
    return {
      shards,
      last,
      live: Array.from({ length: options.flags }, (_, index) =>
        simulator.targets(PROJECT, ENVIRONMENT, `flag-${index}`),
      ).flat().length,
      written: written.length,
      requests: requests.length,
      refused: requests.filter(({ status }) => status === 429).length,
      elapsed: Math.max(...times) - Math.min(...times),
      late: simulator.requests.slice(requests.length).filter(({ method }) => method !== 'GET').length,
      recorded: git('for-each-ref', '--format=%(objectname)', 'refs/flagops/applied'),
      head: git('rev-parse', 'HEAD'),
    };
  } finally {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const PROJECT = 'storefront';
const ENVIRONMENT = 'production';

function repository(folder: string, options: FleetOptions): (...args: string[]) => string {
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
  const users: Record<string, Record<string, boolean>> = {};
  for (let change = 0; change < options.changes; change += 1) {
    const user = `user-${Math.floor(change / options.flags)}`;
    users[user] = { ...users[user], [`flag-${change % options.flags}`]: false };
  }
  mkdirSync(join(folder, 'overrides'));
  writeFileSync(
    join(folder, 'overrides/all.yaml'),
    stringify({ project: PROJECT, environment: ENVIRONMENT, users }),
  );
  writeFileSync(
    join(folder, 'flagops.yaml'),
    stringify({ version: 1, rate: { concurrency: 4, reserve: options.reserve } }),
  );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--no-gpg-sign', '-m', 'Everybody');
  return git;
}

function start(args: readonly string[], cwd: string, url: string): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: tmpdir(),
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
        LAUNCHDARKLY_BASE_URL: url,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

function seedOf(flags: number): Seed {
  return {
    tokens: [{ token: 'api-writer', role: 'writer' }],
    projects: {
      [PROJECT]: {
        environments: { [ENVIRONMENT]: {} },
        flags: Object.fromEntries(Array.from({ length: flags }, (_, index) => [`flag-${index}`, {}])),
      },
    },
  };
}
