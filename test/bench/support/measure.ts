import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whole } from './row.js';

export const CLI = join(import.meta.dirname, '../../../dist/cli.js');

/** A Node process to measure. */
export interface Subject {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called before each run, and not measured. */
  readonly before?: () => void;
}

/** Medians over the runs of one subject. */
export interface Measured {
  /** Wall-clock milliseconds, from the start to the end of the process. */
  readonly wall: number;
  /** Milliseconds of CPU time. */
  readonly cpu: number;
  /** Peak memory, in MiB. */
  readonly peak: number;
}

/** Runs subjects in turn, so that other load on the machine affects all alike, and returns medians. */
export async function measure<K extends string>(
  subjects: Readonly<Record<K, Subject>>,
  runs: number,
): Promise<Record<K, Measured>> {
  const entries = Object.entries(subjects) as [K, Subject][];
  const samples = new Map<K, Measured[]>(entries.map(([name]) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, subject] of entries) {
      subject.before?.();
      const sample = await runOnce(subject);
      // The first round fills the file system cache.
      if (run > 0) samples.get(name)?.push(sample);
    }
  }
  return Object.fromEntries(
    [...samples].map(([name, list]) => [
      name,
      {
        wall: median(list.map(({ wall }) => wall)),
        cpu: median(list.map(({ cpu }) => cpu)),
        peak: median(list.map(({ peak }) => peak)),
      },
    ]),
  ) as Record<K, Measured>;
}

const PRELOAD = join(import.meta.dirname, 'report-usage.cjs');

async function runOnce({ args, cwd, env = {} }: Subject): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  const usage = join(folder, 'usage.json');
  try {
    const start = performance.now();
    const child = spawn(process.execPath, ['--require', PRELOAD, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], BENCH_USAGE: usage, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const wall = performance.now() - start;
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    const { peak, cpu } = JSON.parse(readFileSync(usage, 'utf8')) as { peak: number; cpu: number };
    return { wall, cpu: cpu / 1000, peak: peak / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** `1,234 ms wall, 1,300 ms CPU, 180 MiB`. */
export function summary({ wall, cpu, peak }: Measured): string {
  return `${whole(wall)} ms wall, ${whole(cpu)} ms CPU, peak ${whole(peak)} MiB`;
}
