import { invalid } from '../api/errors.js';
import { changeDate, DATE_CHANGES, type DateChange } from './expiring.js';
import { INSTRUCTIONS, type InstructionKind } from './instructions.js';

const dates = (change: DateChange): InstructionKind => ({
  inEnvironment: true,
  action: 'updateExpiringTargets',
  description: DATE_CHANGES[change],
  apply: ({ flag, config, now }, instruction) => {
    const { contextKind: kind, contextKey: key } = instruction;
    if (typeof kind !== 'string' || typeof key !== 'string') {
      throw invalid('contextKind and contextKey must be strings');
    }
    if (config) changeDate({ flag, config, kind, key }, change, instruction, now);
  },
});

/** The instructions that an approval request can contain: those of a flag, and those about the dates of its targets. */
export const APPROVAL_INSTRUCTIONS: ReadonlyMap<string, InstructionKind> = new Map([
  ...INSTRUCTIONS,
  ['addExpiringTarget', dates('add')],
  ['updateExpiringTarget', dates('update')],
  ['removeExpiringTarget', dates('remove')],
]);
