import { existingCommits } from '../history/git/commits.js';
import type { Git } from '../history/git/git.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { AUDIT_PAGE_SIZE } from '../launchdarkly/paths.js';
import type { LoggedChange, LoggedTargets } from '../reconcile/logged-change.js';
import { namesContext } from '../reconcile/names-context.js';
import type { Change } from '../reconcile/plan.js';
import { contextKey, type ScopeId } from '../reconcile/state.js';

/** What a plan may still ask the audit log. */
export interface AuditBudget {
  /** How many requests are left. */
  requests: number;
  /** Whether the targets in entries can be read; false after the first that could not be. */
  hasTargets: boolean;
}

/** What is needed to ask the audit log. */
export interface AuditContext {
  readonly reader: FlagReader;
  /** Undefined outside git. */
  readonly git: Git | undefined;
  /** The comment with which this apply would make a change. */
  readonly commentOf: (change: Change) => string;
  readonly budget: AuditBudget;
}

/** A logged change of one override. */
export interface OverrideEvent {
  readonly entry: LoggedChange;
  /** Whether flagops made it. */
  readonly isOurs: boolean;
  /** Index of the variation that it set, null if it removed the override; undefined if that is not known. */
  readonly variation: number | null | undefined;
}

/** The most pages that are read about one flag, the newest first. */
const MAX_PAGES = 3;

/** The audit log of one flag in one environment, newest first. It is read only as far as it is needed. */
export class FlagLog {
  readonly #scope: ScopeId;
  readonly #flag: string;
  /** Epoch milliseconds. */
  readonly #after: number;
  readonly #context: AuditContext;
  readonly #entries: LoggedChange[] = [];
  readonly #targets = new Map<string, LoggedTargets | undefined>();
  /** The entries whose comments name a commit of this clone. */
  readonly #withCommit = new Set<LoggedChange>();
  #pages = 0;
  #isComplete = false;

  /** @param after the oldest entry, epoch milliseconds */
  constructor(
    { project, environment, flag }: ScopeId & { readonly flag: string },
    after: number,
    context: AuditContext,
  ) {
    this.#scope = { project, environment };
    this.#flag = flag;
    this.#after = after;
    this.#context = context;
  }

  /**
   * The logged changes of one override, newest first. They end where it is not known whether an entry is about it: if that
   * one changed the override, older ones say nothing about what is live.
   */
  async *eventsOf(change: Change): AsyncGenerator<OverrideEvent, void, undefined> {
    const isOurs = this.#ownership(change);
    for (let index = 0; ; index += 1) {
      if (index >= this.#entries.length) await this.#readPage();
      const entry = this.#entries[index];
      if (entry === undefined) return;
      if (!entry.ofTargets) continue;
      const ours = isOurs(entry);
      const named = namesContext(entry.text, change);
      // If one of our own writes names the context, it was for that context. That saves requests.
      const targets = ours && named ? undefined : await this.#targetsOf(entry);
      if (targets === undefined) {
        if (!named || (!ours && isWord(change.key))) return;
        yield { entry, isOurs: ours, variation: undefined };
        continue;
      }
      const context = contextKey(change.kind, change.key);
      const [before = null, after = null] = [targets.before.get(context), targets.after.get(context)];
      if (before !== after) yield { entry, isOurs: ours, variation: after };
    }
  }

  /**
   * How many of the entries that were read already are ours and not older than a time. Without a request, it shows whether
   * it is worth looking closer.
   */
  countOurs(change: Change, since: number): number {
    const isOurs = this.#ownership(change);
    return this.#entries.filter((entry) => entry.date > since && isOurs(entry)).length;
  }

  /**
   * A predicate for the entries that flagops made: the comment is the one that this apply would write for the override, or
   * names a commit of this clone. The token does not show it, since plan and apply use different ones.
   */
  #ownership(change: Change): (entry: LoggedChange) => boolean {
    const expected = this.#context.commentOf(change);
    return (entry) => entry.comment === expected || this.#withCommit.has(entry);
  }

  async #readPage(): Promise<void> {
    if (this.#isComplete || this.#pages === MAX_PAGES || !this.#mayAsk()) return;
    const oldest = this.#entries.at(-1)?.date;
    const page = await this.#context.reader.listLoggedChanges(this.#scope, this.#flag, {
      after: this.#after,
      // Several entries can have the same time.
      before: oldest === undefined ? undefined : oldest + 1,
    });
    // If the audit log cannot be read, asking it about other flags would fail too.
    if (page === undefined) this.#context.budget.requests = 0;
    this.#pages += 1;
    this.#isComplete = page === undefined || page.length < AUDIT_PAGE_SIZE;
    if (page === undefined) return;
    const known = new Set(this.#entries.map(({ id }) => id));
    const added = page.filter(({ id }) => !known.has(id));
    this.#entries.push(...added.toSorted((a, b) => b.date - a.date));
    const { git } = this.#context;
    const ids = new Set(added.flatMap(({ comment = '' }) => commitIds(comment)));
    const commits = git === undefined ? [] : [...(await existingCommits(git, [...ids]))];
    for (const entry of added) {
      const named = commitIds(entry.comment ?? '');
      if (named.some((id) => commits.some((commit) => commit.startsWith(id)))) this.#withCommit.add(entry);
    }
  }

  async #targetsOf({ id }: LoggedChange): Promise<LoggedTargets | undefined> {
    const { budget, reader } = this.#context;
    if (this.#targets.has(id) || !budget.hasTargets || !this.#mayAsk()) return this.#targets.get(id);
    const targets = await reader.getLoggedTargets(id, this.#scope.environment);
    budget.hasTargets = targets !== undefined;
    this.#targets.set(id, targets);
    return targets;
  }

  #mayAsk(): boolean {
    if (this.#context.budget.requests <= 0) return false;
    this.#context.budget.requests -= 1;
    return true;
  }
}

/** Whether a key may also be a word of a description, so that finding it there shows nothing. */
function isWord(key: string): boolean {
  return /^[\p{L}\p{M}]*$/u.test(key);
}

/** What may be ids of commits in a comment: at least 12 hexadecimal digits. */
function commitIds(comment: string): string[] {
  return comment.match(/\b[0-9a-f]{12,64}\b/g) ?? [];
}
