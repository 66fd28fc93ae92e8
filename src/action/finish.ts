import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import type { Log } from '../github/log.js';
import { asText, type Runner } from '../github/runner.js';
import { SUMMARY_LIMIT, writeOutputs } from '../github/runner-files.js';
import { type PageOptions, renderPage } from '../report/page/page.js';
import { NO_LINKS, prose } from '../report/page/text.js';
import { annotate, type Annotation, errorAnnotation } from './annotations.js';
import type { OutputMask } from './output-mask.js';
import { outputsOf } from './outputs.js';
import { publishComment, publishSummary, writePage } from './publish.js';
import { ReportLost } from './report-lost.js';
import type { StepContext } from './step-context.js';

// Every run ends here, even one that failed: the outputs are always written, since later steps may read them.

/** For a run whose inputs could not be read, so there is nothing to link to. */
const WITHOUT_STEP: PageOptions = {
  limit: { size: SUMMARY_LIMIT, in: 'bytes' },
  links: NO_LINKS,
  configPath: '',
  inAction: true,
};

/** Ends a run that applied nothing because its commit is no longer the newest one. This is not an error. */
export function finishOutOfDate(message: string, step: StepContext): number {
  const { log, runner, mask } = step;
  const markdown = `### flagops: out of date\n\n${prose(mask.clean(message))}\n`;
  annotate(log, [{ level: 'notice', message }, ...writePage(runner, markdown)]);
  return finish(outputsOf(undefined), EXIT.done, step);
}

interface FailureContext {
  /** Undefined if the inputs could not be read. */
  readonly step: StepContext | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly mask: OutputMask;
}

/** Ends a run that failed. Returns the exit code. */
export async function finishFailed(
  thrown: unknown,
  annotations: readonly Annotation[],
  { step, env, log, mask }: FailureContext,
): Promise<number> {
  const error = thrown instanceof ReportLost ? thrown.cause : thrown;
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof OperatorError ? error.hint : 'this is a bug in flagops';
  const code = error instanceof OperatorError ? error.code : undefined;
  const exitCode =
    thrown instanceof ReportLost ? thrown.exitCode : code === 'interrupted' ? EXIT.interrupted : EXIT.failed;
  annotate(log, [errorAnnotation(hint === undefined ? message : `${message} (${hint})`), ...annotations]);
  const outputs = outputsOf(undefined, exitCode);
  const content = { type: 'error', message: mask.clean(message), hint: hint && mask.clean(hint) } as const;
  if (step === undefined) {
    const markdown = renderPage(content, WITHOUT_STEP);
    annotate(log, writePage({ summaryFile: asText(env['GITHUB_STEP_SUMMARY']) }, markdown));
    return finish(outputs, exitCode, { runner: { outputFile: asText(env['GITHUB_OUTPUT']) }, log, mask });
  }
  const warnings = publishSummary(content, step);
  if (code !== 'apply-refused') warnings.push(...(await publishComment(content, step)));
  annotate(log, warnings);
  return finish(outputs, exitCode, step);
}

/**
 * Writes the outputs and returns the exit code.
 * @param withoutOutputs the exit code if the outputs cannot be written: never 0, since later steps would be misled
 */
export function finish(
  outputs: Readonly<Record<string, string>>,
  exitCode: number,
  {
    runner,
    log,
    mask,
  }: { readonly runner: Pick<Runner, 'outputFile'>; readonly log: Log; readonly mask: OutputMask },
  withoutOutputs = exitCode === EXIT.done ? EXIT.failed : exitCode,
): number {
  const shown = Object.entries(outputs).map(([name, value]) => [name, mask.withoutTokens(value)] as const);
  try {
    writeOutputs(runner, Object.fromEntries(shown));
    return exitCode;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    annotate(log, [errorAnnotation(`${error.message} (${error.hint})`)]);
    return withoutOutputs;
  }
}
