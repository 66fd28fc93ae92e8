import type { Json } from '../../json/json.js';
import type { FlagState, Role } from '../seed/seed.js';
import type { ExpiringTargets } from './expiring-targets.js';
import type { Targets } from './targets.js';

// Times are epoch milliseconds. Variations are referred to by their index, as in LaunchDarkly.

export interface FlagVariation {
  readonly id: string;
  readonly value: Json;
  readonly name: string | undefined;
  readonly description: string | undefined;
}

interface Prerequisite {
  readonly key: string;
  readonly variation: number;
}

/** A flag in one environment. */
export interface FlagConfig {
  on: boolean;
  fallthrough: number;
  offVariation: number | null;
  prerequisites: readonly Prerequisite[];
  targets: Targets;
  /** Only contexts in `targets` have a date. */
  expiring: ExpiringTargets;
  version: number;
  lastModified: number;
}

export interface Flag {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly temporary: boolean;
  readonly creationDate: number;
  readonly defaults: { readonly onVariation: number; readonly offVariation: number };
  variations: readonly FlagVariation[];
  state: FlagState;
  /** When it was archived or deprecated, for flags in that state. */
  stateDate: number | undefined;
  version: number;
  /** By environment key. */
  readonly configs: Map<string, FlagConfig>;
}

export interface ProjectEnvironment {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly sdkKey: string;
  requireApprovals: boolean;
}

export interface Project {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly creationDate: number;
  /** Includes `user`. */
  readonly contextKinds: ReadonlySet<string>;
  readonly environments: ReadonlyMap<string, ProjectEnvironment>;
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
  /** Undefined for a change of the flag in all environments. */
  readonly environment: string | undefined;
  readonly flag: string;
  readonly flagName: string;
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
}
