import { stringify } from 'yaml';
import {
  type Context,
  CONTEXTS,
  type Environment,
  ENVIRONMENTS,
  EXCLUDED,
  FLAGS,
  type Id,
  partsOf,
  PROJECT,
  PROTECTED,
} from './universe.js';

export const PRUNE = ['never', 'owned', 'contexts', 'environment'] as const;

/** From the one that removes least. */
export const MANAGE = ['none', 'keep', 'create', 'full'] as const;
export type Manage = (typeof MANAGE)[number];

/** How one scope is reconciled, as plain data. */
export interface Policy {
  readonly prune: (typeof PRUNE)[number];
  readonly manage: Manage;
  readonly drift: 'repair' | 'report';
  readonly paused: boolean;
  /** Whether the configuration excludes the flag `EXCLUDED`. */
  readonly excludes: boolean;
  /** Whether the configuration protects the flag `PROTECTED`. */
  readonly protects: boolean;
  readonly limits: keyof typeof LIMITS;
}

/** Limits as they are written in the configuration. Shares are fractions. */
export const LIMITS = {
  none: { updates: 1, removals: 1, floor: 1000, changes: null },
  shares: { updates: 0.5, removals: 0.4, floor: 3, changes: null },
  few: { updates: 1, removals: 1, floor: 1000, changes: 4 },
} as const;

/** The configuration of a commit. */
export interface Config {
  readonly writes: 'put' | 'batch' | 'auto';
  readonly scopes: Readonly<Record<Environment, Policy>>;
}

/** One declared override. */
export interface Declared {
  /** A variation's index, or null for "no override here". */
  readonly setting: number | null;
  /** Which of the files of its environment declares it. */
  readonly file: number;
  /** Hours after the start of the history. */
  readonly expires?: number | undefined;
  /** Without it, the scope's counts. */
  readonly manage?: Manage | undefined;
}

/** The declarations and the configuration of one commit. */
export interface Tree {
  readonly entries: ReadonlyMap<Id, Declared>;
  readonly config: Config;
  /** Names of the files; a rename changes one. */
  readonly names: readonly string[];
  /** How the YAML is written. It means the same in every style. */
  readonly style: number;
}

export const FILES = 2;

const PLAIN: Policy = {
  prune: 'owned',
  manage: 'full',
  drift: 'repair',
  paused: false,
  excludes: false,
  protects: false,
  limits: 'none',
};

export const EMPTY_TREE: Tree = {
  entries: new Map(),
  config: { writes: 'put', scopes: { production: PLAIN, staging: PLAIN } },
  names: ['a', 'b'],
  style: 0,
};

/** One edit of a tree. */
export type Edit =
  | {
      readonly type: 'declare';
      readonly id: Id;
      readonly setting: number | null;
      readonly file: number;
      readonly expires?: number | undefined;
      readonly manage?: Manage | undefined;
    }
  | { readonly type: 'withdraw'; readonly id: Id }
  | { readonly type: 'withdraw-file'; readonly file: number; readonly environment: Environment }
  | { readonly type: 'rename'; readonly file: number; readonly name: string }
  | { readonly type: 'move'; readonly id: Id; readonly file: number }
  | { readonly type: 'reformat'; readonly style: number }
  | { readonly type: 'policy'; readonly environment: Environment; readonly policy: Partial<Policy> }
  | { readonly type: 'writes'; readonly writes: Config['writes'] };

/** The tree after an edit. Flags that the result excludes, and `null` that would remove nothing, are not declared: that would be an error. */
export function edited(tree: Tree, edits: readonly Edit[]): Tree {
  const result = edits.reduce(applyEdit, tree);
  const entries = new Map(
    [...result.entries].filter(([id, { setting, manage }]) => {
      const { environment, flag } = partsOf(id);
      const policy = result.config.scopes[environment];
      const mode = manage ?? policy.manage;
      if (setting === null && (mode === 'keep' || mode === 'create')) return false;
      return !(flag === EXCLUDED && policy.excludes);
    }),
  );
  return { ...result, entries };
}

function applyEdit(tree: Tree, edit: Edit): Tree {
  const entries = new Map(tree.entries);
  switch (edit.type) {
    case 'declare': {
      const { setting, file, expires, manage } = edit;
      const values: readonly unknown[] = FLAGS[partsOf(edit.id).flag];
      const kept = setting === null ? null : setting % values.length;
      entries.set(edit.id, { setting: kept, file, expires, manage });
      return { ...tree, entries };
    }
    case 'withdraw':
      entries.delete(edit.id);
      return { ...tree, entries };
    case 'withdraw-file':
      for (const [id, { file }] of tree.entries) {
        if (file === edit.file && partsOf(id).environment === edit.environment) entries.delete(id);
      }
      return { ...tree, entries };
    case 'rename':
      return { ...tree, names: tree.names.map((name, index) => (index === edit.file ? edit.name : name)) };
    case 'move': {
      const found = entries.get(edit.id);
      if (found !== undefined) entries.set(edit.id, { ...found, file: edit.file });
      return { ...tree, entries };
    }
    case 'reformat':
      return { ...tree, style: edit.style };
    case 'writes':
      return { ...tree, config: { ...tree.config, writes: edit.writes } };
    case 'policy': {
      const { scopes } = tree.config;
      const policy = { ...scopes[edit.environment], ...edit.policy };
      return { ...tree, config: { ...tree.config, scopes: { ...scopes, [edit.environment]: policy } } };
    }
  }
}

