import type { Position } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';
import type { ManageMode } from './manage.js';

/** One environment of one project. */
export interface ScopeId {
  readonly project: string;
  readonly environment: string;
}

/** One flag's setting for one context, within a scope. */
export interface OverrideId {
  readonly flag: string;
  readonly kind: string;
  readonly key: string;
}

// Map keys. Their parts are joined by line breaks, which only the last part, a context's key, can contain: so each map
// key can be split again without ambiguity.

/** Map key of a scope. Keys of projects and environments cannot contain a slash. */
export function scopeKey(scope: ScopeId): string {
  return `${scope.project}/${scope.environment}`;
}

/** Map key of a context. */
export function contextKey(kind: string, key: string): string {
  return `${kind}\n${key}`;
}

/** Reverses `contextKey`. */
export function parseContextKey(text: string): Pick<OverrideId, 'kind' | 'key'> {
  const [kind, key] = splitAtLineBreak(text);
  return { kind, key };
}

/** Map key of an override. */
export function overrideKey({ flag, kind, key }: OverrideId): string {
  return overrideKeyOf(flag, contextKey(kind, key));
}

/**
 * The same, built from parts, for loops in which building the whole key would be slow.
 * @param context as `contextKey` returns it
 */
export function overrideKeyOf(flag: string, context: string): string {
  return `${flag}\n${context}`;
}

/** Reverses `overrideKey`. */
export function parseOverrideKey(text: string): OverrideId {
  const [flag, context] = splitAtLineBreak(text);
  return { flag, ...parseContextKey(context) };
}

/** Map key of an override in a scope. */
export function scopedKey(scope: ScopeId, id: OverrideId): string {
  return `${scopeKey(scope)}\n${overrideKey(id)}`;
}

/** How many different overrides these are, in all scopes: a change and a date may be about the same one. */
export function countOverrides(items: readonly (ScopeId & OverrideId)[]): number {
  return new Set(items.map((item) => scopedKey(item, item))).size;
}

/** The `scopeKey` and the `overrideKey` that `scopedKey` joined. */
export function splitScopedKey(text: string): [scope: string, override: string] {
  return splitAtLineBreak(text);
}

function splitAtLineBreak(text: string): [before: string, after: string] {
  const at = text.indexOf('\n');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** What a declaration asks for: a value, a variation by name or index, or no override. */
export type Setting =
  | { readonly type: 'value'; readonly value: Json }
  | { readonly type: 'variation'; readonly variation: string | number }
  | { readonly type: 'none' };

/** A setting as one commit declares it. */
export type DeclaredSetting = Setting & {
  /** As written for the override, its group or its file; without it, the scope's counts. */
  readonly manage?: ManageMode;
};

/** When an override expires: in epoch milliseconds, as it was declared, and where in the override's file. */
export interface Expiry {
  readonly at: number;
  readonly text: string;
  readonly line: number;
  readonly col: number;
}

/** One declared override. */
export interface DesiredOverride extends OverrideId {
  readonly setting: Setting;
  readonly at: Position;
  readonly owner?: string;
  readonly reason?: string;
  readonly expires?: Expiry;
  /** Without it, the scope's counts. */
  readonly manage?: ManageMode;
}

/** What is declared for one scope. */
export interface DesiredScope {
  readonly scope: ScopeId;
  /** By `overrideKey`. */
  readonly overrides: ReadonlyMap<string, DesiredOverride>;
}

/** Everything that is declared, by `scopeKey`. */
export type DesiredState = ReadonlyMap<string, DesiredScope>;

/** What one commit declares, by `scopeKey` and then `overrideKey`. If dates are set at LaunchDarkly, they are among the settings: see `dateId`. */
export type DeclaredState = ReadonlyMap<string, ReadonlyMap<string, DeclaredSetting>>;

/** One of a flag's values. Targets refer to it by its index. */
export interface Variation {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly value: Json;
}

/** A flag that must be on and serve one variation before another flag is evaluated further. */
export interface LivePrerequisite {
  readonly flag: string;
  /** Index in that flag's variations. */
  readonly variation: number;
}

/**
 * What a flag that is on serves if no target and no rule decides: LaunchDarkly's default rule. The index of a variation, a
 * percentage rollout, or `unknown` if the response does not say it.
 */
export type Fallthrough = number | 'rollout' | 'unknown';

/** One flag in one environment. A flag that is on is evaluated in the order of these fields after `offVariation`. */
export interface LiveEnvironment {
  readonly on: boolean;
  /** Served while the flag is off or a prerequisite fails; without one, the code's fallback value is served. */
  readonly offVariation: number | undefined;
  readonly prerequisites: readonly LivePrerequisite[];
  /** Variation index by `contextKey`. */
  readonly targets: ReadonlyMap<string, number>;
  /** How many rules are evaluated; disabled ones are not. */
  readonly rules: number;
  readonly fallthrough: Fallthrough;
}

/** A flag as it is in LaunchDarkly. */
export interface LiveFlag {
  readonly key: string;
  readonly state: 'live' | 'deprecated' | 'archived';
  readonly variations: readonly Variation[];
  /** By environment key, for every environment that was requested. */
  readonly environments: ReadonlyMap<string, LiveEnvironment>;
}

/** The date at which LaunchDarkly will remove one target. */
export interface LiveDate {
  readonly kind: string;
  readonly key: string;
  /** The id of the variation that the target selects; undefined if LaunchDarkly did not give it. */
  readonly variationId: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What LaunchDarkly has for one project. */
export interface LiveProject {
  /** The flags that were read, by key. */
  readonly flags: ReadonlyMap<string, LiveFlag>;
  /** Flags that are needed but do not exist in LaunchDarkly. */
  readonly missing: ReadonlySet<string>;
  /** Whether every flag was read, not only those that were needed. */
  readonly complete: boolean;
  /** Known context kinds; undefined if no declaration needed them. */
  readonly contextKinds: ReadonlySet<string> | undefined;
}

/** By project key. */
export type LiveState = ReadonlyMap<string, LiveProject>;

/** The parts of a commit that plans and comments show. */
export interface Commit {
  /** 40 (or 64) hexadecimal digits. */
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  /** Committer date, epoch milliseconds. */
  readonly date: number;
}
