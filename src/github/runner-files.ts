import { randomUUID } from 'node:crypto';
import { OperatorError } from '../diagnostics/operator-error.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openToAppend } from '../files/user-file.js';
import type { Runner } from './runner.js';

/** Bytes. The runner drops the whole summary of a step if it is larger. */
export const SUMMARY_LIMIT = 1024 * 1024;

/**
 * Sets outputs for the steps that follow. The delimiter is random, so that no value can contain it.
 * @throws OperatorError if the runner's file cannot be written
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
 * Adds Markdown to the summary of the run.
 * @throws OperatorError if the runner's file cannot be written
 */
export function writeSummary(runner: Pick<Runner, 'summaryFile'>, markdown: string): void {
  if (runner.summaryFile !== undefined) append(runner.summaryFile, markdown, 'summary');
}

function append(file: string, text: string, name: string): void {
  try {
    const opened = openToAppend('/', file);
    try {
      opened.add(text);
    } finally {
      opened.close();
    }
  } catch (cause) {
    throw new OperatorError('runner-file', `the ${name} cannot be written to ${file}: ${reasonOf(cause)}`, {
      hint: "the disk may be full, or the runner's directory may be missing in this container",
      cause,
    });
  }
}
