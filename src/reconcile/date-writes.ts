import { type ExpiryChange, isSameDate } from './dates.js';
import { contextKey, type LiveDate } from './state.js';
import { commentKey } from './writes.js';

/** One step of a patch of dates, as in LaunchDarkly's API ("Update expiring context targets on feature flag"). */
export interface DateInstruction {
  readonly kind: 'addExpiringTarget' | 'updateExpiringTarget' | 'removeExpiringTarget';
  readonly contextKind: string;
  readonly contextKey: string;
  readonly variationId: string;
  /** Epoch milliseconds; absent for a removal. */
  readonly value?: number;
}

/** The dates of one flag, environment and commit, which one patch writes. */
export type DateWrite = readonly [ExpiryChange, ...ExpiryChange[]];

/**
 * The patches that write the dates, ordered by their first one. Withheld ones are left out.
 * @param values the maximum number of dates in one patch
 */
export function planDateWrites(dates: readonly ExpiryChange[], values: number): readonly DateWrite[] {
  const groups = new Map<string, [ExpiryChange, ...ExpiryChange[]][]>();
  const writes: DateWrite[] = [];
  for (const date of dates) {
    if (date.withheld !== undefined) continue;
    const key = commentKey(date);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    const last = group.at(-1);
    if (last !== undefined && last.length < values) {
      last.push(date);
      continue;
    }
    const write: [ExpiryChange, ...ExpiryChange[]] = [date];
    group.push(write);
    writes.push(write);
  }
  return writes;
}

/**
 * The instruction that makes a date what it has to be.
 * @param live the date that the context has now, if any
 * @returns undefined if there is nothing to do
 */
export function dateInstruction(
  { kind, key, after }: Pick<ExpiryChange, 'kind' | 'key' | 'after'>,
  variationId: string,
  live: LiveDate | undefined,
): DateInstruction | undefined {
  const target = { contextKind: kind, contextKey: key, variationId };
  if (live === undefined) {
    return after === null ? undefined : { kind: 'addExpiringTarget', ...target, value: after };
  }
  if (after === null)
    return { kind: 'removeExpiringTarget', ...target, variationId: live.variationId ?? variationId };
  if (isWanted({ after }, variationId, live)) return undefined;
  return { kind: 'updateExpiringTarget', ...target, value: after };
}

/** Whether a live date, undefined for none, is what it has to be. */
export function isWanted(
  { after }: Pick<ExpiryChange, 'after'>,
  variationId: string | undefined,
  live: LiveDate | undefined,
): boolean {
  if (live === undefined) return after === null;
  return isSameDate(live.at, after) && (live.variationId ?? variationId) === variationId;
}

/** The dates of one flag, by context. */
export function datesByContext(dates: readonly LiveDate[]): ReadonlyMap<string, LiveDate> {
  return new Map(dates.map((date) => [contextKey(date.kind, date.key), date]));
}
