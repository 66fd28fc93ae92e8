import type { DatesAnswer, FlagWriter } from '../launchdarkly/client.js';
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
  return delivery.isAnswered ? results : settleDates(results, write[0], options);
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
  if (answer.errors.size === 0 && answer.othersSucceeded)
    return new Map(sent.map(({ change }) => [change, applied('written')]));
  // What is live decides: another client may have made the same change, and LaunchDarkly may not say what has failed.
  const found = await lookUp(target, writer);
  return new Map(
    sent.map(({ change }, index) => [change, afterPatch(change, answer, answer.errors.get(index), found)]),
  );
}

/** The result of a date after a patch that did not succeed as a whole. */
function afterPatch(
  change: ExpiryChange,
  { othersSucceeded }: DatesAnswer,
  error: string | undefined,
  found: Lookup,
): Result {
  if (error === undefined && othersSucceeded) return applied('written');
  if ('dates' in found && isLive(change, found.dates))
    return error === undefined ? applied('written') : applied('already-live', 'the date was already set');
  if (error !== undefined) return failed('refused', `LaunchDarkly refused the date: ${error}`);
  if ('failure' in found) {
    const message = `LaunchDarkly did not say whether it changed the date, and looking it up failed: ${found.failure}`;
    return unknown('lookup-failed', message);
  }
  return failed('refused', 'LaunchDarkly did not change the date, and did not say why');
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

/** What a lookup found: the dates, or why they could not be read. */
type Lookup = { readonly dates: ByContext } | { readonly failure: string };

async function lookUp(target: ExpiryChange, writer: FlagWriter): Promise<Lookup> {
  try {
    return { dates: datesByContext(await writer.lookUpDates(target, target.flag)) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Decides how dates ended whose requests were not all answered: the dates are looked up, once for all of them. */
async function settleDates(
  results: readonly DateResult[],
  target: ExpiryChange,
  { writer }: ExecutionOptions,
): Promise<readonly DateResult[]> {
  const isOpen = results.some(({ result }) => result.ending.status !== 'applied');
  const found = isOpen ? await lookUp(target, writer) : undefined;
  return results.map(({ change, result }) => {
    const { status, reason } = result.ending;
    if (status !== 'applied')
      return {
        change,
        result: { ...(found === undefined ? result : settled(change, result, found)), unanswered: true },
      };
    // A date that is set now was most likely set by the request whose answer was lost.
    return { change, result: { ...(reason === 'already-live' ? foundLive() : result), unanswered: true } };
  });
}

function foundLive(): Result {
  return applied('found-live', 'the answer was lost, and the date was found set');
}

function settled(change: ExpiryChange, { ending }: Result, found: Lookup): Result {
  if ('failure' in found) {
    const message = `${ending.message}; an answer was lost, and looking the date up failed: ${found.failure}`;
    return unknown('lookup-failed', message, ending.cause);
  }
  if (isLive(change, found.dates)) return foundLive();
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
