import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { isRefused } from '../reconcile/guards/refusal.js';
import { FORMATS } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { viewOf } from '../terminal/view.js';
import type { PlanOptions } from '../planning/options.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { openProgress } from '../terminal/progress.js';

/** `flagops plan`: shows what apply would change. Only sends GET requests. Returns the exit code. */
export async function plan(options: PlanOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const { planning, exitCode } = await runPlan(options, io);
  const renderer = await FORMATS[options.format]();
  io.stdout(renderer.plan(planning.plan, viewOf(io, planning.declared)));
  return exitCode;
}

/** Plans, without showing the result. */
export async function runPlan(
  options: PlanOptions,
  io: Io,
): Promise<{ readonly planning: PlanningResult; readonly exitCode: ExitCode }> {
  const planning = await prepare(options, io, {
    connect,
    onWait: openProgress(io).wait,
    fetching: 'if possible',
  });
  const { guards, changes } = planning.plan;
  const differs = options.detailedExitcode && changes.length > 0;
  const exitCode = isRefused(guards) ? EXIT.refused : differs ? EXIT.differences : EXIT.done;
  return { planning, exitCode };
}
