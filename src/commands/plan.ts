import { EXIT } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { isRefused } from '../reconcile/guards/refusal.js';
import { FORMATS } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import type { PlanOptions } from '../planning/options.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { waitingNotice } from '../terminal/progress.js';
import { viewOf } from '../planning/view.js';

/** `flagops plan`: shows what apply would change, with GET requests alone. Gives the exit code. */
export async function plan(options: PlanOptions, shown: Io): Promise<number> {
  const io = withoutToken(shown, options.token);
  const { prepared, exitCode } = await makePlan(options, io);
  const renderer = await FORMATS[options.format]();
  io.stdout(renderer.plan(prepared.plan, viewOf(io, prepared.declared)));
  return exitCode;
}

/** What `plan` comes to, without showing it. */
export async function makePlan(
  options: PlanOptions,
  io: Io,
): Promise<{ readonly prepared: PlanningResult; readonly exitCode: number }> {
  const prepared = await prepare(options, io, connect, waitingNotice(io));
  const { guards, changes } = prepared.plan;
  const differs = options.detailedExitcode && changes.length > 0;
  const exitCode = isRefused(guards) ? EXIT.refused : differs ? EXIT.differences : EXIT.done;
  return { prepared, exitCode };
}
