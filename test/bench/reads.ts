import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PruneMode } from '../../src/reconcile/prune.js';
import type { Seed } from '../../src/simulator/seed/seed.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { startCli } from '../support/cli.js';
import type { Row } from './support/row.js';

const PAGE = 100;

/** Whether a plan with this prune mode needs every flag of the project. */
const READS_ALL: Readonly<Record<PruneMode, (applied: boolean) => boolean>> = {
  never: () => false,
  owned: (applied) => !applied,
  contexts: () => true,
  environment: () => true,
};

interface Case {
  readonly flags: number;
  readonly declared: number;
  readonly prune: PruneMode;
  readonly environments: number;
  /** Whether HEAD was applied before, so that history knows which flags can have owned overrides. */
  readonly applied: boolean;
}

const CASES: readonly Case[] = [
  { flags: 50, declared: 1, prune: 'never', environments: 1, applied: false },
  { flags: 50, declared: 20, prune: 'owned', environments: 3, applied: false },
  { flags: 1000, declared: 1, prune: 'never', environments: 3, applied: false },
  { flags: 1000, declared: 3, prune: 'never', environments: 3, applied: false },
  { flags: 1000, declared: 50, prune: 'never', environments: 3, applied: false },
  { flags: 1000, declared: 3, prune: 'owned', environments: 3, applied: false },
  { flags: 1000, declared: 3, prune: 'owned', environments: 3, applied: true },
  { flags: 1000, declared: 50, prune: 'owned', environments: 3, applied: true },
  { flags: 1000, declared: 3, prune: 'contexts', environments: 3, applied: true },
  { flags: 1000, declared: 3, prune: 'environment', environments: 3, applied: true },
];

/** How many GETs a plan sends, as counted by the simulator. */
export async function benchReads(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const one of CASES) rows.push(await count(one));
  return rows;
}

async function count(one: Case): Promise<Row> {
  const environments = Array.from({ length: one.environments }, (_, index) => `env-${index}`);
  const flags = Array.from({ length: one.flags }, (_, index) => `flag-${String(index).padStart(4, '0')}`);
  const simulator = new Simulator({ seed: seedOf(environments, flags) });
  const { url } = await simulator.start();
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  const env = { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', LAUNCHDARKLY_BASE_URL: url };
  const run = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await startCli(args, { cwd: folder, env }).done;
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  try {
    // Spread over the project, so that the first page of the list does not happen to contain all of them.
    const declared = flags.filter((_, index) => index % Math.floor(one.flags / one.declared) === 0);
    writeRepository(folder, environments, declared.slice(0, one.declared), one.prune);
    if (one.applied) await run('apply', '--yes');
    simulator.forgetRequests();
    await run('plan');
    return rowOf(
      one,
      simulator.requests.map(({ method, path }) => `${method} ${path}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await simulator.stop();
  }
}

function rowOf({ flags, declared, prune, environments, applied }: Case, requests: readonly string[]): Row {
  const every = READS_ALL[prune](applied);
  const pages = Math.ceil(flags / PAGE);
  // All flags: the pages of the live ones, and one page of the deprecated ones. Otherwise one request for each declared
  // flag if that is fewer, after the first page, which reports how many there are.
  const limit = every ? pages + 1 : Math.min(pages, declared + 1);
  const writes = requests.filter((request) => !request.startsWith('GET ')).length;
  const name = `${declared} of ${flags} flags in ${environments} environments, prune ${prune}${applied ? ', applied' : ''}`;
  return {
    name: `GETs of a plan: ${name}`,
    value: String(requests.length),
    limit: `at most ${limit}`,
    ok: requests.length <= limit && writes === 0,
  };
}

function seedOf(environments: readonly string[], flags: readonly string[]): Seed {
  return {
    tokens: [{ token: 'api-writer', role: 'writer', name: 'Writer' }],
    projects: {
      storefront: {
        name: 'Storefront',
        environments: Object.fromEntries(
          environments.map((key) => [key, { name: key, sdkKey: `sdk-${key}` }]),
        ),
        flags: Object.fromEntries(flags.map((key) => [key, { name: key }])),
      },
    },
  };
}

function writeRepository(
  folder: string,
  environments: readonly string[],
  flags: readonly string[],
  prune: PruneMode,
): void {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', ...args], {
      cwd: folder,
    });
  };
  git('init', '--quiet');
  const scopes = environments.map((environment) => ({ project: 'storefront', environment, prune }));
  const users = { alice: Object.fromEntries(flags.map((flag) => [flag, true])) };
  mkdirSync(join(folder, 'overrides'));
  writeFileSync(join(folder, 'flagops.yaml'), stringify({ version: 1, scopes }));
  writeFileSync(
    join(folder, 'overrides/all.yaml'),
    stringify({ project: 'storefront', environments, users }),
  );
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message', 'Bench');
}
