import { applyChanges } from '../apply/apply.js';
import type { Outcome } from '../apply/outcome.js';
import {
  type ApplyReport,
  completedScopes,
  exitCode as exitCodeOf,
  exitCodeUnreported,
} from '../apply/report.js';
import { verify, type Verification } from '../apply/verify.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { recordLastApplied } from '../history/refs/last-applied.js';
import type { FlagWriter } from '../launchdarkly/client.js';
import { connectWriter } from '../launchdarkly/connect.js';
import { guardExpectations } from '../reconcile/guards/expectations.js';
import { isFiltering } from '../reconcile/filter.js';
import { isRefused } from '../reconcile/guards/refusal.js';
import type { Plan } from '../reconcile/plan.js';
import type { ScopeId } from '../reconcile/state.js';
import { errorText } from '../report/error-text.js';
import { planText } from '../report/plan-text.js';
import { auditComment } from '../apply/audit-comment.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import type { ApplyOptions } from '../planning/options.js';
import { readPlanFile } from '../planning/plan-file.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { progressView, type ProgressView, waitingNotice } from '../terminal/progress.js';
import { FORMATS } from '../report/formats.js';
import { textOptions } from '../terminal/view.js';
import { viewOf } from '../planning/view.js';

/** `flagops apply`: the plan, then the requests that make its changes. Gives the exit code. */
export async function apply(options: ApplyOptions, shown: Io): Promise<number> {
  const io = withoutToken(shown, options.token);
  const { prepared, plan, report, exitCode } = await makeApply(options, io, (planned) =>
    io.stderr(planText(planned, textOptions(io, 'stderr'))),
  );
  const renderer = await FORMATS[options.format]();
  const view = viewOf(io, prepared.declared);
  if (report !== undefined) {
    const text = renderer.result(report, view);
    return isShown(text, io) ? exitCode : exitCodeUnreported(report);
  }
  if (exitCode === EXIT.refused) io.stdout(renderer.plan(plan, view));
  else io.stderr('Nothing was applied.\n');
  return exitCode;
}

/** Whether the report is where it was asked for; if not, it is on standard error, with the reason. */
function isShown(text: string, io: Io): boolean {
  try {
    io.stdout(text, { mustArrive: true });
    return true;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    io.stderr(errorText(error, { debug: false, color: io.color.stderr }));
    return false;
  }
}

/** How an apply ended. */
export interface Applied {
  readonly prepared: PlanningResult;
  /** The plan, with the guards of an apply. */
  readonly plan: Plan;
  /** Undefined where a guard refused, or whoever was asked did. */
  readonly report: ApplyReport | undefined;
  readonly exitCode: number;
}

/**
 * What `apply` does, without showing what came of it.
 * @param onPlan is shown the plan before anything is written, unless a guard refuses it; if it throws, nothing is written
 */
export async function makeApply(
  options: ApplyOptions,
  io: Io,
  onPlan: (plan: Plan, prepared: PlanningResult) => void | Promise<void>,
): Promise<Applied> {
  let wait: ProgressView['wait'] = waitingNotice(io);
  let writer: FlagWriter | undefined;
  const planned = options.plan === undefined ? undefined : await readPlanFile(options.plan, io.cwd);
  const prepared = await prepare(
    options,
    io,
    (connection) => (writer = connectWriter(connection)),
    (reason) => wait(reason),
    'required',
  );
  const { past } = prepared;
  const expected = {
    ...options,
    fingerprint: options.expect,
    planned,
    rewound: past.rewound,
    dirty: past.dirty,
  };
  const plan: Plan = {
    ...prepared.plan,
    guards: [...prepared.plan.guards, ...guardExpectations(prepared.plan, expected)],
  };
  refuseUncheckable(plan, options);
  if (isRefused(plan.guards)) return { prepared, plan, report: undefined, exitCode: EXIT.refused };
  await onPlan(plan, prepared);
  if (!(await isConfirmed(plan, options, io)))
    return { prepared, plan, report: undefined, exitCode: EXIT.failed };
  const view = progressView(plan.changes.length, io);
  ({ wait } = view);
  const { config } = prepared.declared;
  const strict = options.expect !== undefined || planned !== undefined;
  const onInterrupt = (): void => io.stderr(INTERRUPTED);
  io.signal.addEventListener('abort', onInterrupt, { once: true });
  const outcomes = await applyChanges(plan.changes, {
    writer: writer as FlagWriter,
    clock: (writer as FlagWriter).run.clock,
    concurrency: config.rate.concurrency,
    signal: io.signal,
    commentOf: (change) => auditComment(change, config.comment),
    writes: options.check === true ? { ...plan.writes, mode: 'batch' } : plan.writes,
    ignoreConflicts: config.batch.ignoreConflicts,
    dryRun: options.check === true,
    onProgress: view.update,
    strict,
  });
  io.signal.removeEventListener('abort', onInterrupt);
  view.stop();
  wait = waitingNotice(io);
  const report = await conclude(prepared, plan, outcomes, writer as FlagWriter, options, io);
  return { prepared, plan, report, exitCode: exitCodeOf(report) };
}

