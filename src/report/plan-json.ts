import type { Plan } from '../reconcile/plan.js';

/** A plan as JSON, as `plan.schema.json` describes it. `apply --plan` reads it back. */
export function planJson(plan: Plan): string {
  return `${JSON.stringify({ format: 'flagops-plan/1', ...plan }, undefined, 2)}\n`;
}
