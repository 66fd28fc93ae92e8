import { buildPlan, type PlanInput } from '../../src/reconcile/build.js';
import type { ManageMode } from '../../src/reconcile/manage.js';
import { compareScope, type ScopeComparison } from '../../src/reconcile/compare.js';
import type { Json } from '../../src/json/json.js';
import type { HistoryAnswer } from '../../src/reconcile/ownership.js';
import type { Plan } from '../../src/reconcile/plan.js';
import type { ScopePolicy } from '../../src/reconcile/policy.js';
import {
  contextKey,
  type DeclaredSetting,
  type DesiredOverride,
  type LiveEnvironment,
  type LiveFlag,
  type LiveProject,
  overrideKey,
  scopedKey,
  scopeKey,
} from '../../src/reconcile/state.js';
import { CAUTIOUS_PACES } from '../support/paces.js';

export const SHOP = { project: 'shop', environment: 'production' };

/** The last-applied commit. */
export const COMMIT = { id: 'c0ffee'.repeat(7).slice(0, 40), subject: 'Start', author: 'Ada', date: 0 };

export const NO_FILTER = { flags: [], contexts: [] };

export const POLICY: ScopePolicy = {
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
  limits: { updates: 1, removals: 1, floor: 10, changes: null },
  policies: { require: [], maxLifetime: null, maxPerContext: null, maxPerFlag: null },
};

type Settings = Readonly<Record<string, DeclaredSetting | boolean | string | number | null>>;

/** What a test states; everything else has a simple default. Overrides are named `flag kind key`. */
export interface World {
  readonly flags?: Readonly<Record<string, Partial<LiveFlag> & { readonly values?: readonly Json[] }>>;
  /** Variation indexes of live overrides. */
  readonly live?: Readonly<Record<string, number>>;
  readonly desired?: Settings;
  /** What last-applied declared; undefined without a ref. */
  readonly applied?: Settings;
  /** The dates with which last-applied declared overrides. */
  readonly appliedDates?: Readonly<Record<string, number>>;
  /** What an attempt declared. */
  readonly attempted?: Settings;
  /** Overrides that a commit since last-applied declared with the value that is live. */
  readonly since?: readonly string[];
  /** Overrides that the newest commit since last-applied that declared them released. */
  readonly released?: readonly string[];
  /** What counts for settings of the past without their own `manage`. */
  readonly manageThen?: ManageMode;
  /** What the configuration said about them when the scope was last applied. */
  readonly appliedManage?: ManageMode;
  readonly expires?: Readonly<Record<string, number>>;
  readonly kinds?: readonly string[];
  readonly policy?: Partial<ScopePolicy>;
  readonly now?: number;
  readonly plan?: Partial<PlanInput>;
  readonly noRemovals?: boolean;
  readonly force?: boolean;
  /** What differs from `POLICY` in the policy that was last applied; undefined if only HEAD's counts. */
  readonly appliedPolicy?: Partial<ScopePolicy>;
  readonly moved?: string;
  readonly allowLoosened?: boolean;
}

const DEFAULT_FLAGS = { f: { values: [true, false] }, theme: { values: ['light', 'dark'] } };

/** A flag in an environment that is on and serves nothing but its targets; `parts` says what is different. */
export function liveEnvironment(parts: Partial<LiveEnvironment> = {}): LiveEnvironment {
  return {
    on: true,
    offVariation: undefined,
    prerequisites: [],
    targets: new Map(),
    rules: 0,
    fallthrough: 'unknown',
    ...parts,
  };
}

export function idOf(name: string): { flag: string; kind: string; key: string } {
  const [flag = '', kind = '', ...key] = name.split(' ');
  return { flag, kind, key: key.join(' ') };
}

export function liveProject({ flags = DEFAULT_FLAGS, live = {}, kinds }: World): LiveProject {
  const made = Object.entries<Partial<LiveFlag> & { readonly values?: readonly Json[] }>(flags).map(
    ([key, { values = [true, false], ...rest }]): [string, LiveFlag] => {
      const targets = Object.entries(live)
        .map(([name, variation]) => ({ ...idOf(name), variation }))
        .filter(({ flag }) => flag === key)
        .map(({ kind, key: context, variation }) => [contextKey(kind, context), variation] as const);
      const environment = liveEnvironment({ targets: new Map(targets) });
      const variations = values.map((value, index) => ({ id: `id-${index}`, name: `name-${index}`, value }));
      const environments = new Map([['production', environment]]);
      return [key, { key, state: 'live', variations, environments, ...rest }];
    },
  );
  return {
    flags: new Map(made),
    missing: new Set(),
    complete: true,
    contextKinds: kinds === undefined ? undefined : new Set(kinds),
  };
}

