// The end of `.ci/run`: the slowest test files, and the counts as the last line. A run that left no report has failed.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** As much of vitest's JSON report as is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Epoch milliseconds. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const text = readFileSync(process.argv[2] ?? '', 'utf8');
const report: Report | undefined = text === '' ? undefined : JSON.parse(text);
const files = report?.testResults ?? [];

const slowest = files.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 10);
for (const file of slowest)
  console.log(`${seconds(file).toFixed(1).padStart(6)} s  ${relative('', file.name)}`);

if (report !== undefined)
  console.log(`${total().toFixed(0).padStart(4)} s    from the first file to the last`);

// A file that failed although none of its tests did: it could not be loaded, or a hook failed.
const broken = files.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length;
const failed = report === undefined ? 1 : report.numFailedTests + broken;
if (report !== undefined) console.log(`${report.numPendingTests} skipped`);
console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

function total(): number {
  const starts = files.map(({ startTime }) => startTime);
  const ends = files.map(({ endTime }) => endTime);
  return files.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 1000;
}

function seconds(file: Report['testResults'][number]): number {
  return (file.endTime - file.startTime) / 1000;
}
