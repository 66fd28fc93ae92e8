import { applyExitCode, type ApplyResult, runApply } from '../commands/apply.js';
import { runDrift } from '../commands/drift.js';
import { runPlan } from '../commands/plan.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Findings } from '../diagnostics/findings.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import type { Decision } from '../github/decide.js';
import type { ApplyOptions, PlanningOptions } from '../planning/options.js';
import type { PlanningResult } from '../planning/prepare.js';
import { DeclarationsInvalid, declare } from '../planning/read-declarations.js';
import { isRepairable } from '../reconcile/drift.js';
import type { Plan } from '../reconcile/plan.js';
import { findingsText } from '../report/diagnostics.js';
import { driftText } from '../report/drift-text.js';
import type { PageContent } from '../report/page/page.js';
import { planText } from '../report/plan-text.js';
import { resultText } from '../report/result-text.js';
import { temporaryPlanFile, writePlanFile } from './plan-file.js';
import { ReportLost } from './report-lost.js';
import { redactDiagnostics, redactFindings, redactPlan } from './redact-result.js';
import type { StepContext } from './step-context.js';

/** The result of a command. If context keys are to be redacted, they already are. */
export interface CommandResult {
  readonly content: PageContent;
  readonly exitCode: number;
  /** Errors and warnings in the declarations. */
  readonly diagnostics: readonly Diagnostic[];
  readonly planFile?: string;
  /** The drift that there is at the end, for the issue; redacted as well. */
  readonly drift?: Plan;
}

/**
 * Runs the same function as the command line does, and prints to the log what the command line would print.
 * @param beforeWriting is awaited right before an apply or a repair writes; if it throws, nothing is written
 * @throws OperatorError, ReportLost
 */
export async function perform(
  { command, reason }: Decision,
  step: StepContext,
  beforeWriting: () => Promise<void>,
): Promise<CommandResult> {
  try {
    switch (command) {
      case 'validate':
        return await performValidate(reason, step);
      case 'plan':
        return await performPlan(step);
      case 'drift':
        return await performDrift(step, beforeWriting);
      case 'apply':
        return await performApply(step, beforeWriting);
    }
  } catch (error) {
    if (!(error instanceof DeclarationsInvalid)) throw error;
    return showFindings(error.findings, EXIT.failed, undefined, step);
  }
}

async function performValidate(reason: string | undefined, step: StepContext): Promise<CommandResult> {
  const { findings } = await declare({
    ...step.inputs,
    cwd: step.io.cwd,
    now: step.io.now(),
    signal: step.io.signal,
  });
  return showFindings(findings, EXIT.done, reason, step);
}

async function showFindings(
  found: Findings,
  exitCode: number,
  reason: string | undefined,
  step: StepContext,
): Promise<CommandResult> {
  const findings = await redactFindings(found, step);
  step.io.stdout(findingsText(findings, { color: false }));
  return { content: { type: 'findings', findings, reason }, exitCode, diagnostics: findings.diagnostics };
}

async function performPlan(step: StepContext): Promise<CommandResult> {
  const { io, inputs } = step;
  const { planning, exitCode } = await runPlan({ ...planningOptions(step), detailedExitcode: false }, io);
  const plan = redactPlan(planning.plan, planning, step);
  io.stdout(planText(plan, { color: false, now: io.now() }));
  const planFile = writePlanFile(plan, inputs.planFile, step);
  return { content: { type: 'plan', plan }, exitCode, diagnostics: warningsOf(planning, step), planFile };
}

async function performDrift(step: StepContext, beforeWriting: () => Promise<void>): Promise<CommandResult> {
  const { io, inputs } = step;
  const { planning, plan: found, exitCode } = await runDrift(planningOptions(step), io);
  const plan = redactPlan(found, planning, step);
  io.stdout(driftText(plan, { color: false, now: io.now() }));
  const planFile = writePlanFile(plan, inputs.planFile, step);
  if (inputs.drift === 'repair' && [...plan.changes, ...plan.dates].some(isRepairable))
    return repair(plan, step, beforeWriting);
  const diagnostics = warningsOf(planning, step);
  return { content: { type: 'drift', plan }, exitCode, diagnostics, planFile, drift: plan };
}

