import type { ChangeFilter, OnlyMark } from '../reconcile/filter.js';
import type { Shard } from '../reconcile/shard.js';
import type { Format } from '../report/formats.js';
import type { ScopeSelection } from './selection.js';

/** The options that `plan`, `apply` and `drift` share. */
export interface PlanningOptions {
  /** From `LAUNCHDARKLY_ACCESS_TOKEN`. */
  readonly token: string | undefined;
  /** From `--base-url` or `LAUNCHDARKLY_BASE_URL`. */
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
  readonly format: Format;
  readonly selection: ScopeSelection;
  readonly filter: ChangeFilter;
  /** Plans and applies only what repairs drift; undefined for every change. As with a filter, nothing is recorded. */
  readonly only?: OnlyMark | undefined;
  /** The part of the flags that this process applies; undefined for all of them. */
  readonly shard?: Shard | undefined;
  /** Combines many changes in one request, even if the configuration says otherwise. */
  readonly batch?: boolean | undefined;
  readonly noRemovals: boolean;
  readonly force: boolean;
  /** Whether HEAD's configuration alone judges the plan, and may have moved. */
  readonly allowLoosened: boolean;
  /** Whether to plan and apply although HEAD does not contain the last applied commit. */
  readonly allowRewind: boolean;
  readonly allowEmpty: boolean;
  /** Whether to neither fetch from nor push to the git remote. */
  readonly offline: boolean;
}

export interface PlanOptions extends PlanningOptions {
  /** Whether to name the unmanaged overrides, not only count them. */
  readonly unmanaged?: boolean | undefined;
  readonly detailedExitcode: boolean;
}

export interface ApplyOptions extends PlanningOptions {
  /** Whether to apply without asking for confirmation: `--yes`, or `CI` is set. */
  readonly yes: boolean;
  /** The fingerprint that the plan must have; undefined for any. */
  readonly expect: string | undefined;
  /** Path of a plan file; only its changes may be applied. */
  readonly plan: string | undefined;
  /** Only asks LaunchDarkly whether it would accept each patch; nothing is written. */
  readonly check?: boolean | undefined;
  /** Whether to read the changes back after writing them. */
  readonly verify: boolean;
  /** Whether to apply uncommitted edits. */
  readonly allowDirty: boolean;
  /** Whether to move the last-applied ref. */
  readonly record: boolean;
}
