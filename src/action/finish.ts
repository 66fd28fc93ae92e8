import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { SUMMARY_LIMIT, writeOutputs } from '../github/runner-files.js';
import type { Log } from '../github/log.js';
import { type Runner, text } from '../github/runner.js';
import { renderPage, type PageOptions } from '../report/page/page.js';
import { NO_LINKS, prose } from '../report/page/text.js';
import { annotate, type Annotation, failure } from './annotations.js';
import { outputsOf } from './outputs.js';
import type { OutputMask, StepContext } from './step-context.js';
import { publishComment, publishSummary, writePage } from './publish.js';

// How a run ends that came to nothing. Outputs are there all the same: the steps that follow may read them.

/** Where not even the inputs could be read, there is nothing to lead to. */
const NOWHERE: PageOptions = {
  limit: { size: SUMMARY_LIMIT, in: 'bytes' },
  links: NO_LINKS,
  now: 0,
  configPath: '',
};

/** Ends a run whose commit is not the newest one: that is nobody's mistake. */
export function endOutOfDate(message: string, step: StepContext): number {
  const { log, runner, hiding } = step;
  const markdown = `### flagops: out of date\n\n${prose(hiding.clean(message))}\n`;
  annotate(log, [{ level: 'notice', message }, ...writePage(runner, markdown)]);
  return leaveOutputs(outputsOf(undefined), EXIT.done, step);
}

interface Where {
  /** Undefined where not even the inputs could be read. */
  readonly step: StepContext | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly hiding: OutputMask;
}

/** Ends a run that failed. */
export async function fail(
  error: unknown,
  annotations: readonly Annotation[],
  { step, env, log, hiding }: Where,
): Promise<number> {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof OperatorError ? error.hint : 'this is a fault in flagops';
  const code = error instanceof OperatorError ? error.code : undefined;
  const exitCode = code === 'interrupted' ? EXIT.interrupted : EXIT.failed;
  annotate(log, [failure(hint === undefined ? message : `${message} (${hint})`), ...annotations]);
  const outputs = outputsOf(undefined, exitCode);
  const told = { type: 'error', message: hiding.clean(message), hint: hint && hiding.clean(hint) } as const;
  if (step === undefined) {
    annotate(log, writePage({ summaryFile: text(env['GITHUB_STEP_SUMMARY']) }, renderPage(told, NOWHERE)));
    const runner = { outputFile: text(env['GITHUB_OUTPUT']) };
    return leaveOutputs(outputs, exitCode, { runner, log, hiding });
  }
  const warnings = publishSummary(told, step);
  if (code !== 'apply-refused') warnings.push(...(await publishComment(told, step)));
  annotate(log, warnings);
  return leaveOutputs(outputs, exitCode, step);
}

/**
 * Writes the outputs, and gives the exit code: without outputs the steps that follow would be misled.
 * @param unreported the exit code where they cannot be written
 */
export function leaveOutputs(
  outputs: Readonly<Record<string, string>>,
  exitCode: number,
  {
    runner,
    log,
    hiding,
  }: { readonly runner: Pick<Runner, 'outputFile'>; readonly log: Log; readonly hiding: OutputMask },
  unreported = exitCode === EXIT.done ? EXIT.failed : exitCode,
): number {
  const shown = Object.entries(outputs).map(([name, value]) => [name, hiding.withoutTokens(value)] as const);
  try {
    writeOutputs(runner, Object.fromEntries(shown));
    return exitCode;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    annotate(log, [failure(`${error.message} (${error.hint})`)]);
    return unreported;
  }
}
