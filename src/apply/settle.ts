import type { FlagWriter } from '../launchdarkly/client.js';
import type { Change } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import type { LiveFlag } from '../reconcile/state.js';
import { type FlagInScope, liveVariation } from './live-flag.js';
import type { ChangeResult } from './options.js';
import { applied, failed, type Result, unknown } from './outcome.js';

/**
 * Decides how changes of one flag ended whose requests were not all answered: the flag is looked up, once for all of
 * them. A change that is live was applied, any other has failed, and without the flag the outcome is unknown.
 * @param isUnanswered whether a request for the change may have had an effect, and its answer was lost
 */
export async function settle(
  ended: readonly ChangeResult[],
  isUnanswered: (change: Change) => boolean,
  target: FlagInScope,
  writer: Pick<FlagWriter, 'lookUpFlag'>,
): Promise<readonly ChangeResult[]> {
  const isOpen = ({ change, result }: ChangeResult): boolean =>
    isUnanswered(change) && result.ending.status !== 'applied';
  const found = ended.some(isOpen) ? await lookUp(target, writer) : undefined;
  return ended.map((one) => {
    if (!isUnanswered(one.change)) return one;
    const result =
      found !== undefined && isOpen(one) ? resultAfterLookup(one, found) : withoutOtherWriter(one.result);
    return { change: one.change, result: { ...result, unanswered: true } };
  });
}

/** What a lookup found: the flag, undefined if it was deleted, or why it could not be read. */
type Lookup = { readonly flag: LiveFlag | undefined } | { readonly failure: string };

async function lookUp(
  { project, environment, flag }: FlagInScope,
  writer: Pick<FlagWriter, 'lookUpFlag'>,
): Promise<Lookup> {
  try {
    return { flag: await writer.lookUpFlag(project, flag, [environment]) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function resultAfterLookup({ change, result }: ChangeResult, found: Lookup): Result {
  const { ending } = result;
  if ('failure' in found) {
    const message = `${ending.message}; an answer was lost, and looking the override up failed: ${found.failure}`;
    return unknown('lookup-failed', message, ending.cause);
  }
  return resultWithFlag(change, result, found.flag);
}

/**
 * The result of a change whose answer was lost, given what is live. Its extent is `change`: the message is about this
 * change, and the next write finds out by itself if it cannot be made either.
 * @param result how the last attempt ended
 * @param flag undefined if it was deleted
 */
export function resultWithFlag(change: Change, result: Result, flag: LiveFlag | undefined): Result {
  const { ending } = result;
  const live = liveVariation(flag, change);
  if (flag !== undefined && live === change.after?.variation) {
    return applied('found-live', 'the answer was lost, and the override was found live');
  }
  const lost = `an answer was lost; ${liveWords(flag, live)}, but that request may still take effect`;
  const message = `${ending.message}; ${lost}`;
  return failed(ending.status === 'failed' ? ending.reason : 'answer-lost', message, { cause: ending.cause });
}

function liveWords(flag: LiveFlag | undefined, live: number | undefined): string {
  if (flag === undefined) return 'the flag was deleted';
  const value = live === undefined ? undefined : flag.variations[live]?.value;
  return value === undefined ? 'the override is not live' : `the live value is ${showValue(value)}`;
}

/** If an answer was lost, an override that is live now was most likely written by that request. */
function withoutOtherWriter(result: Result): Result {
  return result.ending.reason === 'already-live'
    ? applied('found-live', 'the answer was lost, and the override was found live')
    : result;
}
