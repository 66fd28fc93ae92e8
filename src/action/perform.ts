import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeApply } from '../commands/apply.js';
import { DeclarationsInvalid, declare } from '../planning/read-declarations.js';
import { findDrift } from '../commands/drift.js';
import type { ApplyOptions, PlanningOptions } from '../planning/options.js';
import { makePlan } from '../commands/plan.js';
import type { PlanningResult } from '../planning/prepare.js';
import { contextKeysIn } from '../declare/parse/keys.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openReplacement } from '../files/user-file.js';
import type { Decision } from '../github/decide.js';
import type { Plan } from '../reconcile/plan.js';
import type { PageContent } from '../report/page/page.js';
import { findingsText } from '../report/diagnostics.js';
import { driftText } from '../report/drift-text.js';
import { planJson } from '../report/plan-json.js';
import { planText } from '../report/plan-text.js';
import { resultText } from '../report/result-text.js';
import { sizeFault } from '../yaml/decode.js';
import type { StepContext } from './step-context.js';

/** What a command came to. Context keys are hidden already, where they are to be. */
export interface CommandResult {
  readonly content: PageContent;
  readonly exitCode: number;
  /** What is wrong or doubtful in the files. */
  readonly diagnostics: readonly Diagnostic[];
  readonly planFile?: string;
}

/**
 * Runs the same function as the command line does, and shows in the log what the command line would.
 * @param beforeWriting is waited for when an apply is about to write; if it throws, nothing is written
 * @throws OperatorError
 */
export async function perform(
  decision: Decision,
  step: StepContext,
  beforeWriting: () => Promise<void>,
): Promise<CommandResult> {
  try {
    return await performValid(decision, step, beforeWriting);
  } catch (error) {
    if (!(error instanceof DeclarationsInvalid)) throw error;
    const { findings } = error;
    await hideKeysOf(findings.diagnostics, step);
    const diagnostics = hidden(findings.diagnostics, step);
    const content = { type: 'findings', findings: { ...findings, diagnostics } } as const;
    step.io.stdout(findingsText(content.findings, false));
    return { content, exitCode: EXIT.failed, diagnostics };
  }
}

async function performValid(
  { command, reason }: Decision,
  step: StepContext,
  beforeWriting: () => Promise<void>,
): Promise<CommandResult> {
  const { io, inputs } = step;
  switch (command) {
    case 'validate': {
      const { findings } = await declare({ ...inputs, cwd: io.cwd, signal: io.signal });
      await hideKeysOf(findings.diagnostics, step);
      const diagnostics = hidden(findings.diagnostics, step);
      const content = { type: 'findings', findings: { ...findings, diagnostics }, reason } as const;
      io.stdout(findingsText(content.findings, false));
      return { content, exitCode: EXIT.done, diagnostics };
    }
    case 'plan': {
      const { prepared, exitCode } = await makePlan({ ...planning(step), detailedExitcode: false }, io);
      const plan = hide(prepared.plan, prepared, step);
      io.stdout(planText(plan, { color: false, now: io.now() }));
      const planFile = writePlan(plan, inputs.planFile, step);
      return { content: { type: 'plan', plan }, exitCode, diagnostics: warningsOf(prepared, step), planFile };
    }
    case 'drift': {
      const { prepared, plan: found, exitCode } = await findDrift(planning(step), io);
      const plan = hide(found, prepared, step);
      io.stdout(driftText(plan, { color: false, now: io.now() }));
      const planFile = writePlan(plan, inputs.planFile, step);
      return { content: { type: 'drift', plan }, exitCode, diagnostics: warningsOf(prepared, step), planFile };
    }
    case 'apply':
      return performApply(step, beforeWriting);
  }
}

