import { type AppliedChanges, applyChanges } from '../apply/apply.js';
import { auditComment, requestComment } from '../apply/audit-comment.js';
import { type ApprovalOptions, requestApprovals } from '../apply/request-approvals.js';
import { countWithheld, expectPace } from '../apply/progress.js';
import { type ApplyReport, exitCode, exitCodeUnreported } from '../apply/report.js';
import { verify } from '../apply/verify.js';
import { policyOf } from '../config/config.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { FlagWriter } from '../launchdarkly/client.js';
import { systemClock, waitInRealTime } from '../launchdarkly/clock.js';
import { connectWriter } from '../launchdarkly/connect.js';
import type { ApplyOptions } from '../planning/options.js';
import { refuseOvertaken } from '../planning/newer-attempt.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { approvalDescription } from '../reconcile/approvals.js';
import { guardExpectations, type EarlierPlan } from '../reconcile/guards/expectations.js';
import { isRefused } from '../reconcile/guards/refusal.js';
import type { Paces } from '../reconcile/pace.js';
import type { Plan } from '../reconcile/plan.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import { beginAttempts, type BegunAttempts, type RecordingInput } from '../recording/attempt.js';
import { recordApplied } from '../recording/record.js';
import { errorText } from '../report/error-text.js';
import { type Format, FORMATS } from '../report/formats.js';
import { planText } from '../report/plan-text.js';
import { resultLines } from '../report/result-words.js';
import { wrapWords } from '../report/text-options.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { openProgress, type ProgressView } from '../terminal/progress.js';
import { textOptions, viewOf } from '../terminal/view.js';
import { withAuditLog } from './audit-log.js';

/** `flagops apply`: plans, asks for confirmation, makes the changes and shows the report. Returns the exit code. */
export async function apply(options: ApplyOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  // Loaded first: after a write, nothing may keep the report from being shown.
  const renderer = await FORMATS[options.format]();
  const result = await runApply(options, io, (plan) => io.stderr(planText(plan, textOptions(io, 'stderr'))));
  const view = viewOf(io, result.planning.declared);
  switch (result.type) {
    case 'refused':
      io.stdout(renderer.plan(result.plan, view));
      break;
    case 'declined':
      io.stderr('Nothing was applied.\n');
      break;
    case 'applied':
      if (!writeReport(() => renderer.result(result.report, view), io)) {
        return exitCodeUnreported(result.report);
      }
      io.stderr(elsewhereText(result.report, options.format, io));
  }
  return applyExitCode(result);
}

/**
 * Writes the report. Returns false if that failed: then it is on standard error, with the reason. Never throws, since
 * that would look as if nothing had been written to LaunchDarkly.
 */
function writeReport(render: () => string, io: Io): boolean {
  try {
    io.stdout(render(), { mustArrive: true });
    return true;
  } catch (error) {
    io.stderr(errorText(error, { debug: false, color: io.color.stderr, columns: io.columns.stderr }));
    return false;
  }
}

/** The result in short, if its text is not on the terminal; empty if it is. */
function elsewhereText(report: ApplyReport, format: Format, { resultFile, columns }: Io): string {
  const isShown = resultFile === undefined && (format === 'text' || !report.interrupted);
  if (isShown) return '';
  const where = resultFile === undefined ? 'on standard output' : `in ${resultFile}`;
  const lines = [...resultLines(report), `The full list is ${where}.`];
  return lines.map((line) => `${wrapWords(line, '  ', { columns: columns.stderr })}\n`).join('');
}

async function readPlan(path: string, cwd: string): Promise<EarlierPlan> {
  // Loaded on demand: it loads a validator that takes long to load.
  const { readPlanFile } = await import('../planning/plan-file.js');
  return readPlanFile(path, cwd);
}

interface Planned {
  readonly planning: PlanningResult;
  /** The plan of `planning` with the additional guards of an apply. */
  readonly plan: Plan;
}

/**
 * How an apply ended: a guard refused the plan, the user declined it, or its changes were applied, each with the outcome
 * in the report.
 */
export type ApplyResult =
  | (Planned & { readonly type: 'refused' })
  | (Planned & { readonly type: 'declined' })
  | (Planned & { readonly type: 'applied'; readonly report: ApplyReport });

/** The exit code of an apply whose report was shown. */
export function applyExitCode(result: ApplyResult): ExitCode {
  switch (result.type) {
    case 'refused':
      return EXIT.refused;
    case 'declined':
      return EXIT.failed;
    case 'applied':
      return exitCode(result.report);
  }
}

/**
 * Plans and applies, without showing the result.
 * @param onPlan receives the plan before anything is written, unless a guard refused it; if it throws, nothing is written
 * @throws OperatorError, DeclarationsInvalid; only before the first write
 */
export async function runApply(
  options: ApplyOptions,
  io: Io,
  onPlan: (plan: Plan, planning: PlanningResult) => void | Promise<void>,
): Promise<ApplyResult> {
  const progress = openProgress(io);
  const planFile = options.plan === undefined ? undefined : await readPlan(options.plan, io.cwd);
  const prepared = await prepare(options, io, {
    connect: connectWriter,
    onWait: progress.wait,
    fetching: 'required',
  });
  const { client, paces, ...found } = prepared;
  const planning = { ...found, plan: await withAuditLog(found.plan, prepared) };
  const plan = withExpectations(planning, options, planFile);
  refuseUncheckable(plan, options);
  if (isRefused(plan.guards)) return { type: 'refused', planning, plan };
  await onPlan(plan, planning);
  if (!(await isConfirmed(plan, options, io))) return { type: 'declined', planning, plan };
  const run = { planning, plan, options, io, client, paces };
  if (options.only !== undefined && countWritten(plan) > 0) {
    await refuseOvertaken(planning, options, { limit: client.run, now: io.now() });
  }
  const begun = await beginAttempts(recordingInput(run));
  const written = await write(run, progress, options.expect !== undefined || planFile !== undefined);
  return { type: 'applied', planning, plan, report: await conclude(run, begun, written) };
}

