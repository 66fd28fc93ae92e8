import type { ApiError } from '../launchdarkly/http/api-error.js';
import { Delivery } from '../launchdarkly/http/delivery.js';
import { backoff } from '../launchdarkly/http/retry.js';
import type { Change } from '../reconcile/plan.js';
import type { LiveFlag } from '../reconcile/state.js';
import { instructionsFor, type Move, moveFor } from '../reconcile/writes.js';
import { classify, tooManyConflicts } from './classify.js';
import { liveMoved, liveVariationId, readFlag, unwritable } from './live-flag.js';
import { type ChangeResult, type ExecutionOptions, MAX_CONFLICTS } from './options.js';
import { accepted, applied, failed, type Result } from './outcome.js';
import { settle } from './settle.js';

/** A change with the move that makes it: from the variation that the plan or a later read of the flag saw. */
interface Entry {
  readonly change: Change;
  readonly move: Move;
}

/** LaunchDarkly refused a patch of these changes, without saying which of them is at fault. */
interface Refusal {
  readonly entries: readonly Entry[];
  readonly error: ApiError;
}

/** After this many overrides of one patch were refused, the others are not tried. */
const MAX_REFUSED = 5;

/** A refusal that contains one of these words cannot be avoided by sending other instructions. */
const PENDING_CHANGE = /\b(?:pending|scheduled|approval)/i;

/**
 * Makes the changes of one flag, environment and commit with one semantic patch. If it is refused, the flag is read and
 * the changes are planned again; if that patch is refused too, it is halved until the override at fault is found, so
 * that the others are applied. If an answer was lost, the flag is looked up. Never throws; returns one result for each
 * change.
 */
export async function applyPatch(
  changes: readonly [Change, ...Change[]],
  options: ExecutionOptions,
): Promise<readonly ChangeResult[]> {
  const run = new PatchRun(changes[0], options);
  await run.apply(changes.map((change) => ({ change, move: moveFor(change) })));
  const ended = changes.map((change) => ({ change, result: run.resultOf(change) }));
  return settle(ended, (change) => run.isUnanswered(change), changes[0], options.writer);
}

class PatchRun {
  /** The first change: all of them share flag, environment and comment. */
  readonly #target: Change;
  readonly #options: ExecutionOptions;
  readonly #results = new Map<Change, Result>();
  /** The changes of patches whose answer was lost. */
  readonly #unanswered = new Set<Change>();
  #refusedOverrides = 0;
  /** The result of every change that is not sent yet, once nothing more may be sent for this flag. */
  #restOfFlag: Result | undefined;

  constructor(target: Change, options: ExecutionOptions) {
    this.#target = target;
    this.#options = options;
  }

  resultOf(change: Change): Result {
    const found = this.#results.get(change);
    if (found === undefined) throw new TypeError('a change has no result');
    return found;
  }

  /** Whether a patch with this change may have had an effect, and its answer was lost. */
  isUnanswered(change: Change): boolean {
    return this.#unanswered.has(change);
  }

  async apply(entries: readonly Entry[]): Promise<void> {
    const first = await this.#send(entries);
    if (first === undefined) return;
    const replanned = await this.#replanRefused(first);
    if (replanned === undefined) return;
    // Replanning keeps the order, and every entry that did not move.
    const isSame =
      replanned.length === entries.length && replanned.every((entry, index) => entry === entries[index]);
    const refusal = isSame ? first : await this.#send(replanned);
    if (refusal === undefined) return;
    const { error } = refusal;
    if (PENDING_CHANGE.test(error.detail)) {
      const message = `${error.message} (batch.ignoreConflicts: true lets it through)`;
      this.#end(refusal.entries, failed('pending-change', message, { cause: error }));
    } else if (error.status === 400) await this.#isolate(refusal);
    else this.#end(refusal.entries, failed('refused', error.message, { cause: error }));
  }

