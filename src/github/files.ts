import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Runner } from './runner.js';

/** Over this the runner drops the whole summary of a step. */
export const SUMMARY_LIMIT = 1024 * 1024;

/** Hands outputs to the steps that follow. Nothing in a value can end it early, since nobody knows the delimiter. */
export function writeOutputs(runner: Runner, outputs: Readonly<Record<string, string>>): void {
  if (runner.outputFile === undefined) return;
  const lines = Object.entries(outputs).map(([name, value]) => {
    const delimiter = `flagops-${randomUUID()}`;
    return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
  });
  appendFileSync(runner.outputFile, lines.join(''));
}

/** Adds to the page of the run. */
export function writeSummary(runner: Runner, markdown: string): void {
  if (runner.summaryFile !== undefined) appendFileSync(runner.summaryFile, markdown);
}
