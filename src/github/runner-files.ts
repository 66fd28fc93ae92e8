import { randomUUID } from 'node:crypto';
import { OperatorError } from '../diagnostics/operator-error.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openToAppend } from '../files/user-file.js';
import type { Runner } from './runner.js';

/** Over this the runner drops the whole summary of a step. */
export const SUMMARY_LIMIT = 1024 * 1024;

/**
 * Hands outputs to the steps that follow. Nothing in a value can end it early, since nobody knows the delimiter.
 * @throws OperatorError where the runner's file cannot be written
 */
export function writeOutputs(
  runner: Pick<Runner, 'outputFile'>,
  outputs: Readonly<Record<string, string>>,
): void {
  if (runner.outputFile === undefined) return;
  const lines = Object.entries(outputs).map(([name, value]) => {
    const delimiter = `flagops-${randomUUID()}`;
    return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
  });
  append(runner.outputFile, lines.join(''), 'outputs');
}

/**
 * Adds to the page of the run.
 * @throws OperatorError where the runner's file cannot be written
 */
export function writeSummary(runner: Pick<Runner, 'summaryFile'>, markdown: string): void {
  if (runner.summaryFile !== undefined) append(runner.summaryFile, markdown, 'summary');
}

function append(file: string, text: string, what: string): void {
  try {
    const opened = openToAppend('/', file);
    try {
      opened.add(text);
    } finally {
      opened.close();
    }
  } catch (cause) {
    throw new OperatorError('runner-file', `the ${what} cannot be written to ${file}: ${reasonOf(cause)}`, {
      hint: 'the disk may be full, or the folder of the runner not be there in this container',
      cause,
    });
  }
}
