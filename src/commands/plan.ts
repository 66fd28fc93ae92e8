import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { isRefused } from '../reconcile/guards/refusal.js';
import { hasChanges } from '../reconcile/plan.js';
import type { Plan } from '../reconcile/plan.js';
import { FORMATS } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { viewOf } from '../terminal/view.js';
import type { PlanOptions } from '../planning/options.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { openProgress } from '../terminal/progress.js';
import { withAuditLog } from './audit-log.js';

/** `flagops plan`: shows what apply would change. Only sends GET requests. Returns the exit code. */
export async function plan(options: PlanOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const { planning, exitCode } = await runPlan(options, io);
  const renderer = await FORMATS[options.format]();
  io.stdout(renderer.plan(planning.plan, { ...viewOf(io, planning.declared), unmanaged: options.unmanaged }));
  return exitCode;
}

/** Plans, without showing the result. */
export async function runPlan(
  options: PlanOptions,
  io: Io,
): Promise<{ readonly planning: PlanningResult; readonly exitCode: ExitCode }> {
  const prepared = await prepare(options, io, {
    connect,
    onWait: openProgress(io).wait,
    fetching: 'if possible',
  });
  const planning = {
    ...prepared,
    plan: withUncommitted(await withAuditLog(prepared.plan, prepared), prepared.past.dirty),
  };
  const { guards } = planning.plan;
  const differs = options.detailedExitcode && hasChanges(planning.plan);
  const exitCode = isRefused(guards) ? EXIT.refused : differs ? EXIT.differences : EXIT.done;
  return { planning, exitCode };
}

/** The plan with a warning about uncommitted edits, which are planned, but refused by apply. */
function withUncommitted(planned: Plan, dirty: readonly string[]): Plan {
  const [path] = dirty;
  if (path === undefined) return planned;
  const files = dirty.length > 1 ? `${path} and ${dirty.length - 1} more are` : `${path} is`;
  const warning = `${files} not committed: apply refuses uncommitted edits unless --allow-dirty is given`;
  return { ...planned, warnings: [...planned.warnings, warning] };
}
