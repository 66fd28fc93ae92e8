import { connect } from '../launchdarkly/connect.js';
import { isRefused } from '../reconcile/guards.js';
import type { Io } from './io.js';
import type { PlanOptions } from './options.js';
import { prepare } from './prepare.js';
import { waitingNotice } from './progress.js';
import { renderPlan } from './render.js';

/** `flagops plan`: shows what apply would change, with GET requests alone. Gives the exit code. */
export async function plan(options: PlanOptions, io: Io): Promise<number> {
  const prepared = await prepare(options, io, connect, waitingNotice(io));
  io.stdout(renderPlan(prepared.plan, options.format, io));
  if (isRefused(prepared.plan.guards)) return 4;
  return options.detailedExitcode && prepared.plan.changes.length > 0 ? 2 : 0;
}
