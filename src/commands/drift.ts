import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { driftOf } from '../reconcile/drift.js';
import { hasChanges, type Plan } from '../reconcile/plan.js';
import { FORMATS } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { viewOf } from '../terminal/view.js';
import type { PlanningOptions } from '../planning/options.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { openProgress } from '../terminal/progress.js';
import { withAuditLog } from './audit-log.js';

/** `flagops drift`: shows what was changed in LaunchDarkly since the last apply. Returns the exit code: 2 if anything was. */
export async function drift(options: PlanningOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const { planning, plan, exitCode } = await runDrift(options, io);
  const renderer = await FORMATS[options.format]();
  io.stdout(renderer.drift(plan, viewOf(io, planning.declared)));
  return exitCode;
}

/** Finds drift, without showing it: a plan with only the changes that would repair drift. */
export async function runDrift(
  options: PlanningOptions,
  io: Io,
): Promise<{ readonly planning: PlanningResult; readonly plan: Plan; readonly exitCode: ExitCode }> {
  const planning = await prepare(options, io, {
    connect,
    onWait: openProgress(io).wait,
    fetching: 'if possible',
  });
  const plan = await withAuditLog(driftOf(planning.plan), planning);
  return {
    planning,
    plan,
    exitCode: hasChanges(plan) ? EXIT.differences : EXIT.done,
  };
}