/** Only patches have a dry run at LaunchDarkly. */
function refuseUncheckable({ writes }: Plan, { check }: ApplyOptions): void {
  if (check !== true || writes.mode !== 'put') return;
  throw new OperatorError(
    'check-needs-batch',
    'LaunchDarkly can check patches alone, and this plan uses PUTs',
    {
      hint: 'pass --batch too, or set writes: batch in the configuration',
    },
  );
}

/** A write that is under way can take as long as `timeouts.attempt`: whoever pressed Ctrl-C should know. */
const INTERRUPTED = 'Interrupted: what is under way is finished. Ctrl-C again ends at once.\n';

/** A person is asked; a machine must have been told. Where there is nothing to apply nobody needs to be asked. */
async function isConfirmed(plan: Plan, options: ApplyOptions, io: Io): Promise<boolean> {
  const changes = plan.changes.filter(({ withheld }) => withheld === undefined).length;
  if (options.yes || options.check === true || changes === 0) return true;
  if (!io.interactive) {
    throw new OperatorError('not-confirmed', 'there is no terminal to ask on', {
      hint: 'pass --yes to go ahead',
    });
  }
  const answer = await io.ask(`Apply ${changes === 1 ? 'this change' : `these ${changes} changes`}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

async function conclude(
  prepared: PlanningResult,
  plan: Plan,
  outcomes: readonly Outcome[],
  reader: FlagWriter,
  options: ApplyOptions,
  io: Io,
): Promise<ApplyReport> {
  const verification: Verification | undefined =
    options.verify && options.check !== true && !io.signal.aborted
      ? await verify(outcomes, { reader, clock: reader.run.clock, signal: io.signal })
      : undefined;
  const mayRecord =
    options.record &&
    options.check !== true &&
    options.shard === undefined &&
    prepared.past.dirty.length === 0 &&
    !isFiltering(options.filter) &&
    verification?.failure === undefined &&
    !io.signal.aborted;
  const scopes = mayRecord ? completedScopes(plan, outcomes, verification) : [];
  const { recorded, notices } = await record(scopes, prepared, plan, options, reader);
  return {
    plan,
    outcomes,
    verification,
    ...(options.check === true ? { checkOnly: true as const } : {}),
    // Looked at last: also what ends reading back or recording is an interruption.
    interrupted: io.signal.aborted,
    recorded,
    notices,
  };
}

/** Moves the last-applied refs. Never throws: what was written must be reported, whatever becomes of them. */
async function record(
  scopes: readonly ScopeId[],
  { declared, past }: PlanningResult,
  plan: Plan,
  options: ApplyOptions,
  { run }: FlagWriter,
): Promise<Pick<ApplyReport, 'recorded' | 'notices'>> {
  if (past.git === undefined || scopes.length === 0) return { recorded: [], notices: [] };
  const { host } = new URL(plan.baseUrl);
  try {
    const { warning } = await recordLastApplied(past.git.repository, host, declared.config.name, scopes, {
      push: !options.offline,
      patience: run.timeLeft(),
    });
    return { recorded: scopes, notices: warning === undefined ? [] : [warning] };
  } catch (error) {
    return { recorded: [], notices: [error instanceof Error ? error.message : String(error)] };
  }
}
