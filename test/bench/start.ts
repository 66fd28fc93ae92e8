import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../examples/demo/simulator.js';
import { storefrontRepository } from '../../examples/demo/story.js';
import { CLI, type Measured, measure, type Subject, summary } from './support/measure.js';
import { info, ratioRow, type Row } from './support/row.js';

const RUNS = 40;

/** How much longer each command may take than `node -e 0`. */
const AT_MOST = { '--version': 1.2, validate: 2.2, plan: 4 } as const;

/** Node reads these at each start, which can double the time of `node -e 0`; so a ratio depends on them. */
const certificates = process.env['NODE_EXTRA_CA_CERTS'];
const CERTIFICATES: Environment = certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates };

/**
 * The times of short commands compared with `node -e 0`, and how many git processes they start: in a repository made from
 * the storefront example, with everything applied to a simulator.
 */
export async function benchStart(): Promise<Row[]> {
  const repository = storefrontRepository(join(import.meta.dirname, '../../examples'));
  const simulator = await startSimulator(CLI);
  const env = {
    ...CERTIFICATES,
    LAUNCHDARKLY_BASE_URL: simulator.url,
    LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer',
  };
  const cwd = repository.path;
  try {
    run(cwd, env, 'apply', '--yes');
    const command = (...args: string[]): Subject => ({ args: [CLI, ...args], cwd, env });
    const measured = await measure(
      {
        '--version': command('--version'),
        validate: command('validate'),
        plan: command('plan'),
        node: { args: ['-e', '0'], env: CERTIFICATES },
      },
      RUNS,
    );
    return [
      ...(['--version', 'validate', 'plan'] as const).flatMap((name) =>
        compared(`flagops ${name}`, measured[name], measured.node, AT_MOST[name]),
      ),
      info('  node -e 0', summary(measured.node)),
      info('  whether Node reads more certificates at each start', certificates === undefined ? 'no' : 'yes'),
      ...[['validate'], ['plan'], ['apply', '--yes']].map((args) =>
        info(`git processes in ${args.join(' ')}, without a difference`, `${countGit(cwd, env, args)}`),
      ),
    ];
  } finally {
    await simulator.stop();
    repository.remove();
  }
}

function compared(name: string, subject: Measured, node: Measured, atMost: number): Row[] {
  return [
    ratioRow(`${name}, compared with node -e 0`, subject.wall / node.wall, atMost),
    info(`  ${name}`, summary(subject)),
    info(`  ${name}: CPU time, compared with node -e 0`, `${(subject.cpu / node.cpu).toFixed(2)} x`),
  ];
}

type Environment = Readonly<Record<string, string>>;

function run(cwd: string, env: Environment, ...args: string[]): void {
  const PATH = process.env['PATH'] ?? '';
  execFileSync(process.execPath, [CLI, ...args], { cwd, env: { PATH, ...env }, stdio: 'pipe' });
}

/** How many git processes a command starts, counted by a `git` that is found before the real one. */
function countGit(cwd: string, env: Environment, args: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  const calls = join(folder, 'calls');
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  try {
    writeFileSync(join(folder, 'git'), `#!/bin/sh\necho >> '${calls}'\nexec '${real}' "$@"\n`);
    chmodSync(join(folder, 'git'), 0o755);
    run(cwd, { ...env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }, ...args);
    return existsSync(calls) ? readFileSync(calls, 'utf8').length : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
