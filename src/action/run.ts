import { exitCodeUnreported } from '../apply/report.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { defaultBranch } from '../github/branch.js';
import { openCheckout } from '../github/checkout.js';
import { commandFor, decide } from '../github/decide.js';
import { openLog } from '../github/log.js';
import { version } from '../version.js';
import { annotate, contentAnnotations, diagnosticAnnotations, type Annotation } from './annotations.js';
import { finishOutOfDate, finishFailed, finish } from './finish.js';
import { type ActionProcess, openStep } from './open-step.js';
import { outputsOf } from './outputs.js';
import { perform, type CommandResult } from './perform.js';
import { OutputMask, type StepContext } from './step-context.js';
import { publishIssue, publishComment, publishSummary } from './publish.js';
import { OutOfDate, createTipCheck } from './check-tip.js';

/** One step of a workflow, from its inputs to its outputs. Gives the exit code. */
export async function runAction(host: ActionProcess): Promise<number> {
  const mask = new OutputMask();
  const log = openLog(host.write, (text) => mask.clean(text));
  let step: StepContext | undefined;
  // What is found out before something fails often says why it fails.
  const annotations: Annotation[] = [];
  try {
    step = openStep(host, mask, log);
    const performed = await run(step, annotations);
    return await conclude(performed, annotations, step);
  } catch (error) {
    if (step !== undefined && error instanceof OutOfDate) return finishOutOfDate(error.message, step);
    return finishFailed(error, annotations, { step, env: host.env, log, mask });
  }
}

async function run(step: StepContext, annotations: Annotation[]): Promise<CommandResult> {
  const { inputs, trigger, log, root } = step;
  const applyBranch = inputs.applyBranch ?? trigger.defaultBranch ?? (await askDefaultBranch(step));
  const command = inputs.command ?? commandFor(trigger, applyBranch);
  const decision = decide(command, trigger, applyBranch, inputs.accessToken !== undefined);
  log.plain(`flagops ${version}: ${decision.command} on ${trigger.event}`);
  if (decision.reason !== undefined) annotations.push({ level: 'notice', message: decision.reason });
  // Only an apply has something to write.
  const checkTip =
    decision.command === 'apply' ? createTipCheck(step, applyBranch ?? '') : async (): Promise<void> => {};
  await checkTip();
  if (decision.command !== 'validate') {
    const { warning } = await openCheckout(root.path, step.io.signal);
    if (warning !== undefined) annotations.push({ level: 'warning', message: warning });
    requireToken(step);
  }
  // Planning can take minutes, in which a newer commit may have been applied by a job beside this one.
  return perform(decision, step, checkTip);
}

/** Said in the words of a workflow: there a secret that does not exist is an empty text. */
function requireToken({ inputs, trigger }: StepContext): void {
  if (inputs.accessToken !== undefined) return;
  throw new OperatorError('no-token', 'the input access-token is empty', {
    hint: trigger.withoutSecrets
      ? 'GitHub gives no secrets to what Dependabot starts: start the workflow by hand'
      : 'the secret that it names must exist, and be one of the repository or of the environment of the job',
  });
}

async function askDefaultBranch({ api, runner, inputs, trigger }: StepContext): Promise<string | undefined> {
  const matters = inputs.command === 'apply' || (inputs.command === undefined && trigger.event === 'push');
  return matters && api !== undefined ? defaultBranch(api, runner.repository) : undefined;
}

/** Tells everybody what came of it. Whatever cannot be content is a warning: what was applied stays applied. */
async function conclude(
  performed: CommandResult,
  annotations: Annotation[],
  step: StepContext,
): Promise<number> {
  const { content, diagnostics } = performed;
  let { exitCode } = performed;
  annotations.push(...publishSummary(content, step), ...(await publishComment(content, step)));
  if (content.type === 'drift') {
    const issue = await publishIssue(content.plan, step);
    annotations.push(...issue.warnings);
    // The issue says it; a job that is red every night says less.
    if (issue.content) exitCode = EXIT.done;
  }
  annotate(step.log, [
    ...annotations,
    ...diagnosticAnnotations(diagnostics, step.root.fromWorkspace),
    ...contentAnnotations(content),
  ]);
  const unreported = content.type === 'applied' ? exitCodeUnreported(content.report) : undefined;
  return finish(outputsOf(performed), exitCode, step, unreported);
}
