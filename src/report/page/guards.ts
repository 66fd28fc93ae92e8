import type { GuardRefusal } from '../../reconcile/guards/refusal.js';
import { type GuardCode, isLiftedByForce } from '../../reconcile/guards/table.js';
import type { Plan } from '../../reconcile/plan.js';
import { liftedWords } from '../words.js';
import { code, prose } from './text.js';

/** A line for each guard that refuses the plan. */
export function refusalLines({ guards }: Plan, inAction: boolean): string[] {
  return guards
    .filter(({ lifted }) => !lifted)
    .map((guard) => {
      const remedy = inAction ? (WITHOUT_INPUT[guard.code] ?? asInputs(guard.remedy)) : guard.remedy;
      return `Refused: ${prose(guard.message)}. Lifted by ${prose(remedy)}.`;
    });
}

/** A line for each guard that would refuse the plan without being lifted. */
export function liftedLines({ guards }: Plan, inAction: boolean): string[] {
  return guards
    .filter(({ lifted }) => lifted)
    .map((guard) => {
      const words = liftedWords(guard);
      return `Lifted: ${prose(inAction ? asInputs(words) : words)}`;
    });
}

/** What the Action advises if the option that lifts a guard on the command line has no input. */
const WITHOUT_INPUT: Readonly<Partial<Record<GuardCode, string>>> = {
  rewind: 'merging or rebasing the branch, so that it contains that commit',
  dirty: 'committing it',
};

/** Options of the command line as inputs of the Action, which have the same names. */
export function asInputs(words: string): string {
  return words.replaceAll(/--(?=[a-z])/g, 'the input ');
}

/**
 * How to accept the plan in review; undefined if nothing refuses it, or if something does that this would not lift.
 */
export function acceptance({ guards, fingerprint }: Plan, configPath: string): string | undefined {
  const refusing = guards.filter(({ lifted }: GuardRefusal) => !lifted);
  if (refusing.length === 0 || !refusing.every(({ code: name }) => isLiftedByForce(name))) return undefined;
  return (
    `To let this plan through, and only this one, add this line to ${code(configPath)} ` +
    '(or the fingerprint to the list that is there) and have it reviewed:\n\n' +
    `\`\`\`yaml\naccept: ["${fingerprint}"]\n\`\`\``
  );
}
