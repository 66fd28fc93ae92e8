import type { GuardRefusal } from '../../reconcile/guards/refusal.js';
import { isLiftedByForce } from '../../reconcile/guards/table.js';
import type { Plan } from '../../reconcile/plan.js';
import { liftedWords } from '../words.js';
import { code, prose } from './text.js';

const MAX_GUARDS = 30;

/** A block for each guard that refuses the plan or would without being lifted, and how to accept the plan in review. */
export function guardBlocks({ guards, fingerprint }: Plan, configPath: string): string[] {
  const blocks = guards.slice(0, MAX_GUARDS).map(guardBlock);
  if (guards.length > MAX_GUARDS) blocks.push(`and ${guards.length - MAX_GUARDS} more`);
  const canBeAccepted = guards.some(({ code: name, lifted }) => !lifted && isLiftedByForce(name));
  if (!canBeAccepted) return blocks;
  return [
    ...blocks,
    `To let this plan through, and only this one, add its fingerprint to ${code(configPath)} and have that reviewed:\n\n` +
      `\`\`\`yaml\naccept: ["${fingerprint}"]\n\`\`\``,
  ];
}

function guardBlock(guard: GuardRefusal): string {
  const { message, remedy, lifted } = guard;
  return lifted
    ? `> [!WARNING]\n> Lifted: ${prose(liftedWords(guard))}`
    : `> [!CAUTION]\n> Refused: ${prose(message)}. Lifted by ${prose(remedy)}.`;
}
