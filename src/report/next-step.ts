import { type ApplyReport, exitCode } from '../apply/report.js';
import { EXIT } from '../exit-codes.js';
import { hasChanges, type Plan } from '../reconcile/plan.js';
import { GUARDS, type Lift } from '../reconcile/guards/table.js';

/**
 * What to do after a plan was shown, as one line without a full stop; undefined if nothing is left to do.
 * @param configPath where a fingerprint can be accepted
 */
export function nextStep(plan: Plan, configPath: string): string | undefined {
  const lifts = new Set(plan.guards.filter(({ lifted }) => !lifted).map(({ code }) => GUARDS[code].liftedBy));
  if (lifts.size > 0) return stepAfterRefusal(lifts, configPath);
  const items = [...plan.changes, ...plan.dates];
  if (!hasChanges(plan)) return stepWithoutChanges(plan);
  if (items.every(({ withheld }) => withheld !== undefined)) return undefined;
  const options = plan.filtered === 0 ? '' : ' with the same filters';
  const apply = `open a pull request, or run flagops apply${options}`;
  const isUncommitted = items.some(({ provenance }) => provenance.type === 'uncommitted');
  return isUncommitted ? `commit your edits, then ${apply}` : apply;
}

function stepAfterRefusal(lifts: ReadonlySet<Lift>, configPath: string): string {
  const [only] = lifts;
  if (lifts.size > 1 || only === undefined)
    return 'deal with each refusal above, then run flagops plan again';
  const steps: Readonly<Record<Lift, string>> = {
    force: `if every change is meant, list the fingerprint under accept in ${configPath}, or run flagops apply --force`,
    'allow-rewind': 'merge or rebase, or run flagops apply --allow-rewind to go back',
    'allow-dirty': 'commit your edits, then run flagops apply again',
    'allow-loosened': 'if the configuration was meant to move, run flagops apply --allow-loosened',
    configuration: `take the protected changes out, or change protect in ${configPath} first`,
    'new-plan': 'run flagops plan again',
  };
  return steps[only];
}

function stepWithoutChanges({ scopes, filtered }: Plan): string | undefined {
  const adopts = scopes.some((scope) => scope.adopts > 0);
  return adopts && filtered === 0
    ? 'run flagops apply, so that this repository manages what it adopts'
    : undefined;
}

/** What to do after an apply, as one line without a full stop; undefined if nothing is left, or if the result says it. */
export function stepAfterApply(report: ApplyReport): string | undefined {
  if (report.interrupted) return undefined;
  const code = exitCode(report);
  if (code === EXIT.failed || code === EXIT.incomplete)
    return 'when the cause is fixed, run flagops apply again; it makes only the changes that are left';
  if (code === EXIT.approvalRequired)
    return 'once they are approved in LaunchDarkly, run flagops plan to see what is left';
  return undefined;
}
