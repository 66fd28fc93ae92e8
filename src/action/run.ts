import { exitCodeUnreported } from '../apply/report.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { defaultBranch } from '../github/branch.js';
import { openCheckout } from '../github/checkout.js';
import { commandFor, decide } from '../github/decide.js';
import { openLog } from '../github/log.js';
import { version } from '../version.js';
import { annotate, type Annotation, contentAnnotations, diagnosticAnnotations } from './annotations.js';
import { createTipCheck, OutOfDate } from './check-tip.js';
import { finish, finishFailed, finishOutOfDate } from './finish.js';
import { type ActionProcess, openStep } from './open-step.js';
import { OutputMask } from './output-mask.js';
import { outputsOf } from './outputs.js';
import { type CommandResult, perform } from './perform.js';
import { publishComment, publishIssue, publishSummary } from './publish.js';
import { ReportLost } from './report-lost.js';
import type { StepContext } from './step-context.js';

/** Runs one step of a workflow, from its inputs to its outputs. Returns the exit code. */
export async function runAction(host: ActionProcess): Promise<number> {
  const mask = new OutputMask();
  const log = openLog(host.write, (text) => mask.clean(text));
  let step: StepContext | undefined;
  // Shown even if the run fails later: what was found before a failure often explains it.
  const annotations: Annotation[] = [];
  try {
    step = openStep(host, mask, log);
    const result = await runCommand(step, annotations);
    return await publishAll(result, annotations, step);
  } catch (error) {
    if (step !== undefined && error instanceof OutOfDate) return finishOutOfDate(error.message, step);
    return finishFailed(error, annotations, { step, env: host.env, log, mask });
  }
}

/** Decides what the event asks for and does it. Adds notices and warnings to `annotations`. */
async function runCommand(step: StepContext, annotations: Annotation[]): Promise<CommandResult> {
  const { inputs, trigger, log, root } = step;
  const applyBranch = inputs.applyBranch ?? trigger.defaultBranch ?? (await askDefaultBranch(step));
  const command = inputs.command ?? commandFor(trigger, applyBranch);
  const writes = command === 'apply' || (command === 'drift' && inputs.drift === 'repair');
  const hasToken = inputs.accessToken !== undefined;
  const decision = decide({ command, writes }, trigger, applyBranch, hasToken);
  log.plain(`flagops ${version}: ${decision.command} on ${trigger.event}`);
  if (decision.reason !== undefined) annotations.push({ level: 'notice', message: decision.reason });
  const checkTip =
    writes && decision.command === command
      ? createTipCheck(step, applyBranch ?? '')
      : async (): Promise<void> => undefined;
  await checkTip();
  if (decision.command !== 'validate') {
    const { warning } = await openCheckout(root.path, step.io.signal);
    if (warning !== undefined) annotations.push({ level: 'warning', message: warning });
    requireToken(step);
  }
  // Checked again before writing: planning can take minutes, and another job may apply a newer commit meanwhile.
  return perform(decision, step, checkTip);
}

/** In a workflow, a secret that does not exist is an empty string. */
function requireToken({ inputs, trigger }: StepContext): void {
  if (inputs.accessToken !== undefined) return;
  throw new OperatorError('no-token', 'the input access-token is empty', {
    hint: trigger.withoutSecrets
      ? 'GitHub gives no secrets to runs that Dependabot starts: start the workflow by hand'
      : 'the secret that it refers to must exist in the repository, or in the environment of the job',
  });
}

async function askDefaultBranch({ api, runner, inputs, trigger }: StepContext): Promise<string | undefined> {
  // Without the default branch, a push is only planned, so it is asked for before the command is known.
  const command = inputs.command ?? (trigger.event === 'push' ? 'apply' : commandFor(trigger, undefined));
  const isNeeded = command === 'apply' || (command === 'drift' && inputs.drift === 'repair');
  return isNeeded && api !== undefined ? defaultBranch(api, runner.repository) : undefined;
}

/** @throws ReportLost if the result of an apply could not be published */
async function publishAll(
  result: CommandResult,
  annotations: Annotation[],
  step: StepContext,
): Promise<number> {
  try {
    return await publish(result, annotations, step);
  } catch (error) {
    const { content } = result;
    throw content.type === 'applied' ? new ReportLost(content.report, error) : error;
  }
}

/** Publishes a result everywhere. If something cannot be published, that is a warning: an apply has happened anyway. */
async function publish(result: CommandResult, annotations: Annotation[], step: StepContext): Promise<number> {
  const { content, diagnostics } = result;
  let { exitCode } = result;
  annotations.push(...publishSummary(content, step), ...(await publishComment(content, step)));
  if (result.drift !== undefined) {
    const issue = await publishIssue(result.drift, step);
    annotations.push(...issue.warnings);
    // The issue reports the drift. A job that also failed every night would soon be ignored.
    if (issue.published && exitCode === EXIT.differences) exitCode = EXIT.done;
  }
  annotate(step.log, [
    ...annotations,
    ...diagnosticAnnotations(diagnostics, step.root.fromWorkspace),
    ...contentAnnotations(content),
  ]);
  const withoutOutputs = content.type === 'applied' ? exitCodeUnreported(content.report) : undefined;
  return finish(outputsOf(result), exitCode, step, withoutOutputs);
}
