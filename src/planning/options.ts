import type { ChangeFilter } from '../reconcile/filter.js';
import type { Shard } from '../reconcile/shard.js';
import type { Format } from '../report/formats.js';

/** What `plan` and `apply` are told alike. */
export interface PlanningOptions {
  /** From `LAUNCHDARKLY_ACCESS_TOKEN`. */
  readonly token: string | undefined;
  /** From `--base-url` or `LAUNCHDARKLY_BASE_URL`. */
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
  readonly format: Format;
  readonly filter: ChangeFilter;
  /** The part of the changes that this process applies; undefined where it applies all. */
  readonly shard?: Shard | undefined;
  /** Writes many changes in one request, whatever the configuration says. */
  readonly batch?: boolean | undefined;
  readonly noRemovals: boolean;
  readonly force: boolean;
  readonly allowEmpty: boolean;
  /** Whether to leave the remote of the repository alone. */
  readonly offline: boolean;
}

export interface PlanOptions extends PlanningOptions {
  readonly detailedExitcode: boolean;
}

export interface ApplyOptions extends PlanningOptions {
  /** Whether to go ahead without a question: `--yes`, or `CI` is set. */
  readonly yes: boolean;
  /** The fingerprint that the plan must have. */
  readonly expect: string | undefined;
  /** The file of a plan whose changes alone may be applied. */
  readonly plan: string | undefined;
  /** Only asks LaunchDarkly whether it would take each patch: nothing is written. */
  readonly check?: boolean | undefined;
  readonly verify: boolean;
  readonly allowRewind: boolean;
  readonly allowDirty: boolean;
  /** Whether the last-applied ref is moved. */
  readonly record: boolean;
}
