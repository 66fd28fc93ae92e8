import type { FlagReader } from '../../../src/launchdarkly/client.js';
import { readProject } from '../../../src/launchdarkly/read/read-project.js';
import { buildPlan } from '../../../src/reconcile/build.js';
import { compareScope } from '../../../src/reconcile/compare.js';
import { questionsFor } from '../../../src/reconcile/ownership.js';
import type { Plan } from '../../../src/reconcile/plan.js';
import type { ScopePolicy } from '../../../src/reconcile/policy.js';
import {
  type Commit,
  type DesiredOverride,
  type LiveProject,
  overrideKey,
  scopedKey,
} from '../../../src/reconcile/state.js';
import type { Seed } from '../../../src/simulator/seed/seed.js';
import { CAUTIOUS_PACES } from '../../support/paces.js';

export const SCOPE = { project: 'storefront', environment: 'production' } as const;

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

const COMMIT: Commit = {
  id: 'c0ffee'.padEnd(40, '0'),
  subject: 'Open the beta to everybody',
  author: 'Dana',
  date: 0,
};

/** An override to write. */
export interface WantedOverride {
  readonly flag: string;
  readonly user: string;
  readonly value: boolean;
}

/** Overrides of `flags` flags in the order in which a file would declare them: by user, then by flag. */
export function wantedOverrides(count: number, flags: number): WantedOverride[] {
  return Array.from({ length: count }, (_, index) => ({
    flag: flagKey(index % flags),
    user: `user-${String(Math.floor(index / flags)).padStart(5, '0')}@example.com`,
    value: index % 2 === 0,
  }));
}

export function seedOf(flags: number): Seed {
  const entries = Array.from({ length: flags }, (_, index) => [flagKey(index), {}] as const);
  return {
    tokens: [{ token: 'api-writer', role: 'writer' }],
    projects: {
      [SCOPE.project]: {
        environments: { [SCOPE.environment]: {} },
        flags: Object.fromEntries(entries),
      },
    },
  };
}

function flagKey(index: number): string {
  return `flag-${String(index).padStart(2, '0')}`;
}

/** Reads the live state and plans the wanted overrides, all from one commit. */
export async function planOf(all: readonly WantedOverride[], reader: FlagReader): Promise<Plan> {
  const query = {
    project: SCOPE.project,
    environments: [SCOPE.environment],
    needed: new Set(all.map(({ flag }) => flag)),
    all: false,
    contextKinds: false,
  };
  return planFor(declared(all), await readProject(reader, query));
}

export function declared(all: readonly WantedOverride[]): ReadonlyMap<string, DesiredOverride> {
  return new Map(
    all.map(({ flag, user, value }, index) => {
      const id = { flag, kind: 'user', key: user };
      const at = { file: 'overrides/all.yaml', line: index + 1, col: 5 };
      return [overrideKey(id), { ...id, setting: { type: 'value', value }, at }];
    }),
  );
}

/** Compares and plans, as `flagops plan` does after reading everything. */
export function planFor(overrides: ReadonlyMap<string, DesiredOverride>, live: LiveProject): Plan {
  const comparison = compareScope({ scope: SCOPE, overrides }, live, POLICY, 0, 'batch');
  const answer = {
    provenance: { type: 'commit', commit: COMMIT },
    declaredSince: true,
  } as const;
  const answers = new Map(
    questionsFor(comparison, live).map(({ scope, id }) => [scopedKey(scope, id), answer]),
  );
  return buildPlan({
    baseUrl: 'https://app.launchdarkly.com',
    head: COMMIT,
    scopes: [
      {
        comparison,
        live,
        history: { lastApplied: undefined, declaredThen: undefined, datesThen: new Map(), attempts: [] },
        dates: [],
        declared: overrides,
      },
    ],
    released: [],
    answers,
    only: undefined,
    filter: { flags: [], contexts: [] },
    shard: undefined,
    appliedPolicies: new Map(),
    loosened: [],
    rewound: [],
    configPath: 'flagops.yaml',
    options: { noRemovals: false, force: false, allowLoosened: false, allowRewind: false },
    accept: [],
    warnings: [],
    expiring: { past: [], soon: [] },
    writes: { mode: 'put', values: 500 },
    paces: CAUTIOUS_PACES,
  });
}
