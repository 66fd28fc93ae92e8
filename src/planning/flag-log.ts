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
  /** Ids of commits that comments name and that this clone has. */
  readonly #commits = new Set<string>();
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
    for (let index = 0; ; index += 1) {
      if (index >= this.#entries.length) await this.#readPage();
      const entry = this.#entries[index];
      if (entry === undefined) return;
      if (!entry.ofTargets) continue;
      const isOurs = this.#isOurs(entry, change);
      const named = namesContext(entry.text, change);
      // What we wrote is described in a way that we know: a PUT names its context. That saves requests.
      const targets = isOurs && named ? undefined : await this.#targetsOf(entry);
      if (targets === undefined) {
        if (named) yield { entry, isOurs, variation: undefined };
        continue;
      }
      const context = contextKey(change.kind, change.key);
      const [before = null, after = null] = [targets.before.get(context), targets.after.get(context)];
      if (before !== after) yield { entry, isOurs, variation: after };
    }
  }

  /**
   * How many of the entries that were read already are ours and not older than a time. Without a request, it shows whether
   * it is worth looking closer.
   */
  countOurs(change: Change, since: number): number {
    return this.#entries.filter((entry) => entry.date > since && this.#isOurs(entry, change)).length;
  }

  /**
   * Whether flagops made a logged change: its comment is the one that this apply would write, or names a commit of this
   * clone. The token cannot tell, since a plan is made with another one than an apply.
   */
  #isOurs({ comment }: LoggedChange, change: Change): boolean {
    if (comment === undefined) return false;
    if (comment === this.#context.commentOf(change)) return true;
    return commitIds(comment).some((id) => [...this.#commits].some((commit) => commit.startsWith(id)));
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
    this.#entries.push(...(page ?? []));
    const { git } = this.#context;
    const ids = (page ?? []).flatMap(({ comment = '' }) => commitIds(comment));
    if (git !== undefined)
      for (const id of await existingCommits(git, [...new Set(ids)])) this.#commits.add(id);
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
