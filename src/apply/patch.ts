import type { ApiError } from '../launchdarkly/http/api-error.js';
import { backoff } from '../launchdarkly/http/retry.js';
import type { Change } from '../reconcile/plan.js';
import type { LiveFlag } from '../reconcile/state.js';
import { instructionsFor, type Move, moveFor } from '../reconcile/writes.js';
import { classify, liveVariation, readFlag, tooManyConflicts, unwritable } from './classify.js';
import { type ExecutionOptions, MAX_CONFLICTS, type ChangeResult } from './options.js';
import { result, type Result } from './outcome.js';

/** A change with where its target is taken from: as the plan saw it, or as the flag was read since. */
interface Entry {
  readonly change: Change;
  readonly move: Move;
}

/** LaunchDarkly says no to these changes together; which of them it means is to be found out. */
interface Refusal {
  readonly entries: readonly Entry[];
  readonly error: ApiError;
}

/** So many overrides of one patch are looked for when it is refused. */
const MAX_REFUSED = 5;

/** Words of a refusal that no other list of instructions would get around. */
const PENDING_CHANGE = /\b(?:pending|scheduled|approval)/i;

/**
 * Makes the changes of one flag, environment and commit with one semantic patch. Where it is refused, the flag is read
 * again and the patch made anew; where it is still refused, it is halved until the override at fault is found, so
 * that the others go through. Never throws; gives one verdict a change.
 */
export async function applyPatch(
  changes: readonly [Change, ...Change[]],
  options: ExecutionOptions,
): Promise<readonly ChangeResult[]> {
  const patch = new PatchRun(changes[0], options);
  await patch.apply(changes.map((change) => ({ change, move: moveFor(change) })));
  return changes.map((change) => ({ change, result: patch.resultOf(change) }));
}

class PatchRun {
  readonly #target: Change;
  readonly #options: ExecutionOptions;
  readonly #verdicts = new Map<Change, Result>();
  #offenders = 0;
  /** Set once nothing more of this flag may be sent. */
  #over: Result | undefined;

  /** @param first stands for all: they share flag, environment and comment */
  constructor(first: Change, options: ExecutionOptions) {
    this.#target = first;
    this.#options = options;
  }

  resultOf(change: Change): Result {
    const found = this.#verdicts.get(change);
    if (found === undefined) throw new TypeError('a change without an end');
    return found;
  }

  async apply(entries: readonly Entry[]): Promise<void> {
    const first = await this.#attempt(entries);
    if (first === undefined) return;
    const anew = await this.#planAnew(first);
    if (anew === undefined || anew.length === 0) return;
    // What is planned anew keeps its order.
    const unchanged = anew.length === entries.length && anew.every((entry, at) => entry === entries[at]);
    const refusal = unchanged ? first : await this.#attempt(anew);
    if (refusal === undefined) return;
    const { error } = refusal;
    if (PENDING_CHANGE.test(error.detail)) {
      const message = `${error.message} (batch.ignoreConflicts: true lets it through)`;
      this.#end(refusal.entries, result('failed', 'pending-change', message, { cause: error }));
    } else if (error.status === 400) await this.#halve(refusal);
    else this.#end(refusal.entries, result('failed', 'refused', error.message, { cause: error }));
  }

  /** Sends a patch until it is taken, or refused for what it says; undefined where every change of it has ended. */
  async #attempt(tried: readonly Entry[]): Promise<Refusal | undefined> {
    const { clock, writer } = this.#options;
    let entries = tried;
    for (let conflicts = 1; ; conflicts += 1) {
      if (this.#over !== undefined) this.#end(entries, this.#over);
      if (this.#over !== undefined || entries.length === 0) return undefined;
      let failure: unknown;
      try {
        entries = this.#taken(entries, await this.#send(entries));
      } catch (error) {
        failure = error;
        let refused: ApiError | undefined;
        const sent = entries;
        const judged = await classify(error, this.#target, writer, async (answer) => {
          if (answer.status !== 409) refused = answer;
          else entries = this.#rebuilt(sent, await readFlag(this.#target, writer));
          return undefined;
        });
        if (judged !== undefined) {
          this.#end(sent, judged);
          return undefined;
        }
        if (refused !== undefined) return { entries, error: refused };
      }
      if (entries.length === 0) return undefined;
      if (conflicts >= MAX_CONFLICTS) {
        this.#end(entries, tooManyConflicts(this.#target, failure));
        return undefined;
      }
      await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
  }

  #send(entries: readonly Entry[]): Promise<LiveFlag | undefined> {
    const { writer, commentOf, dryRun, ignoreConflicts } = this.#options;
    const instructions = instructionsFor(entries.map(({ move }) => move));
    const options = { comment: commentOf(this.#target), dryRun, ignoreConflicts };
    return writer.patchTargets(this.#target, this.#target.flag, instructions, options);
  }

  /**
   * Ends what a patch has brought about. A removal from where the target no longer was does nothing and is no error:
   * what the answer shows unchanged is given back, planned anew.
   */
  #taken(entries: readonly Entry[], flag: LiveFlag | undefined): readonly Entry[] {
    const done = this.#options.dryRun ? result('accepted', 'dry-run', '') : result('applied', 'written', '');
    const isLive = ({ change }: Entry): boolean =>
      flag === undefined || !isNamed(flag) || liveId(flag, change) === change.after?.id;
    this.#end(entries.filter(isLive), done);
    const left = entries.filter((entry) => !isLive(entry));
    return left.length === 0 ? left : this.#rebuilt(left, flag);
  }

  /** After a refusal: what of it is still to be sent. Undefined where every change of it has ended. */
  async #planAnew({ entries, error }: Refusal): Promise<readonly Entry[] | undefined> {
    let anew: readonly Entry[] = [];
    const { writer } = this.#options;
    const judged = await classify(error, this.#target, writer, async () => {
      anew = this.#rebuilt(entries, await readFlag(this.#target, writer));
      return undefined;
    });
    if (judged === undefined) return anew;
    this.#end(entries, judged);
    return undefined;
  }

