import { invalid } from '../api/errors.js';
import type { JsonObject } from '../../json/object.js';
import type { Flag, FlagConfig } from '../world/model.js';

/** What an instruction does to the date of a target. */
export type DateChange = 'add' | 'update' | 'remove';

/** The description of each change in the audit log. */
export const DATE_CHANGES: Readonly<Record<DateChange, string>> = {
  add: 'Scheduled the removal of targets',
  update: 'Changed the date of the removal of targets',
  remove: 'Cancelled the removal of targets',
};

/** The target whose date an instruction changes. */
export interface DatedTarget {
  readonly flag: Flag;
  readonly config: FlagConfig;
  readonly kind: string;
  readonly key: string;
}

/**
 * Sets, moves or removes the date at which one individual target is removed.
 * @param instruction with `variationId`, and (unless it removes the date) `value`, epoch milliseconds
 * @param now epoch milliseconds
 * @throws ErrorResponse 400 if the context is not targeted to the variation, the date has passed, a date is added
 *   where there is one, or there is none to change, or the `version` in the instruction is not the current one
 */
export function changeDate(
  { flag, config, kind, key }: DatedTarget,
  change: DateChange,
  instruction: JsonObject,
  now: number,
): void {
  const { variationId, value, version } = instruction;
  const variation = flag.variations.findIndex(({ id }) => id === variationId);
  if (variation < 0)
    throw invalid(`variationId ${JSON.stringify(variationId)} is not a variation of the flag`);
  const who = `${kind} ${JSON.stringify(key)}`;
  if (config.targets.variationOf(kind, key) !== variation) {
    throw invalid(`${who} is not individually targeted to this variation`);
  }
  const current = config.expiring.get(kind, key);
  if (change === 'add' && current) throw invalid(`${who} is already scheduled for removal`);
  if (change !== 'add' && !current) throw invalid(`${who} is not scheduled for removal`);
  if (change === 'remove') {
    config.expiring.remove(kind, key);
    return;
  }
  if (change === 'update' && version !== undefined && version !== current?.version) {
    throw invalid(`the version of the date is ${current?.version}, not ${JSON.stringify(version)}`);
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw invalid('value must be a time in Unix milliseconds');
  }
  if (value <= now) throw invalid('value must be a time in the future');
  config.expiring.set({ kind, key, variation, date: value, version: (current?.version ?? 0) + 1 });
}
