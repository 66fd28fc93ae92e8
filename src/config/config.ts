import type { Position } from '../diagnostics/diagnostic.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import type { ScopeId } from '../reconcile/state.js';
import type { WritePolicy } from '../reconcile/write-policy.js';

/** `flagops.yaml` with every default filled in. Durations are in milliseconds, shares are fractions. */
export interface Config {
  readonly name: string;
  readonly declarations: readonly string[];
  /** As written in the file; undefined if it is not there. */
  readonly baseUrl: { readonly value: string; readonly at: Position } | undefined;
  /** The endpoint for kind `user`. */
  readonly api: 'auto' | 'users' | 'contexts';
  readonly writes: WritePolicy['mode'];
  readonly batch: {
    /** The maximum number of context keys in one patch. */
    readonly values: number;
    /** Whether patches may break pending scheduled changes and approval requests. */
    readonly ignoreConflicts: boolean;
  };
  readonly comment: { readonly template: string; readonly maxLength: number };
  readonly rate: {
    readonly concurrency: number;
    readonly writesPerSecond: number | null;
    readonly reserve: number;
  };
  /** Fingerprints of reviewed plans, for which guards are lifted as with `--force`. */
  readonly accept: readonly string[];
  readonly timeouts: { readonly attempt: number; readonly run: number };
  /** Undefined if the file has no `scopes`: then every declared scope is allowed, with the default policy. */
  readonly scopes: readonly (ScopeId & { readonly policy: ScopePolicy })[] | undefined;
}

export const DEFAULT_POLICY: ScopePolicy = {
  files: undefined,
  prune: 'owned',
  manage: 'full',
  drift: 'repair',
  approvals: 'report',
  notify: { members: [], teams: [] },
  expiry: 'git',
  paused: undefined,
  flags: { include: ['*'], exclude: [] },
  protect: { flags: [], contexts: [] },
  limits: { updates: 0.3, removals: 0.3, floor: 10, changes: null },
  policies: { require: [], maxLifetime: null, maxPerContext: null, maxPerFlag: null },
};

export const DEFAULT_CONFIG: Config = {
  name: 'default',
  declarations: ['overrides/**/*.{yaml,yml}'],
  baseUrl: undefined,
  api: 'auto',
  writes: 'put',
  batch: { values: 1500, ignoreConflicts: false },
  comment: { template: '{subject} ({sha} by {author}){reason}', maxLength: 1000 },
  rate: { concurrency: 4, writesPerSecond: null, reserve: 0.1 },
  timeouts: { attempt: 30_000, run: 3_600_000 },
  accept: [],
  scopes: undefined,
};

/** Whether dates are set at LaunchDarkly in any scope. */
export function setsDates({ scopes = [] }: Config): boolean {
  return scopes.some(({ policy }) => policy.expiry === 'launchdarkly');
}

/** The policy of a scope; undefined if the configuration lists scopes and this is not one of them. */
export function policyOf(config: Config, scope: ScopeId): ScopePolicy | undefined {
  if (config.scopes === undefined) return DEFAULT_POLICY;
  return config.scopes.find(
    (candidate) => candidate.project === scope.project && candidate.environment === scope.environment,
  )?.policy;
}