/** The plan with the guards that only an apply has: `--expect`, `--plan`, uncommitted edits. */
function withExpectations(
  { plan, past }: PlanningResult,
  options: ApplyOptions,
  planFile: EarlierPlan | undefined,
): Plan {
  const refusals = guardExpectations(plan, {
    fingerprint: options.expect,
    planned: planFile,
    dirty: past.dirty,
    allowDirty: options.allowDirty,
  });
  return { ...plan, guards: [...plan.guards, ...refusals] };
}

/** Refuses `--check` for a plan with PUTs: LaunchDarkly only has a dry run for patches. */
function refuseUncheckable({ writes }: Plan, { check }: ApplyOptions): void {
  if (check !== true || writes.mode !== 'put') return;
  throw new OperatorError(
    'check-needs-batch',
    'LaunchDarkly can only check patches, and this plan uses PUTs',
    { hint: 'pass --batch too, or set writes: batch in the configuration' },
  );
}

/** How many changes an apply makes, of overrides and of dates. */
function countWritten({ changes, dates }: Plan): number {
  return [...changes, ...dates].filter(({ withheld }) => withheld === undefined).length;
}

/** Asks for confirmation on a terminal. Without one, `--yes` is required. With nothing to apply, nothing is asked. */
async function isConfirmed(plan: Plan, options: ApplyOptions, io: Io): Promise<boolean> {
  const changes = countWritten(plan);
  if (options.yes || options.check === true || changes === 0) return true;
  if (!io.interactive) {
    throw new OperatorError('not-confirmed', 'there is no terminal to ask for confirmation on', {
      hint: 'pass --yes to apply without asking',
    });
  }
  const answer = await io.ask(`Apply ${changes === 1 ? 'this change' : `these ${changes} changes`}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

/** An apply that has been confirmed. */
interface ConfirmedApply extends Planned {
  readonly options: ApplyOptions;
  readonly io: Io;
  readonly client: FlagWriter;
  readonly paces: () => Paces;
}

async function write(run: ConfirmedApply, progress: ProgressView, strict: boolean): Promise<AppliedChanges> {
  const { planning, plan, options, io, client } = run;
  const { config } = planning.declared;
  const writes: WritePolicy = options.check === true ? { ...plan.writes, mode: 'batch' } : plan.writes;
  // A write in flight can take as long as `timeouts.attempt`.
  io.signal.addEventListener('abort', progress.interrupt, { once: true });
  progress.start({
    total: plan.changes.length + plan.dates.length,
    withheld: countWithheld(plan),
    expected: expectPace(plan, writes, run.paces),
    // Not the clock of the run: its sleeps end the run at the time limit, and return at once after that.
    clock: { now: () => systemClock.now(), sleep: waitInRealTime },
  });
  const written = await applyChanges(plan, {
    writer: client,
    clock: client.run.clock,
    concurrency: config.rate.concurrency,
    signal: io.signal,
    commentOf: (change) => auditComment(change, config.comment),
    writes,
    ignoreConflicts: config.batch.ignoreConflicts,
    dryRun: options.check === true,
    onProgress: progress.update,
    strict,
  });
  const ended =
    options.check === true
      ? written
      : { ...written, outcomes: await requestApprovals(written.outcomes, approvalOptions(run)) };
  progress.stop();
  io.signal.removeEventListener('abort', progress.interrupt);
  return ended;
}

function approvalOptions({ planning, plan, io, client }: ConfirmedApply): ApprovalOptions {
  const { config } = planning.declared;
  return {
    writer: client,
    clock: client.run.clock,
    concurrency: config.rate.concurrency,
    signal: io.signal,
    notify: (scope) => {
      const policy = policyOf(config, scope);
      return policy?.approvals === 'request' ? policy.notify : undefined;
    },
    values: plan.writes.values,
    isPartial: plan.filtered > 0,
    name: config.name,
    describe: (group) => {
      const comment = requestComment(group.changes, config.comment);
      return { comment, description: approvalDescription(group, config.name, comment) };
    },
  };
}

/** Reads the changes back, records what was applied, and puts everything into the report. */
async function conclude(
  run: ConfirmedApply,
  begun: BegunAttempts,
  written: AppliedChanges,
): Promise<ApplyReport> {
  const { plan, options, io, client } = run;
  const { outcomes, dates, verification } =
    options.verify && options.check !== true && !io.signal.aborted
      ? await verify(written, { reader: client, clock: client.run.clock, signal: io.signal })
      : { ...written, verification: undefined };
  const end = { outcomes, dates, verification, interrupted: io.signal.aborted };
  const recording = await recordApplied(recordingInput(run), begun, end);
  return {
    plan,
    outcomes,
    dates,
    verification,
    ...(options.check === true ? { checkOnly: true as const } : {}),
    // Read last, since an interruption may also have ended verifying or recording.
    interrupted: io.signal.aborted,
    ...recording,
  };
}

function recordingInput({ planning, plan, options, io, client }: ConfirmedApply): RecordingInput {
  return { planning, plan, options, now: io.now, timeLeft: () => client.run.timeLeft() };
}
