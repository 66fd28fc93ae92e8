import type { ApiError } from '../launchdarkly/http/api-error.js';
import { Delivery } from '../launchdarkly/http/delivery.js';
import { backoff } from '../launchdarkly/http/retry.js';
import {
  type DateInstruction,
  dateInstruction,
  datesByContext,
  type DateWrite,
  isWanted,
} from '../reconcile/date-writes.js';
import { type ExpiryChange, isSameDate } from '../reconcile/dates.js';
import { contextKey, type LiveDate } from '../reconcile/state.js';
import { classify, tooManyConflicts } from './classify.js';
import { liveMoved, readFlag, unwritable } from './live-flag.js';
import { type ExecutionOptions, MAX_CONFLICTS } from './options.js';
import { applied, failed, type Outcome, type Result, skipped, unknown } from './outcome.js';

/** The result of one date of a write. */
export interface DateResult {
  readonly change: ExpiryChange;
  readonly result: Result;
}

type ByContext = ReadonlyMap<string, LiveDate>;

/**
 * Why a date cannot be written, given how the change of its override ended: a date belongs to a target, so the target
 * must be live. Undefined if it can be written.
 */
export function withoutTarget(override: Outcome | undefined): Result | undefined {
  if (override === undefined || override.status === 'applied') return undefined;
  if (override.status === 'skipped' || override.status === 'approval-required') {
    const { change: _, unanswered: __, ...ending } = override;
    return { ending, extent: 'change' };
  }
  if (override.status === 'accepted') return notChecked();
  return skipped('override-open', 'its override was not applied, and a date needs one');
}

/** The result of a date with `--check`. */
export function notChecked(): Result {
  return skipped('not-checked', 'LaunchDarkly cannot check a date without setting it');
}

/**
 * Writes the dates of one flag, environment and commit with one patch. Each has its own result, since LaunchDarkly
 * accepts a patch of dates even if some of its instructions fail. The dates are read first: what became of the date of a
 * target that moved to another variation is not documented.
 * @param isNewTarget whether the override of a date was just written
 */
export async function applyDates(
  write: DateWrite,
  isNewTarget: (date: ExpiryChange) => boolean,
  options: ExecutionOptions,
): Promise<readonly DateResult[]> {
  const delivery = new Delivery();
  const results = await send(write, isNewTarget, options, delivery);
  return delivery.isAnswered ? results : settleDates(results, options);
}

async function send(
  write: DateWrite,
  isNewTarget: (date: ExpiryChange) => boolean,
  options: ExecutionOptions,
  delivery: Delivery,
): Promise<readonly DateResult[]> {
  const { writer, clock } = options;
  const [target] = write;
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      const live = datesByContext(await writer.listDates(target, target.flag));
      const steps = write.map((change) => ({
        change,
        ...stepFor(change, live, isNewTarget(change), options),
      }));
      const sent = steps.filter((step) => step.instruction !== undefined);
      const ended = await patch(target, sent, options, delivery);
      return steps.map(({ change, result }) => ({ change, result: result ?? resultOf(ended, change) }));
    } catch (error) {
      const check = (refusal: ApiError): Promise<Result | undefined> => checkFlag(refusal, target, options);
      const classified = await classify(error, target, writer, check, 'updateExpiringTargets');
      const result = classified ?? (conflicts >= MAX_CONFLICTS ? tooManyConflicts(target, error) : undefined);
      if (result !== undefined) return write.map((change) => ({ change, result }));
      await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
  }
}

/** What has to be sent for a date, or its result if nothing has to. */
interface Step {
  readonly instruction?: DateInstruction;
  readonly result?: Result;
}

function stepFor(
  date: ExpiryChange,
  dates: ByContext,
  isNewTarget: boolean,
  { strict }: ExecutionOptions,
): Step {
  const { variationId } = date;
  if (variationId === undefined)
    return { result: failed('not-settable', 'LaunchDarkly gave no variation id, which a date needs') };
  const live = liveDate(date, dates);
  const instruction = dateInstruction(date, variationId, live);
  if (instruction === undefined) return { result: applied('already-live', 'the date was already set') };
  const isMoved = !isNewTarget && !isSameDate(live?.at ?? null, date.before);
  return strict && isMoved ? { result: liveMoved() } : { instruction };
}

type SentStep = Step & { readonly change: ExpiryChange };

async function patch(
  target: ExpiryChange,
  sent: readonly SentStep[],
  { writer, commentOf }: ExecutionOptions,
  delivery: Delivery,
): Promise<ReadonlyMap<ExpiryChange, Result>> {
  if (sent.length === 0) return new Map();
  const instructions = sent.flatMap(({ instruction }) => instruction ?? []);
  const answer = await writer.patchDates(target, target.flag, instructions, commentOf(target), delivery);
  // If LaunchDarkly does not say which instructions failed, the dates do.
  const dates = answer.othersSucceeded
    ? undefined
    : datesByContext(await writer.listDates(target, target.flag));
  return new Map(
    sent.map(({ change }, index) => {
      const error = answer.errors.get(index);
      if (error !== undefined) return [change, failed('refused', `LaunchDarkly refused the date: ${error}`)];
      return [
        change,
        dates === undefined || isLive(change, dates)
          ? applied('written')
          : failed('refused', 'LaunchDarkly did not make the change of the date, and did not say why'),
      ];
    }),
  );
}

function resultOf(results: ReadonlyMap<ExpiryChange, Result>, date: ExpiryChange): Result {
  const found = results.get(date);
  if (found === undefined) throw new TypeError('a date has no result');
  return found;
}

/** Decides after a refusal of the whole patch. Undefined if it may be tried again. */
async function checkFlag(
  error: ApiError,
  target: ExpiryChange,
  { writer }: ExecutionOptions,
): Promise<Result | undefined> {
  const gone = unwritable(await readFlag(target, writer), target);
  if (gone !== undefined) return gone;
  return error.status === 409 ? undefined : failed('refused', error.message, { cause: error });
}

/** Decides how dates ended whose requests were not all answered: the dates are looked up, once for all of them. */
async function settleDates(
  results: readonly DateResult[],
  { writer }: ExecutionOptions,
): Promise<readonly DateResult[]> {
  const [first] = results;
  if (first === undefined) return results;
  let dates: ByContext | undefined;
  let failure = '';
  try {
    dates = datesByContext(await writer.lookUpDates(first.change, first.change.flag));
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return results.map(({ change, result }) => {
    if (result.ending.status === 'applied') return { change, result: { ...result, unanswered: true } };
    return { change, result: { ...settled(change, result, dates, failure), unanswered: true } };
  });
}

function settled(
  change: ExpiryChange,
  { ending }: Result,
  dates: ByContext | undefined,
  failure: string,
): Result {
  if (dates === undefined) {
    const message = `${ending.message}; an answer was lost, and looking the date up failed: ${failure}`;
    return unknown('lookup-failed', message, ending.cause);
  }
  if (isLive(change, dates)) return applied('found-live', 'the answer was lost, and the date was found set');
  const message = `${ending.message}; an answer was lost; the date is not as declared, but that request may still take effect`;
  return failed(ending.status === 'failed' ? ending.reason : 'answer-lost', message, { cause: ending.cause });
}

/** Whether a date is at LaunchDarkly what it has to be. */
export function isLive(date: ExpiryChange, dates: ByContext): boolean {
  return isWanted(date, date.variationId, liveDate(date, dates));
}

function liveDate({ kind, key }: ExpiryChange, dates: ByContext): LiveDate | undefined {
  return dates.get(contextKey(kind, key));
}
