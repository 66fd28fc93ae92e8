import { connect } from '../launchdarkly/connect.js';
import { isRefused } from '../reconcile/guards.js';
import type { Io } from './io.js';
import { withoutToken } from './masked.js';
import type { PlanOptions } from './options.js';
import { type Prepared, prepare } from './prepare.js';
import { waitingNotice } from './progress.js';
import { renderPlan } from './render.js';

/** `flagops plan`: shows what apply would change, with GET requests alone. Gives the exit code. */
export async function plan(options: PlanOptions, shown: Io): Promise<number> {
  const io = withoutToken(shown, options.token);
  const { prepared, exitCode } = await makePlan(options, io);
  io.stdout(renderPlan(prepared.plan, prepared.declared, options.format, io));
  return exitCode;
}

/** What `plan` comes to, without showing it. */
export async function makePlan(
  options: PlanOptions,
  io: Io,
): Promise<{ readonly prepared: Prepared; readonly exitCode: number }> {
  const prepared = await prepare(options, io, connect, waitingNotice(io));
  const { guards, changes } = prepared.plan;
  const exitCode = isRefused(guards) ? 4 : options.detailedExitcode && changes.length > 0 ? 2 : 0;
  return { prepared, exitCode };
}
