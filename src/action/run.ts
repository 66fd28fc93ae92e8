import { exitCodeUnreported } from '../apply/report.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { defaultBranch } from '../github/branch.js';
import { openCheckout } from '../github/checkout.js';
import { commandFor, decide } from '../github/decide.js';
import { openLog } from '../github/log.js';
import { version } from '../version.js';
import { annotate, annotationsFor, annotationsOf, type Annotation } from './annotations.js';
import { endOutOfDate, fail, leaveOutputs } from './end.js';
import { type ActionProcess, openStep } from './open.js';
import { outputsOf } from './outputs.js';
import { perform, type Performed } from './perform.js';
import { Hiding, type Step } from './step.js';
import { tellIssue, tellPullRequest, tellSummary } from './tell.js';
import { OutOfDate, tipCheck } from './tip.js';

/** One step of a workflow, from its inputs to its outputs. Gives the exit code. */
export async function runAction(host: ActionProcess): Promise<number> {
  const hiding = new Hiding();
  const log = openLog(host.write, (text) => hiding.clean(text));
  let step: Step | undefined;
  // What is found out before something fails often says why it fails.
  const annotations: Annotation[] = [];
  try {
    step = openStep(host, hiding, log);
    const performed = await run(step, annotations);
    return await conclude(performed, annotations, step);
  } catch (error) {
    if (step !== undefined && error instanceof OutOfDate) return endOutOfDate(error.message, step);
    return fail(error, annotations, { step, env: host.env, log, hiding });
  }
}

async function run(step: Step, annotations: Annotation[]): Promise<Performed> {
  const { inputs, trigger, log, root } = step;
  const applyBranch = inputs.applyBranch ?? trigger.defaultBranch ?? (await askDefaultBranch(step));
  const command = inputs.command ?? commandFor(trigger, applyBranch);
  const decision = decide(command, trigger, applyBranch, inputs.accessToken !== undefined);
  log.plain(`flagops ${version}: ${decision.command} on ${trigger.event}`);
  if (decision.why !== undefined) annotations.push({ level: 'notice', message: decision.why });
  // Only an apply has something to write.
  const checkTip =
    decision.command === 'apply' ? tipCheck(step, applyBranch ?? '') : async (): Promise<void> => {};
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
function requireToken({ inputs, trigger }: Step): void {
  if (inputs.accessToken !== undefined) return;
  throw new OperatorError('no-token', 'the input access-token is empty', {
    hint: trigger.withoutSecrets
      ? 'GitHub gives no secrets to what Dependabot starts: start the workflow by hand'
      : 'the secret that it names must exist, and be one of the repository or of the environment of the job',
  });
}

async function askDefaultBranch({ api, runner, inputs, trigger }: Step): Promise<string | undefined> {
  const matters = inputs.command === 'apply' || (inputs.command === undefined && trigger.event === 'push');
  return matters && api !== undefined ? defaultBranch(api, runner.repository) : undefined;
}

/** Tells everybody what came of it. Whatever cannot be told is a warning: what was applied stays applied. */
async function conclude(performed: Performed, annotations: Annotation[], step: Step): Promise<number> {
  const { told, diagnostics } = performed;
  let { exitCode } = performed;
  annotations.push(...tellSummary(told, step), ...(await tellPullRequest(told, step)));
  if (told.type === 'drift') {
    const issue = await tellIssue(told.plan, step);
    annotations.push(...issue.warnings);
    // The issue says it; a job that is red every night says less.
    if (issue.told) exitCode = 0;
  }
  annotate(step.log, [
    ...annotations,
    ...annotationsOf(diagnostics, step.root.fromWorkspace),
    ...annotationsFor(told),
  ]);
  const unreported = told.type === 'applied' ? exitCodeUnreported(told.report) : undefined;
  return leaveOutputs(outputsOf(performed), exitCode, step, unreported);
}