async function performApply(step: StepContext, beforeWriting: () => Promise<void>): Promise<CommandResult> {
  const { io, inputs, mask } = step;
  if (inputs.planFile !== undefined && inputs.redactSalt !== undefined) {
    throw new OperatorError('input', 'apply cannot be held to a plan file with hidden keys', {
      hint: 'give the fingerprint as expect instead of plan-file',
    });
  }
  const options: ApplyOptions = {
    ...planning(step),
    yes: true,
    expect: inputs.expect,
    plan: inputs.planFile,
    verify: true,
    allowRewind: false,
    allowDirty: false,
    record: inputs.recordApplied,
  };
  const show = (plan: Plan): void => io.stderr(planText(plan, { color: false, now: io.now() }));
  const applied = await makeApply(options, io, async (planned, prepared) => {
    const plan = hide(planned, prepared, step);
    show(plan);
    // What cannot be handed on is to fail while nothing is written.
    writePlan(plan, undefined, step);
    // Where there is nothing to change, what was applied is recorded all the same.
    await beforeWriting();
  });
  const { prepared, exitCode } = applied;
  const plan = hide(applied.plan, prepared, step);
  const planFile = applied.report === undefined ? writePlan(plan, undefined, step) : planPath(plan, step);
  const rest = { exitCode, planFile, diagnostics: warningsOf(prepared, step) };
  if (applied.report === undefined) {
    show(plan);
    return { content: { type: 'plan', plan }, ...rest };
  }
  const report = mask.redactor?.report(applied.report) ?? applied.report;
  io.stdout(resultText(report, { color: false }));
  return { content: { type: 'applied', report }, ...rest };
}

function planning({ inputs }: StepContext): PlanningOptions {
  return {
    token: inputs.accessToken,
    baseUrl: inputs.baseUrl,
    config: inputs.config,
    format: 'text',
    // No input narrows what is planned: a pull request shows everything that its merge would do.
    filter: { projects: [], environments: [], flags: [], contexts: [] },
    noRemovals: inputs.noRemovals,
    force: inputs.force,
    allowEmpty: inputs.allowEmpty,
    offline: false,
  };
}

/** From here on the plan's context keys are shown nowhere. */
function hide(plan: Plan, { declared }: PlanningResult, { inputs, mask }: StepContext): Plan {
  if (inputs.redactSalt === undefined) return plan;
  const keys = new Set(plan.changes.map(({ key }) => key));
  for (const scope of declared.desired.values()) {
    for (const override of scope.overrides.values()) keys.add(override.key);
  }
  return mask.hideKeys(inputs.redactSalt, keys).plan(plan);
}

/** Files with errors declare nothing, so their keys are taken from what can be read of them. */
async function hideKeysOf(
  diagnostics: readonly Diagnostic[],
  { inputs, mask, root }: StepContext,
): Promise<void> {
  if (inputs.redactSalt === undefined) return;
  const files = new Set(diagnostics.map(({ at }) => at.file));
  const keys = new Set<string>();
  for (const file of files) {
    const path = join(root.path, file);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    // What is too large was not read, so no message holds anything of it.
    if (sizeFault(size) !== undefined) continue;
    const text = await readFile(path, 'utf8').catch(() => '');
    for (const key of contextKeysIn(text)) keys.add(key);
  }
  mask.hideKeys(inputs.redactSalt, keys);
}

function hidden(diagnostics: readonly Diagnostic[], { mask }: StepContext): readonly Diagnostic[] {
  const { redactor: hider } = mask;
  return hider === undefined ? diagnostics : diagnostics.map(hider.diagnostic);
}

function warningsOf({ declared }: PlanningResult, step: StepContext): readonly Diagnostic[] {
  return hidden(declared.findings.diagnostics, step);
}

/** @param path from the working directory; without one the file goes where the runner cleans up */
function writePlan(plan: Plan, path: string | undefined, step: StepContext): string {
  const file = path === undefined ? planPath(plan, step) : resolve(step.io.cwd, path);
  try {
    const opened = openReplacement(step.io.cwd, path ?? file);
    opened.add(step.mask.withoutTokens(planJson(plan)));
    opened.close();
  } catch (cause) {
    throw new OperatorError('plan-file', `cannot write ${file}: ${reasonOf(cause)}`, {
      hint:
        path === undefined
          ? 'RUNNER_TEMP must be a folder that can be written to'
          : 'name another file with plan-file',
      cause,
    });
  }
  return file;
}

function planPath(plan: Plan, { runner }: StepContext): string {
  return join(runner.temporary, `flagops-${plan.fingerprint.slice(0, 16)}.json`);
}
