import type { Commit, OverrideId, ScopeId, Setting } from '../reconcile/state.js';

export { questionKey } from './tally.js';

/** What a plan wants to know about one override. */
export interface Question {
  readonly scope: ScopeId;
  readonly id: OverrideId;
  /**
   * Given for a live override that is no longer declared: whether a setting is what is live now. It asks for
   * ownership; the commit behind the removal is then looked for only where the override turns out to be owned.
   */
  readonly isLive?: (setting: Setting) => boolean;
}

/** The commit that made an override what it is, or why none can be named. */
export type Provenance =
  | { readonly type: 'commit'; readonly commit: Commit }
  /** The working tree differs from HEAD in this override. */
  | { readonly type: 'uncommitted' }
  /** The clone was cut off before the commit, or there is no git. */
  | { readonly type: 'unknown' }
  /** This history never declared the override, or it is not owned and nobody needs to know. */
  | { readonly type: 'none' };

export interface Answer {
  readonly provenance: Provenance;
  /** What the scope's last-applied commit declares. `none` (the declared wish for no override) gives no ownership. */
  readonly declaredAtLastApplied?: Setting;
  /**
   * Whether a commit after last-applied, or without a last-applied ref any commit of HEAD's history, declared the
   * override as it is live. Commits count along first parents. Always false without `isLive`.
   */
  readonly declaredSince: boolean;
}

export interface Answers {
  /** By `questionKey`. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** What in history does not parse, and therefore owns nothing. One line each. */
  readonly warnings: readonly string[];
  readonly statistics: {
    /** Commits that were looked at. */
    readonly commits: number;
    /** Declaration files of the past that were parsed. */
    readonly blobsParsed: number;
  };
}
