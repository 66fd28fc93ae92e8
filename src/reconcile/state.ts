import type { Position } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';

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
 * The same from parts, for loops in which building all of it would be slow.
 * @param context as `contextKey` gives it
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

/** The `scopeKey` and the `overrideKey` that `scopedKey` joined. */
export function splitScopedKey(text: string): [scope: string, override: string] {
  return splitAtLineBreak(text);
}

function splitAtLineBreak(text: string): [before: string, after: string] {
  const at = text.indexOf('\n');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** What a declaration asks for: a value, a variation by name or index, or no override at all. */
export type Setting =
  | { readonly type: 'value'; readonly value: Json }
  | { readonly type: 'variation'; readonly variation: string | number }
  | { readonly type: 'none' };

/** When an override ends: an instant (epoch milliseconds) and the words it was declared with. */
export interface Expiry {
  readonly at: number;
  readonly text: string;
}

/** One override as a declaration has it. */
export interface DesiredOverride extends OverrideId {
  readonly setting: Setting;
  readonly at: Position;
  readonly owner?: string;
  readonly reason?: string;
  readonly expires?: Expiry;
}

/** What the declarations ask of one scope. */
export interface DesiredScope {
  readonly scope: ScopeId;
  /** By `overrideKey`. */
  readonly overrides: ReadonlyMap<string, DesiredOverride>;
}

/** Everything that the files declare, by `scopeKey`. */
export type DesiredState = ReadonlyMap<string, DesiredScope>;

/** What one commit declares, by `scopeKey` and then `overrideKey`: settings alone, without the clock. */
export type DeclaredState = ReadonlyMap<string, ReadonlyMap<string, Setting>>;

/** One of a flag's values. Its index in the flag's list is what targets refer to. */
export interface Variation {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly value: Json;
}

/** One flag in one environment. */
export interface LiveEnvironment {
  readonly on: boolean;
  /** Keys of the flags that must serve a certain variation before this one's targets count. */
  readonly prerequisites: readonly string[];
  /** Variation index by `contextKey`. */
  readonly targets: ReadonlyMap<string, number>;
}

/** A flag as LaunchDarkly has it. */
export interface LiveFlag {
  readonly key: string;
  readonly state: 'live' | 'deprecated' | 'archived';
  readonly variations: readonly Variation[];
  /** By environment key; holds every environment that was asked for. */
  readonly environments: ReadonlyMap<string, LiveEnvironment>;
}

/** What LaunchDarkly has for one project. */
export interface LiveProject {
  /** The flags that were read, by key. */
  readonly flags: ReadonlyMap<string, LiveFlag>;
  /** Needed flags that LaunchDarkly does not have. */
  readonly missing: ReadonlySet<string>;
  /** Whether every flag was read, or only those that were needed. */
  readonly complete: boolean;
  /** Known context kinds; undefined where no declaration needed them. */
  readonly contextKinds: ReadonlySet<string> | undefined;
}

/** By project key. */
export type LiveState = ReadonlyMap<string, LiveProject>;

/** A commit, as far as plans and comments show it. */
export interface Commit {
  /** 40 (or 64) hexadecimal digits. */
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  /** Committer date, epoch milliseconds. */
  readonly date: number;
}
