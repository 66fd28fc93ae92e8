import type { Node } from 'yaml';
import type { Json } from '../../json/json.js';
import { contextKey, parseContextKey, type OverrideId, type ScopeId } from '../../reconcile/state.js';
import { listNode, mapNode, textNode, valueNode, yamlText } from './nodes.js';

/** An override, and its setting as a declaration writes it. */
export interface WrittenOverride extends OverrideId {
  readonly setting: Json;
}

const COMMENT = ' yaml-language-server: $schema=https://flagops.dev/schemas/overrides.schema.json';

/** Longer context keys are written in a list: with escapes, they could be too long for the key of a map. */
const LONGEST_MAP_KEY = 160;

/**
 * The text of a declaration. Contexts that have the same settings become a group. Sorted by kind, key and flag by code
 * units, so that the same overrides always give the same text.
 */
export function renderDeclaration(scope: ScopeId, overrides: readonly WrittenOverride[]): string {
  const { groups, single } = arrange(overrides);
  const users = single.filter(({ kind }) => kind === 'user');
  const others = byKind(single.filter(({ kind }) => kind !== 'user'));
  const names = new Map<string, number>();
  const root: (readonly [string, Node])[] = [
    ['project', textNode(scope.project)],
    ['environment', textNode(scope.environment)],
  ];
  if (users.length > 0) root.push(['users', contextMap(users)]);
  if (others.length > 0)
    root.push(['contexts', mapNode(others.map(([kind, some]) => [kind, contextMap(some)] as const))]);
  if (groups.length > 0) root.push(['groups', listNode(groups.map((group) => groupNode(group, names)))]);
  return yamlText(mapNode(root), COMMENT);
}

type Settings = readonly (readonly [flag: string, setting: Json])[];

interface Context {
  readonly kind: string;
  readonly key: string;
  readonly settings: Settings;
}

interface Arrangement {
  /** Contexts with the same settings; sorted, and at least one each. */
  readonly groups: readonly (readonly [Context, ...Context[]])[];
  readonly single: readonly Context[];
}

function arrange(overrides: readonly WrittenOverride[]): Arrangement {
  const bySettings = new Map<string, [Context, ...Context[]]>();
  for (const context of contextsOf(overrides)) {
    const key = JSON.stringify(context.settings);
    const same = bySettings.get(key);
    if (same === undefined) bySettings.set(key, [context]);
    else same.push(context);
  }
  const groups: [Context, ...Context[]][] = [];
  const single: Context[] = [];
  for (const same of bySettings.values()) {
    if (same.length > 1 || !canBeMapKey(same[0].key)) groups.push(same);
    else single.push(same[0]);
  }
  return { groups, single };
}

/** Whether a context's key can be the key of a map. `<<` is refused, because elsewhere it merges maps. */
export function canBeMapKey(key: string): boolean {
  return key !== '<<' && key.length <= LONGEST_MAP_KEY;
}

function contextsOf(overrides: readonly WrittenOverride[]): Context[] {
  const settings = new Map<string, (readonly [string, Json])[]>();
  for (const { flag, kind, key, setting } of overrides) {
    const context = contextKey(kind, key);
    const known = settings.get(context);
    if (known === undefined) settings.set(context, [[flag, setting]]);
    else known.push([flag, setting]);
  }
  return sorted(settings.entries(), ([context]) => context).map(([context, flags]) => ({
    ...parseContextKey(context),
    settings: sorted(flags, ([flag]) => flag),
  }));
}

function sorted<T>(items: Iterable<T>, keyOf: (item: T) => string): T[] {
  return [...items].toSorted((a, b) => Number(keyOf(a) > keyOf(b)) - Number(keyOf(a) < keyOf(b)));
}

function byKind(contexts: readonly Context[]): (readonly [kind: string, contexts: readonly Context[]])[] {
  const kinds = new Map<string, Context[]>();
  for (const context of contexts) {
    const known = kinds.get(context.kind);
    if (known === undefined) kinds.set(context.kind, [context]);
    else known.push(context);
  }
  return [...kinds];
}

function contextMap(contexts: readonly Context[]): Node {
  return mapNode(contexts.map(({ key, settings }) => [key, settingsNode(settings)] as const));
}

function settingsNode(settings: Settings): Node {
  return mapNode(settings.map(([flag, setting]) => [flag, valueNode(setting)] as const));
}

function groupNode(group: readonly [Context, ...Context[]], names: Map<string, number>): Node {
  const entries: (readonly [string, Node])[] = [['name', textNode(groupName(group[0].settings, names))]];
  const keys = (contexts: readonly Context[]): Node => listNode(contexts.map(({ key }) => textNode(key)));
  const kinds = byKind(group);
  const users = kinds.find(([kind]) => kind === 'user');
  const others = kinds.filter(([kind]) => kind !== 'user');
  if (users !== undefined) entries.push(['users', keys(users[1])]);
  if (others.length > 0)
    entries.push(['contexts', mapNode(others.map(([kind, contexts]) => [kind, keys(contexts)] as const))]);
  entries.push(['flags', settingsNode(group[0].settings)]);
  return mapNode(entries);
}

/** Characters of a value in the name of a group. */
const SHOWN = 40;

/** `checkout-v2: true and 2 more`; a number follows if the file has another group with that name. */
function groupName(settings: Settings, names: Map<string, number>): string {
  const [first, ...others] = settings;
  const [flag, setting] = first ?? ['', null];
  const value = JSON.stringify(setting);
  const shown = value.length > SHOWN ? `${value.slice(0, SHOWN).toWellFormed()}…` : value;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const name = `${flag.slice(0, 120)}: ${shown}${more}`;
  const times = (names.get(name) ?? 0) + 1;
  names.set(name, times);
  return times === 1 ? name : `${name} (${times})`;
}
