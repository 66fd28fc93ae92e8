import { existingCommits } from '../history/git/commits.js';
import type { Git } from '../history/git/git.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { AUDIT_PAGE_SIZE } from '../launchdarkly/paths.js';
import type { LoggedChange, LoggedTargets } from '../reconcile/logged-change.js';
import { namesContext } from '../reconcile/names-context.js';
import type { Change } from '../reconcile/plan.js';
import { contextKey, type ScopeId } from '../reconcile/state.js';

/** What is needed to ask the audit log. */
export interface AuditContext {
  readonly reader: FlagReader;
  /** Undefined outside git. */
  readonly git: Git | undefined;
  /** The comment with which this apply would make a change. */
  readonly commentOf: (change: Change) => string;
  /** How many requests to the audit log are left. */
  readonly budget: { requests: number };
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

  /** The logged changes of one override, newest first, as far as they can be read. */
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
        if (named) yield { entry, isOurs: ours, variation: undefined };
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
   * names a commit of this clone. The token cannot tell, since a plan is made with another one than an apply.
   */
  #ownership(change: Change): (entry: LoggedChange) => boolean {
    const expected = this.#context.commentOf(change);
    return (entry) => entry.comment === expected || this.#withCommit.has(entry);
  }

  async #readPage(): Promise<void> {
    if (this.#isComplete || this.#pages === MAX_PAGES || !this.#mayAsk()) return;
    const before = this.#entries.at(-1)?.date;
    const page = await this.#context.reader.listLoggedChanges(this.#scope, this.#flag, {
      after: this.#after,
      before,
    });
    // If the audit log cannot be read, asking it about other flags would be in vain.
    if (page === undefined) this.#context.budget.requests = 0;
    this.#pages += 1;
    this.#isComplete = page === undefined || page.length < AUDIT_PAGE_SIZE;
    if (page === undefined) return;
    this.#entries.push(...page);
    const { git } = this.#context;
    const ids = new Set(page.flatMap(({ comment = '' }) => commitIds(comment)));
    const commits = git === undefined ? [] : [...(await existingCommits(git, [...ids]))];
    for (const entry of page) {
      const named = commitIds(entry.comment ?? '');
      if (named.some((id) => commits.some((commit) => commit.startsWith(id)))) this.#withCommit.add(entry);
    }
  }

  async #targetsOf({ id }: LoggedChange): Promise<LoggedTargets | undefined> {
    if (this.#targets.has(id) || !this.#mayAsk()) return this.#targets.get(id);
    const targets = await this.#context.reader.getLoggedTargets(id, this.#scope.environment);
    this.#targets.set(id, targets);
    return targets;
  }

  #mayAsk(): boolean {
    if (this.#context.budget.requests <= 0) return false;
    this.#context.budget.requests -= 1;
    return true;
  }
}

/** What may be ids of commits in a comment: at least 12 hexadecimal digits. */
function commitIds(comment: string): string[] {
  return comment.match(/\b[0-9a-f]{12,64}\b/g) ?? [];
}
