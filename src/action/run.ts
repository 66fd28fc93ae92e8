import { relative, resolve, sep } from 'node:path';
import type { Io } from '../commands/io.js';
import { findWorkspace } from '../config/find.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { openGitHub } from '../github/api.js';
import { branchTip, defaultBranch } from '../github/branch.js';
import { openCheckout } from '../github/checkout.js';
import { commandFor, decide } from '../github/decide.js';
import { writeOutputs, writeSummary } from '../github/files.js';
import { grantGit, trustCheckout } from '../github/git-access.js';
import { readInputs } from '../github/inputs.js';
import { type Log, openLog } from '../github/log.js';
import { readRunner } from '../github/runner.js';
import { readTrigger } from '../github/trigger.js';
import { openRepository } from '../history/repository.js';
import { systemClock } from '../launchdarkly/clock.js';
import { redactor } from '../report/redact.js';
import { version } from '../version.js';
import { annotate, annotationsOf, type Annotation } from './annotations.js';
import { outputsOf } from './outputs.js';
import { perform, type Performed } from './perform.js';
import { Hiding, type Step } from './step.js';
import { tellIssue, tellPullRequest, tellSummary } from './tell.js';

/** What of a process the Action may touch. */
export interface ActionProcess {
  /** Git inherits it; the token that it needs is put in here. */
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One step of a workflow, from its inputs to its outputs. Gives the exit code. */
export async function runAction(process: ActionProcess): Promise<number> {
  const hiding = new Hiding();
  const log = openLog(process.write, (text) => hiding.clean(text));
  let step: Step | undefined;
  // What is found out before something fails often says why it fails.
  const annotations: Annotation[] = [];
  try {
    step = open(process, hiding, log);
    return await run(step, annotations);
  } catch (error) {
    return fail(error, annotations, log, step);
  }
}

function open({ env, signal }: ActionProcess, hiding: Hiding, log: Log): Step {
  const runner = readRunner(env);
  const inputs = readInputs(env);
  const secrets = [inputs.accessToken, inputs.githubToken, inputs.redactSalt];
  if (inputs.githubToken !== undefined) secrets.push(grantGit(env, runner.serverUrl, inputs.githubToken));
  for (const secret of secrets) {
    if (secret === undefined) continue;
    log.mask(secret);
    hiding.keep(secret);
  }
  // The keys are learnt on the way; what looks like an address is hidden from the start.
  if (inputs.redactSalt !== undefined) hiding.redactor = redactor(inputs.redactSalt, []);
  const cwd = resolve(runner.workspace, inputs.workingDirectory);
  const workspace = findWorkspace(cwd, inputs.config);
  trustCheckout(env, workspace.root);
  const io: Io = {
    cwd,
    stdout: log.plain,
    stderr: log.plain,
    color: { stdout: false, stderr: false },
    columns: { stdout: undefined, stderr: undefined },
    interactive: false,
    progress: undefined,
    now: Date.now,
    signal,
    ask: async () => '',
  };
  return {
    runner,
    inputs,
    trigger: readTrigger(runner),
    log,
    io,
    api:
      inputs.githubToken === undefined
        ? undefined
        : openGitHub({ url: runner.apiUrl, token: inputs.githubToken, version, clock: systemClock, signal }),
    root: {
      path: workspace.root,
      fromWorkspace: relative(runner.workspace, workspace.root).split(sep).join('/'),
    },
    configPath: workspace.configPath,
    hiding,
  };
}

async function run(step: Step, annotations: Annotation[]): Promise<number> {
  const { inputs, trigger, log, io } = step;
  const applyBranch = inputs.applyBranch ?? trigger.defaultBranch ?? (await askDefaultBranch(step));
  const command = inputs.command ?? commandFor(trigger, applyBranch);
  const decision = decide(command, trigger, applyBranch, (inputs.accessToken ?? '') !== '');
  log.plain(`flagops ${version}: ${decision.command} on ${trigger.event}`);
  if (decision.why !== undefined) annotations.push({ level: 'notice', message: decision.why });
  if (decision.command === 'apply') {
    const stale = await staleness(step, applyBranch ?? '');
    if (stale !== undefined) return endStale(stale, step);
  }
  if (decision.command !== 'validate') {
    const { warning } = await openCheckout(io.cwd);
    if (warning !== undefined) annotations.push({ level: 'warning', message: warning });
  }
  if (decision.command !== 'validate') requireToken(step);
  const performed = await perform(decision, step);
  tellSummary(performed.told, step);
  // Without secrets the token for GitHub cannot write either.
  if (decision.why === undefined) annotations.push(...(await tellPullRequest(performed.told, step)));
  let { exitCode } = performed;
  if (performed.told.type === 'drift') {
    const issue = await tellIssue(performed.told.plan, step);
    annotations.push(...issue.warnings);
    // The issue says it; a job that is red every night says less.
    if (issue.told) exitCode = 0;
  }
  annotate(log, [
    ...annotations,
    ...annotationsOf(performed.diagnostics, step.root.fromWorkspace),
    ...annotationsFor(performed),
  ]);
  writeOutputs(step.runner, outputsOf(performed));
  return exitCode;
}

/** Said in the words of a workflow: there a secret that does not exist is an empty text. */
function requireToken({ inputs }: Step): void {
  if ((inputs.accessToken ?? '').trim() !== '') return;
  throw new OperatorError('no-token', 'the input access-token is empty', {
    hint: 'the secret that it names must exist, and be one of the repository or of the environment of the job',
  });
}

async function askDefaultBranch({ api, runner, inputs, trigger }: Step): Promise<string | undefined> {
  const matters = inputs.command === 'apply' || (inputs.command === undefined && trigger.event === 'push');
  return matters && api !== undefined ? defaultBranch(api, runner.repository) : undefined;
}

/** Why what was checked out must not be applied: a run of last week that is run again would undo this week. */
async function staleness({ api, runner, io }: Step, branch: string): Promise<string | undefined> {
  if (api === undefined) {
    throw new OperatorError('no-github-token', `apply must ask GitHub where ${branch} stands`, {
      hint: 'leave github-token to its default, and grant the job contents: read',
    });
  }
  const [tip, repository] = await Promise.all([
    branchTip(api, runner.repository, branch),
    openRepository(io.cwd),
  ]);
  const checkedOut = repository?.head?.id ?? runner.sha;
  if (checkedOut === tip) return undefined;
  return `nothing was applied: ${branch} stands at ${tip.slice(0, 12)}, and this run checked out ${checkedOut.slice(0, 12)}; the run of the newer commit applies it`;
}

function endStale(message: string, { log, runner, hiding }: Step): number {
  annotate(log, [{ level: 'notice', message }]);
  writeSummary(runner, `### flagops: out of date\n\n${hiding.clean(message)}\n`);
  writeOutputs(runner, outputsOf(undefined));
  return 0;
}

const failure = (message: string): Annotation => ({ level: 'error', message });

/** What whoever opens the page of the run should see at once. */
function annotationsFor({ told }: Performed): Annotation[] {
  switch (told.type) {
    case 'plan':
    case 'drift':
      return [
        ...told.plan.guards
          .filter(({ lifted }) => !lifted)
          .map(({ message }) => failure(`refused: ${message}`)),
        ...told.plan.warnings.map((message): Annotation => ({ level: 'warning', message })),
      ];
    case 'applied':
      return [
        ...told.report.outcomes
          .filter(({ status }) => status === 'failed')
          .map(({ change, message }) =>
            failure(`${change.flag} for ${change.kind} ${change.key}: ${message}`),
          ),
        ...[...told.report.plan.warnings, ...told.report.notices].map((message): Annotation => ({
          level: 'warning',
          message,
        })),
      ];
    case 'findings':
    case 'error':
      return [];
  }
}

async function fail(
  error: unknown,
  annotations: readonly Annotation[],
  log: Log,
  step: Step | undefined,
): Promise<number> {
  const isOurs = !(error instanceof OperatorError);
  const message = error instanceof Error ? error.message : String(error);
  const hint = isOurs ? 'this is a fault in flagops' : error.hint;
  annotate(log, [failure(hint === undefined ? message : `${message} (${hint})`)]);
  if (step === undefined) return 1;
  const told = { type: 'error', message: step.hiding.clean(message), hint } as const;
  tellSummary(told, step);
  const refused = error instanceof OperatorError && error.code === 'apply-refused';
  annotate(log, [...annotations, ...(refused ? [] : await tellPullRequest(told, step))]);
  const exitCode = error instanceof OperatorError && error.code === 'interrupted' ? 130 : 1;
  writeOutputs(step.runner, outputsOf(undefined, exitCode));
  return exitCode;
}