/**
 * Repairs drift, and looks for what is left of it.
 * @param found the drift, redacted
 */
async function repair(
  found: Plan,
  step: StepContext,
  beforeWriting: () => Promise<void>,
): Promise<CommandResult> {
  const { io } = step;
  const options = { expect: undefined, plan: undefined, only: 'drift' } as const;
  const { result, shown } = await applyAndShow(options, step, beforeWriting);
  if (result.type !== 'applied') return { ...shown, drift: found };
  try {
    const left = await runDrift(planningOptions(step), io);
    const drift = redactPlan(left.plan, left.planning, step);
    io.stdout(driftText(drift, { color: false, now: io.now() }));
    return { ...shown, exitCode: shown.exitCode === EXIT.done ? left.exitCode : shown.exitCode, drift };
  } catch (error) {
    throw new ReportLost(result.report, error);
  }
}

async function performApply(step: StepContext, beforeWriting: () => Promise<void>): Promise<CommandResult> {
  const { inputs } = step;
  if (inputs.planFile !== undefined && inputs.redactSalt !== undefined) {
    throw new OperatorError('input', 'apply cannot use a plan file with redacted keys', {
      hint: 'pass the fingerprint as expect instead of plan-file',
    });
  }
  const options = { expect: inputs.expect, plan: inputs.planFile, only: undefined };
  return (await applyAndShow(options, step, beforeWriting)).shown;
}

async function applyAndShow(
  limits: Pick<ApplyOptions, 'expect' | 'plan' | 'only'>,
  step: StepContext,
  beforeWriting: () => Promise<void>,
): Promise<{ readonly result: ApplyResult; readonly shown: CommandResult }> {
  const { io, inputs } = step;
  const options: ApplyOptions = {
    ...planningOptions(step),
    ...limits,
    yes: true,
    verify: true,
    allowDirty: false,
    record: inputs.recordApplied,
  };
  const show = (plan: Plan): void => step.log.plain(planText(plan, { color: false, now: io.now() }));
  const result = await runApply(options, io, async (planned, planning) => {
    const plan = redactPlan(planned, planning, step);
    show(plan);
    // A plan file that cannot be written must fail the step before anything is applied.
    writePlanFile(plan, undefined, step);
    // Even without changes: an apply also moves the last-applied refs.
    await beforeWriting();
  });
  try {
    return { result, shown: showApplied(result, show, step) };
  } catch (error) {
    throw result.type === 'applied' ? new ReportLost(result.report, error) : error;
  }
}

function showApplied(result: ApplyResult, show: (plan: Plan) => void, step: StepContext): CommandResult {
  const { io, mask } = step;
  const { planning } = result;
  const plan = redactPlan(result.plan, planning, step);
  const planFile =
    result.type === 'applied' ? temporaryPlanFile(plan, step) : writePlanFile(plan, undefined, step);
  const rest = { exitCode: applyExitCode(result), planFile, diagnostics: warningsOf(planning, step) };
  if (result.type !== 'applied') {
    show(plan);
    return { content: { type: 'plan', plan, refused: true }, ...rest };
  }
  const report = mask.redactor?.report(result.report) ?? result.report;
  io.stdout(resultText(report, { color: false }));
  return { content: { type: 'applied', report }, ...rest };
}

function planningOptions({ inputs }: StepContext): PlanningOptions {
  return {
    token: inputs.accessToken,
    baseUrl: inputs.baseUrl,
    config: inputs.config,
    format: 'text',
    // No input filters changes: a pull request shows everything that its merge would do in the selected scopes.
    selection: inputs.selection,
    filter: { flags: [], contexts: [] },
    noRemovals: inputs.noRemovals,
    force: inputs.force,
    allowLoosened: inputs.allowLoosened,
    allowRewind: false,
    allowEmpty: inputs.allowEmpty,
    offline: false,
  };
}

function warningsOf({ declared }: PlanningResult, step: StepContext): readonly Diagnostic[] {
  return redactDiagnostics(declared.findings.diagnostics, step);
}
