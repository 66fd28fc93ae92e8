import type { ApplyReport } from '../../apply/report.js';
import type { Plan } from '../../reconcile/plan.js';
import type { TextOptions } from '../text-options.js';

/** How and when a result is shown. */
export interface View extends TextOptions {
  /** The configuration's path, for advice about what to add to it. */
  readonly configPath: string;
}

/** An output format: renders each result as text for standard output. */
export interface Renderer {
  readonly plan: (plan: Plan, view: View) => string;
  /** @param plan contains drift only */
  readonly drift: (plan: Plan, view: View) => string;
  readonly result: (report: ApplyReport, view: View) => string;
}
