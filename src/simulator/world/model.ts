import type { Json } from '../../json/json.js';
import type { FlagState, Role } from '../seed/seed.js';
import type { ExpiringTargets } from './expiring-targets.js';
import type { TargetDelta, Targets } from './targets.js';

// Times are epoch milliseconds. Variations are referred to by their index, as in LaunchDarkly.

export interface FlagVariation {
  readonly id: string;
  readonly value: Json;
  readonly name: string | undefined;
  readonly description: string | undefined;
}

export interface Prerequisite {
  readonly key: string;
  readonly variation: number;
}

/** A percentage rollout: each context is served one of the variations. */
export interface Rollout {
  /** The weights are thousandths of a percent and add up to 100,000. */
  readonly variations: readonly { readonly variation: number; readonly weight: number }[];
  /** The attribute that selects the variation; `key` if absent. */
  readonly bucketBy?: string;
  /** `user` if absent. */
  readonly contextKind?: string;
  readonly seed?: number;
}

/** What is served: one variation, or one of several. */
export type Serve = { readonly variation: number } | { readonly rollout: Rollout };

export interface Clause {
  readonly _id: string;
  readonly attribute: string;
  readonly op: string;
  readonly values: readonly Json[];
  readonly negate: boolean;
  readonly contextKind?: string;
}

/** A rule, as the API shows it. Rules are stored and passed on to SDKs, but not evaluated here. */
export type Rule = Serve & {
  readonly _id: string;
  readonly clauses: readonly Clause[];
  readonly trackEvents: boolean;
  readonly description?: string;
  readonly disabled?: boolean;
  readonly ref?: string;
};

/** Which client-side SDKs receive a flag. */
export interface ClientSide {
  readonly usingMobileKey: boolean;
  readonly usingEnvironmentId: boolean;
}

export interface CustomProperty {
  readonly name: string;
  readonly value: readonly string[];
}

/** A flag in one environment. */
export interface FlagConfig {
  on: boolean;
  rules: readonly Rule[];
  fallthrough: Serve;
  offVariation: number | null;
  prerequisites: readonly Prerequisite[];
  trackEvents: boolean;
  targets: Targets;
  /** Only contexts in `targets` have a date. */
  expiring: ExpiringTargets;
  version: number;
  lastModified: number;
}

export interface Flag {
  readonly id: string;
  readonly key: string;
  name: string;
  description: string;
  tags: readonly string[];
  temporary: boolean;
  readonly creationDate: number;
  defaults: { readonly onVariation: number; readonly offVariation: number };
  clientSide: ClientSide;
  customProperties: Readonly<Record<string, CustomProperty>>;
  maintainerId: string | undefined;
  maintainerTeamKey: string | undefined;
  variations: readonly FlagVariation[];
  state: FlagState;
  /** When it was archived or deprecated, for flags in that state. */
  stateDate: number | undefined;
  version: number;
  /** By environment key. */
  readonly configs: Map<string, FlagConfig>;
}

/** What a patch of an environment can change. */
export interface EnvironmentSettings {
  name: string;
  color: string;
  /** Minutes. */
  defaultTtl: number;
  secureMode: boolean;
  defaultTrackEvents: boolean;
  requireComments: boolean;
  confirmChanges: boolean;
  critical: boolean;
  tags: readonly string[];
  requireApprovals: boolean;
}

export interface ProjectEnvironment extends EnvironmentSettings {
  readonly id: string;
  readonly key: string;
  readonly sdkKey: string;
}

export interface Project {
  readonly id: string;
  readonly key: string;
  name: string;
  tags: readonly string[];
  /** For new flags. */
  clientSide: ClientSide;
  readonly creationDate: number;
  /** Includes `user`. */
  readonly contextKinds: ReadonlySet<string>;
  readonly environments: Map<string, ProjectEnvironment>;
  readonly flags: Map<string, Flag>;
  /** Increases with every change of any of its flags. */
  revision: number;
}

/** An access token without its text. The id is a hash of the text. */
export interface Token {
  readonly id: string;
  readonly role: Role;
  readonly name: string;
  /** Whether it may change environments that require approvals without one. */
  readonly bypassApprovals?: boolean;
  /** Actions that it may not do although its role allows them. */
  readonly denied?: readonly string[];
}

/** Who made a change: the holder of a token, a member in LaunchDarkly's user interface, or LaunchDarkly on schedule. */
export type Actor = Token | 'member' | 'launchdarkly';

/** One entry of the audit log. */
export interface AuditEntry {
  readonly id: string;
  readonly date: number;
  readonly project: string;
  /** Undefined for a change of the project itself, or of the flag in all environments. */
  readonly environment: string | undefined;
  /** Undefined for a change of the project or of the environment itself. */
  readonly flag: string | undefined;
  /** The name of the flag, environment or project. */
  readonly name: string;
  /** The actions that a role needs to make this change, for example `updateTargets`. */
  readonly actions: readonly string[];
  /** For example `updated the targets of`. */
  readonly titleVerb: string;
  readonly description: string;
  readonly comment: string | undefined;
  readonly tokenId: string | undefined;
  readonly tokenName: string | undefined;
  /** Present if LaunchDarkly made the change on schedule. */
  readonly isScheduled?: true;
  /** The targets that changed, by environment; absent if none did. */
  readonly targets?: Readonly<Record<string, readonly TargetDelta[]>>;
}