  /**
   * Sends a patch until it is accepted or refused for its content.
   * @returns undefined once every change of it has a result
   */
  async #send(tried: readonly Entry[]): Promise<Refusal | undefined> {
    const { clock, writer } = this.#options;
    let entries = this.#restOfFlag === undefined ? tried : this.#end(tried, this.#restOfFlag);
    for (let conflicts = 1; entries.length > 0; conflicts += 1) {
      let failure: unknown;
      try {
        entries = this.#endLive(entries, await this.#patch(entries));
      } catch (error) {
        failure = error;
        let refused: ApiError | undefined;
        const sent = entries;
        const result = await classify(error, this.#target, writer, async (answer) => {
          if (answer.status !== 409) refused = answer;
          else entries = this.#replan(sent, await readFlag(this.#target, writer));
          return undefined;
        });
        if (result !== undefined) {
          this.#end(sent, result);
          return undefined;
        }
        if (refused !== undefined) return { entries, error: refused };
      }
      if (conflicts >= MAX_CONFLICTS) entries = this.#end(entries, tooManyConflicts(this.#target, failure));
      if (entries.length > 0) await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
    return undefined;
  }

  async #patch(entries: readonly Entry[]): Promise<LiveFlag | undefined> {
    const { writer, commentOf, dryRun, ignoreConflicts } = this.#options;
    const instructions = instructionsFor(entries.map(({ move }) => move));
    const options = { comment: commentOf(this.#target), dryRun, ignoreConflicts };
    const delivery = new Delivery();
    try {
      return await writer.patchTargets(this.#target, this.#target.flag, instructions, options, delivery);
    } finally {
      // A dry run has no effect.
      if (!delivery.isAnswered && !dryRun) for (const { change } of entries) this.#unanswered.add(change);
    }
  }

  /**
   * Ends what an accepted patch has changed. Removing a target from a variation that it has left does nothing and is
   * no error: entries that are not live in the response are planned again and returned.
   */
  #endLive(entries: readonly Entry[], flag: LiveFlag | undefined): readonly Entry[] {
    const isLive = ({ change }: Entry): boolean =>
      !hasIds(flag) || liveVariationId(flag, change) === change.after?.id;
    this.#end(entries.filter(isLive), this.#options.dryRun ? accepted() : applied('written'));
    const left = entries.filter((entry) => !isLive(entry));
    return left.length === 0 ? left : this.#replan(left, flag);
  }

  /** Reads the flag after a refusal and plans again. Undefined once every change has a result. */
  async #replanRefused({ entries, error }: Refusal): Promise<readonly Entry[] | undefined> {
    let replanned: readonly Entry[] | undefined;
    const { writer } = this.#options;
    const result = await classify(error, this.#target, writer, async () => {
      replanned = this.#replan(entries, await readFlag(this.#target, writer));
      return undefined;
    });
    if (result !== undefined) this.#end(entries, result);
    return replanned;
  }

  /** Plans changes again for the flag as it is now, and ends those that need no write or cannot be made. */
  #replan(entries: readonly Entry[], flag: LiveFlag | undefined): readonly Entry[] {
    const gone = unwritable(flag, this.#target);
    if (gone !== undefined) return this.#end(entries, gone);
    if (!hasIds(flag)) {
      const message = 'LaunchDarkly gave no variation ids, which a patch needs; use writes: put';
      return this.#end(entries, failed('refused', message));
    }
    const ids = new Set(flag.variations.map(({ id }) => id));
    return entries.flatMap((entry) => {
      const { change, move } = entry;
      const from = liveVariationId(flag, change);
      const to = change.after?.id;
      if (from === to) return this.#end([entry], applied('already-live', 'already live'));
      if (this.#options.strict && from !== change.before?.id) return this.#end([entry], liveMoved());
      if (to !== undefined && !ids.has(to)) {
        const message = `the variation to set no longer exists in ${change.flag}; plan again`;
        return this.#end([entry], failed('refused', message));
      }
      return from === move.from ? entry : { change, move: { ...move, from } };
    });
  }

  /**
   * Finds the overrides that caused a refusal, and sends the others. While a refused half is searched, the other half
   * is set aside; it is sent once the override at fault is found. Each such override costs little more than log2(n)
   * requests.
   */
  async #isolate(refusal: Refusal): Promise<void> {
    let { error } = refusal;
    let waiting = refusal.entries;
    for (;;) {
      const aside: Entry[] = [];
      let suspects = waiting;
      while (suspects.length > 1) {
        const middle = Math.ceil(suspects.length / 2);
        const second = suspects.slice(middle);
        const refused = await this.#send(suspects.slice(0, middle));
        if (refused !== undefined) {
          for (const entry of second) aside.push(entry);
          ({ error, entries: suspects } = refused);
          continue;
        }
        // The first half was accepted, so the fault is in the second; a single suspect is sent, to be sure.
        const alone = second.length === 1 ? await this.#send(second) : undefined;
        suspects = second.length > 1 ? second : (alone?.entries ?? []);
        error = alone?.error ?? error;
      }
      this.#refusedOverrides += suspects.length;
      this.#end(suspects, failed('refused', error.message, { cause: error }));
      if (this.#refusedOverrides >= MAX_REFUSED) {
        const message = `not tried: ${MAX_REFUSED} overrides of this patch were already refused (${error.message})`;
        this.#end(aside, failed('refused', message, { cause: error }));
        return;
      }
      const left = await this.#send(aside);
      if (left === undefined) return;
      ({ error, entries: waiting } = left);
    }
  }

  /** Returns an empty list: the entries that are left to be sent. */
  #end(entries: readonly Entry[], result: Result): [] {
    for (const { change } of entries) this.#results.set(change, result);
    if (result.extent !== 'change') this.#restOfFlag = result;
    return [];
  }
}

/** Whether the variations of a flag can be selected by id; false without a flag. */
function hasIds(flag: LiveFlag | undefined): flag is LiveFlag {
  return flag?.variations.every(({ id }) => id !== undefined) === true;
}
