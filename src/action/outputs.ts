import { EXIT } from '../exit-codes.js';
import { hasChanges } from '../reconcile/plan.js';
import type { CommandResult } from './perform.js';

/**
 * The outputs of the Action, as `action.yml` declares them. Without a plan, the counts are 0.
 * @param result undefined if the command did not run to its end
 * @param exitCode for a run without a result
 */
export function outputsOf(
  result: CommandResult | undefined,
  exitCode: number = EXIT.done,
): Record<string, string> {
  const content = result?.content;
  const report = content?.type === 'applied' ? content.report : undefined;
  const plan = content?.type === 'plan' || content?.type === 'drift' ? content.plan : report?.plan;
  const count = (status: string): number =>
    report?.outcomes.filter((outcome) => outcome.status === status).length ?? 0;
  return {
    'has-changes': String(plan !== undefined && hasChanges(plan)),
    adds: String(plan?.counts.add ?? 0),
    updates: String(plan?.counts.update ?? 0),
    removals: String(plan?.counts.remove ?? 0),
    applied: String(count('applied')),
    failed: String(count('failed')),
    unknown: String(count('unknown')),
    fingerprint: plan?.fingerprint ?? '',
    'plan-file': result?.planFile ?? '',
    'exit-code': String(result?.exitCode ?? exitCode),
  };
}
