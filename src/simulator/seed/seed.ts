import type { Json } from '../../json/json.js';

/** The initial state of a simulated LaunchDarkly. Plain JSON, so that it can come from a file. */
export interface Seed {
  /** By project key. */
  readonly projects: Readonly<Record<string, SeedProject>>;
  readonly tokens: readonly SeedToken[];
}

export type Role = 'reader' | 'writer' | 'admin';

interface SeedToken {
  /** The value of the `Authorization` header. */
  readonly token: string;
  readonly role: Role;
  readonly name?: string;
  /** Whether it may change environments that require approvals without one. */
  readonly bypassApprovals?: boolean;
  /** Actions that it may not do although its role allows them, for example `updateExpiringTargets`. */
  readonly denied?: readonly string[];
}

export interface SeedProject {
  readonly name?: string;
  /** Without `user`, which every project has. */
  readonly contextKinds?: readonly string[];
  /** By environment key. */
  readonly environments: Readonly<Record<string, SeedEnvironment>>;
  /** By flag key, in order of creation. */
  readonly flags: Readonly<Record<string, SeedFlag>>;
}

interface SeedEnvironment {
  readonly name?: string;
  readonly sdkKey?: string;
  /** Whether changes need an approval, so that direct writes are refused. */
  readonly requireApprovals?: boolean;
}

export type FlagState = 'live' | 'deprecated' | 'archived';

export interface SeedFlag {
  readonly name?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly temporary?: boolean;
  readonly state?: FlagState;
  /** By default the flag is boolean: true, false. */
  readonly variations?: readonly SeedVariation[];
  /** By environment key. In the others the flag is on, has no targets and serves its `defaults`. */
  readonly environments?: Readonly<Record<string, SeedFlagEnvironment>>;
  /** Indexes of the variations served with targeting on and off. By default the first and the last. */
  readonly defaults?: { readonly onVariation: number; readonly offVariation: number };
}

export interface SeedVariation {
  readonly value: Json;
  readonly name?: string;
  readonly description?: string;
}

export interface SeedFlagEnvironment {
  readonly on?: boolean;
  /** Index of the variation served if no target matches. */
  readonly fallthrough?: number;
  /** Index of the variation served while the flag is off; null for none. */
  readonly offVariation?: number | null;
  readonly prerequisites?: readonly { readonly key: string; readonly variation: number }[];
  /** Individual targets of kind `user`. */
  readonly targets?: readonly SeedTarget[];
  /** Individual targets of every other kind. */
  readonly contextTargets?: readonly (SeedTarget & { readonly contextKind: string })[];
}

interface SeedTarget {
  readonly variation: number;
  readonly values: readonly string[];
  /** When LaunchDarkly removes these targets: an ISO 8601 date-time in UTC. */
  readonly expires?: string;
}