  /** Plans changes anew on the flag as it is now, and ends those for which nothing is left to be done. */
  #rebuilt(entries: readonly Entry[], flag: LiveFlag | undefined): readonly Entry[] {
    const gone = unwritable(flag, this.#target);
    if (gone !== undefined || flag === undefined) {
      if (gone !== undefined) this.#end(entries, gone);
      return [];
    }
    if (!isNamed(flag)) {
      const message = 'LaunchDarkly told no ids of variations, which a patch needs; use writes: put';
      return this.#end(entries, result('failed', 'refused', message));
    }
    const ids = new Set(flag.variations.map(({ id }) => id));
    return entries.flatMap((entry) => {
      const { change, move } = entry;
      const from = liveId(flag, change);
      const to = change.after?.id;
      if (from === to) return this.#end([entry], result('applied', 'already-live', 'live already'));
      if (this.#options.strict && from !== change.before?.id) {
        const message = 'live moved since the plan was made; plan again';
        return this.#end([entry], result('skipped', 'live-moved', message));
      }
      if (to !== undefined && !ids.has(to)) {
        const message = `the variation that is asked for is gone from ${change.flag}; plan again`;
        return this.#end([entry], result('failed', 'refused', message));
      }
      return from === move.from ? entry : { change, move: { ...move, from } };
    });
  }

  /**
   * Finds out which overrides a refusal is about, and sends the others. What a half that is refused leaves over is set
   * aside and sent at once when the override at fault is found, so that each costs little more than log2(n) requests.
   */
  async #halve(refusal: Refusal): Promise<void> {
    let { error } = refusal;
    let waiting = refusal.entries;
    while (waiting.length > 0) {
      const aside: Entry[] = [];
      let suspects = waiting;
      while (suspects.length > 1) {
        const middle = Math.ceil(suspects.length / 2);
        const second = suspects.slice(middle);
        const refused = await this.#attempt(suspects.slice(0, middle));
        if (refused !== undefined) {
          for (const entry of second) aside.push(entry);
          ({ error, entries: suspects } = refused);
          continue;
        }
        // The first half went through, so the second is to blame; a single one is asked for, to be sure.
        const alone = second.length === 1 ? await this.#attempt(second) : undefined;
        suspects = second.length > 1 ? second : (alone?.entries ?? []);
        error = alone?.error ?? error;
      }
      this.#offenders += suspects.length;
      this.#end(suspects, result('failed', 'refused', error.message, { cause: error }));
      if (this.#offenders >= MAX_REFUSED || this.#over !== undefined) {
        const message = `not tried: ${MAX_REFUSED} overrides of this patch were refused already (${error.message})`;
        this.#end(aside, this.#over ?? result('failed', 'refused', message, { cause: error }));
        return;
      }
      const left = await this.#attempt(aside);
      if (left === undefined) return;
      ({ error, entries: waiting } = left);
    }
  }

  /** Gives an empty list, for whoever gathers what has not ended. */
  #end(entries: readonly Entry[], ending: Result): [] {
    for (const { change } of entries) this.#verdicts.set(change, ending);
    if (ending.extent !== 'change') this.#over = ending;
    return [];
  }
}

function isNamed({ variations }: LiveFlag): boolean {
  return variations.every(({ id }) => id !== undefined);
}

/** The id of the variation that a change's override has in a flag, or undefined for none. */
function liveId(flag: LiveFlag, change: Change): string | undefined {
  const index = liveVariation(flag, change);
  return index === undefined ? undefined : flag.variations[index]?.id;
}
