import { connect } from '../launchdarkly/connect.js';
import { driftOf } from '../reconcile/drift.js';
import type { Plan } from '../reconcile/plan.js';
import { driftText } from '../report/drift-text.js';
import { planJson } from '../report/plan-json.js';
import type { Io } from './io.js';
import { withoutToken } from './masked.js';
import type { PlanningOptions } from './options.js';
import { type Prepared, prepare } from './prepare.js';
import { waitingNotice } from './progress.js';
import { renderPage, textOptions } from './render.js';

/** `flagops drift`: shows only what moved away from last-applied. Gives the exit code: 2 where there is any. */
export async function drift(options: PlanningOptions, shown: Io): Promise<number> {
  const io = withoutToken(shown, options.token);
  const { prepared, plan, exitCode } = await findDrift(options, io);
  io.stdout(render(plan, prepared, options.format, io));
  return exitCode;
}

/** What `drift` comes to, without showing it: a plan that holds nothing else. */
export async function findDrift(
  options: PlanningOptions,
  io: Io,
): Promise<{ readonly prepared: Prepared; readonly plan: Plan; readonly exitCode: number }> {
  const prepared = await prepare(options, io, connect, waitingNotice(io));
  const plan = driftOf(prepared.plan);
  return { prepared, plan, exitCode: plan.changes.length === 0 ? 0 : 2 };
}

function render(plan: Plan, { declared }: Prepared, format: PlanningOptions['format'], io: Io): string {
  switch (format) {
    case 'text':
      return driftText(plan, textOptions(io, 'stdout'));
    case 'json':
      return planJson(plan);
    case 'markdown':
      return renderPage({ type: 'drift', plan }, declared, io);
  }
}
