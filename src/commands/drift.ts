import { EXIT } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { driftOf } from '../reconcile/drift.js';
import type { Plan } from '../reconcile/plan.js';
import { FORMATS } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import type { PlanningOptions } from '../planning/options.js';
import { type PlanningResult, prepare } from '../planning/prepare.js';
import { waitingNotice } from '../terminal/progress.js';
import { viewOf } from '../planning/view.js';

/** `flagops drift`: shows only what moved away from last-applied. Gives the exit code: 2 where there is any. */
export async function drift(options: PlanningOptions, shown: Io): Promise<number> {
  const io = withoutToken(shown, options.token);
  const { prepared, plan, exitCode } = await findDrift(options, io);
  const renderer = await FORMATS[options.format]();
  io.stdout(renderer.drift(plan, viewOf(io, prepared.declared)));
  return exitCode;
}

/** What `drift` comes to, without showing it: a plan that holds nothing else. */
export async function findDrift(
  options: PlanningOptions,
  io: Io,
): Promise<{ readonly prepared: PlanningResult; readonly plan: Plan; readonly exitCode: number }> {
  const prepared = await prepare(options, io, connect, waitingNotice(io));
  const plan = driftOf(prepared.plan);
  return { prepared, plan, exitCode: plan.changes.length === 0 ? EXIT.done : EXIT.differences };
}
