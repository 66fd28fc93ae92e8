import type { Plan } from '../reconcile/plan.js';
import { jsonText } from './escape.js';

/** A plan as JSON, as `plan.schema.json` describes it. `apply --plan` reads it. */
export function planJson(plan: Plan): string {
  return jsonText({ format: 'flagops-plan/1', ...plan });
}