/** The files of a commit: text by path. */
export function filesOf(tree: Tree, start: number): Record<string, string> {
  const files: Record<string, string> = { 'flagops.yaml': configText(tree.config) };
  for (const environment of ENVIRONMENTS) {
    for (let file = 0; file < FILES; file += 1) {
      const own = [...tree.entries].filter(
        ([id, declared]) => declared.file === file && partsOf(id).environment === environment,
      );
      if (own.length === 0) continue;
      const name = `overrides/${tree.names[file] ?? ''}${file}-${environment}.yaml`;
      files[name] = declarationText(environment, own, tree.style, start);
    }
  }
  return files;
}

function configText(config: Config): string {
  const percent = (share: number): string => `${100 * share}%`;
  return stringify({
    version: 1,
    writes: config.writes,
    rate: { concurrency: 2 },
    scopes: ENVIRONMENTS.map((environment) => {
      const policy = config.scopes[environment];
      const { updates, removals, floor, changes } = LIMITS[policy.limits];
      return {
        project: PROJECT,
        environment,
        prune: policy.prune,
        manage: policy.manage,
        drift: policy.drift,
        ...(policy.paused ? { paused: 'frozen' } : {}),
        ...(policy.excludes ? { flags: { exclude: [`${EXCLUDED.slice(0, 4)}*`] } } : {}),
        ...(policy.protects ? { protect: { flags: [PROTECTED] } } : {}),
        limits: { updates: percent(updates), removals: percent(removals), floor, changes },
      };
    }),
  });
}

/** Even styles list contexts, odd ones use a group for each; styles above 1 name variations by index and turn around. */
function declarationText(
  environment: Environment,
  entries: readonly (readonly [Id, Declared])[],
  style: number,
  start: number,
): string {
  const users: Record<string, Record<string, unknown>> = {};
  const contexts: Record<string, Record<string, Record<string, unknown>>> = {};
  const groups: unknown[] = [];
  const ordered = style >= 2 ? entries.toReversed() : entries;
  for (const [id, { setting, expires, manage }] of ordered) {
    const { flag, kind, key } = partsOf(id);
    const value = setting === null ? null : style >= 2 ? { $variation: setting } : FLAGS[flag][setting];
    const own = manage === undefined ? {} : { manage };
    if (manage !== undefined && expires === undefined && setting !== null && style % 2 === 0) {
      const long = style >= 2 ? { $variation: setting, ...own } : { $value: FLAGS[flag][setting], ...own };
      if (kind === 'user') users[key] = { ...users[key], [flag]: long };
      else contexts[kind] = { ...contexts[kind], [key]: { ...contexts[kind]?.[key], [flag]: long } };
    } else if (expires !== undefined || manage !== undefined || style % 2 === 1) {
      groups.push({
        name: `g${groups.length}`,
        ...(kind === 'user' ? { users: [key] } : { contexts: { [kind]: [key] } }),
        flags: { [flag]: value },
        ...own,
        ...(expires === undefined ? {} : { expires: new Date(start + expires * HOUR).toISOString() }),
      });
    } else if (kind === 'user') users[key] = { ...users[key], [flag]: value };
    else contexts[kind] = { ...contexts[kind], [key]: { ...contexts[kind]?.[key], [flag]: value } };
  }
  const text = stringify({
    project: PROJECT,
    environment,
    ...(Object.keys(users).length === 0 ? {} : { users }),
    ...(Object.keys(contexts).length === 0 ? {} : { contexts }),
    ...(groups.length === 0 ? {} : { groups }),
  });
  return style >= 2 ? `# Written another way.\n${text}` : text;
}

export const HOUR = 3_600_000;

/** The contexts that a tree names in an environment, other than in overrides that are left alone. */
export function contextsOf(tree: Tree, environment: Environment): ReadonlySet<Context> {
  const named = new Set<Context>();
  for (const [id, { manage }] of tree.entries) {
    const parts = partsOf(id);
    const mode = manage ?? tree.config.scopes[environment].manage;
    if (parts.environment === environment && mode !== 'none') named.add(parts.context);
  }
  return new Set(CONTEXTS.filter((context) => named.has(context)));
}