export function settingOf(value: DeclaredSetting | Json): DeclaredSetting {
  if (value === null) return { type: 'none' };
  return typeof value === 'object' && 'type' in value
    ? (value as DeclaredSetting)
    : { type: 'value', value: value as Json };
}

export function overridesOf(world: World): Map<string, DesiredOverride> {
  return new Map(
    Object.entries(world.desired ?? {}).map(([name, setting], index) => {
      const at = world.expires?.[name];
      const id = idOf(name);
      const expires = at === undefined ? {} : { expires: { at, text: String(at), line: 1, col: 1 } };
      const declared = settingOf(setting);
      const override = {
        ...id,
        setting: declared,
        ...(declared.manage === undefined ? {} : { manage: declared.manage }),
        at: { file: 'a.yaml', line: index + 1, col: 1 },
      };
      return [overrideKey(id), { ...override, ...expires }];
    }),
  );
}

export function compared(world: World): ScopeComparison {
  const desired = { scope: SHOP, overrides: overridesOf(world) };
  return compareScope(desired, liveProject(world), { ...POLICY, ...world.policy }, world.now ?? 0);
}

export function planned(world: World): Plan {
  const comparison = compared(world);
  const answers = new Map<string, HistoryAnswer>(
    [...(world.since ?? []), ...(world.released ?? [])].map((name) => [
      scopedKey(SHOP, idOf(name)),
      {
        provenance: { type: 'none' },
        declaredSince: world.since?.includes(name) === true,
        ...(world.released?.includes(name) === true ? { released: true } : {}),
      },
    ]),
  );
  const declaredThen = world.applied && settingsOf(world.applied);
  const attempt = world.attempted && { scope: SHOP, filter: NO_FILTER, shard: undefined };
  const attempts = attempt === undefined ? [] : [{ ...attempt, declared: settingsOf(world.attempted ?? {}) }];
  return buildPlan({
    baseUrl: 'https://app.launchdarkly.com',
    head: undefined,
    scopes: [
      {
        comparison,
        live: liveProject(world),
        history: {
          lastApplied: undefined,
          declaredThen,
          datesThen: new Map(
            Object.entries(world.appliedDates ?? {}).map(([name, at]) => [overrideKey(idOf(name)), at]),
          ),
          attempts,
          ...(world.manageThen === undefined ? {} : { manage: world.manageThen }),
          ...(world.appliedManage === undefined ? {} : { appliedManage: world.appliedManage }),
        },
        dates: [],
        declared: overridesOf(world),
      },
    ],
    released: [],
    answers,
    filter: NO_FILTER,
    only: undefined,
    shard: undefined,
    appliedPolicies: new Map(
      world.appliedPolicy === undefined
        ? []
        : [
            [
              scopeKey(SHOP),
              { commit: COMMIT, moved: world.moved, policy: { ...POLICY, ...world.appliedPolicy } },
            ],
          ],
    ),
    loosened: [],
    rewound: [],
    options: {
      noRemovals: world.noRemovals ?? false,
      force: world.force ?? false,
      allowLoosened: world.allowLoosened ?? false,
      allowRewind: false,
    },
    accept: [],
    configPath: 'flagops.yaml',
    warnings: [],
    expiring: { past: [], soon: [] },
    writes: { mode: 'put', values: 500 },
    paces: CAUTIOUS_PACES,
    ...world.plan,
  });
}

function settingsOf(settings: Settings): Map<string, DeclaredSetting> {
  return new Map(
    Object.entries(settings).map(([name, value]) => [overrideKey(idOf(name)), settingOf(value)]),
  );
}

/** The changes as `action flag kind key before>after mark`. */
export function changesOf(world: World): string[] {
  return planned(world).changes.map(
    ({ action, flag, kind, key, before, after, mark, liveMoved }) =>
      `${action} ${flag} ${kind} ${key} ${before?.variation ?? '-'}>${after?.variation ?? '-'} ${mark}${liveMoved ? ' moved' : ''}`,
  );
}
