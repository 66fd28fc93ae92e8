import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { SUMMARY_LIMIT, writeOutputs } from '../github/runner-files.js';
import type { Log } from '../github/log.js';
import { type Runner, asText } from '../github/runner.js';
import { renderPage, type PageOptions } from '../report/page/page.js';
import { NO_LINKS, prose } from '../report/page/text.js';
import { annotate, type Annotation, errorAnnotation } from './annotations.js';
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
export function finishOutOfDate(message: string, step: StepContext): number {
  const { log, runner, mask } = step;
  const markdown = `### flagops: out of date\n\n${prose(mask.clean(message))}\n`;
  annotate(log, [{ level: 'notice', message }, ...writePage(runner, markdown)]);
  return finish(outputsOf(undefined), EXIT.done, step);
}

interface Failure {
  /** Undefined where not even the inputs could be read. */
  readonly step: StepContext | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly mask: OutputMask;
}

/** Ends a run that failed. */
export async function finishFailed(
  error: unknown,
  annotations: readonly Annotation[],
  { step, env, log, mask }: Failure,
): Promise<number> {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof OperatorError ? error.hint : 'this is a fault in flagops';
  const code = error instanceof OperatorError ? error.code : undefined;
  const exitCode = code === 'interrupted' ? EXIT.interrupted : EXIT.failed;
  annotate(log, [errorAnnotation(hint === undefined ? message : `${message} (${hint})`), ...annotations]);
  const outputs = outputsOf(undefined, exitCode);
  const content = { type: 'error', message: mask.clean(message), hint: hint && mask.clean(hint) } as const;
  if (step === undefined) {
    annotate(log, writePage({ summaryFile: asText(env['GITHUB_STEP_SUMMARY']) }, renderPage(content, NOWHERE)));
    const runner = { outputFile: asText(env['GITHUB_OUTPUT']) };
    return finish(outputs, exitCode, { runner, log, mask });
  }
  const warnings = publishSummary(content, step);
  if (code !== 'apply-refused') warnings.push(...(await publishComment(content, step)));
  annotate(log, warnings);
  return finish(outputs, exitCode, step);
}

/**
 * Writes the outputs, and gives the exit code: without outputs the steps that follow would be misled.
 * @param unreported the exit code where they cannot be written
 */
export function finish(
  outputs: Readonly<Record<string, string>>,
  exitCode: number,
  {
    runner,
    log,
    mask,
  }: { readonly runner: Pick<Runner, 'outputFile'>; readonly log: Log; readonly mask: OutputMask },
  unreported = exitCode === EXIT.done ? EXIT.failed : exitCode,
): number {
  const shown = Object.entries(outputs).map(([name, value]) => [name, mask.withoutTokens(value)] as const);
  try {
    writeOutputs(runner, Object.fromEntries(shown));
    return exitCode;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    annotate(log, [errorAnnotation(`${error.message} (${error.hint})`)]);
    return unreported;
  }
}
