import { join, resolve } from 'node:path';
import { OperatorError } from '../diagnostics/operator-error.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openReplacement } from '../files/user-file.js';
import type { Plan } from '../reconcile/plan.js';
import { planJson } from '../report/plan-json.js';
import type { StepContext } from './step-context.js';

/**
 * Writes a plan as JSON.
 * @param path relative to the working directory; without it, a file in the runner's temporary directory
 * @returns the absolute path
 * @throws OperatorError `plan-file` if it cannot be written
 */
export function writePlanFile(plan: Plan, path: string | undefined, step: StepContext): string {
  const file = path === undefined ? temporaryPlanFile(plan, step) : resolve(step.io.cwd, path);
  try {
    const opened = openReplacement(step.io.cwd, path ?? file);
    opened.add(step.mask.withoutTokens(planJson(plan)));
    opened.close();
  } catch (cause) {
    throw new OperatorError('plan-file', `cannot write ${file}: ${reasonOf(cause)}`, {
      hint:
        path === undefined
          ? 'RUNNER_TEMP must be a directory that can be written to'
          : 'name another file with plan-file',
      cause,
    });
  }
  return file;
}

/** The path for a plan that the workflow did not name a file for. */
export function temporaryPlanFile(plan: Plan, { runner }: StepContext): string {
  return join(runner.temporary, `flagops-${plan.fingerprint.slice(0, 16)}.json`);
}
