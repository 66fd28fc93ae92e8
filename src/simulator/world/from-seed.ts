import type { Seed, SeedFlag, SeedFlagEnvironment, SeedProject, SeedVariation } from '../seed/seed.js';
import { DEFAULT_FLAG_CONFIG, DEFAULT_ENVIRONMENT, DEFAULT_FLAG, DEFAULT_PROJECT } from './defaults.js';
import { ExpiringTargets } from './expiring-targets.js';
import { objectId, uuid } from './ids.js';
import type { ProjectEnvironment, Flag, FlagConfig, Project, Token, FlagVariation } from './model.js';
import { Targets } from './targets.js';

const BOOLEAN: readonly SeedVariation[] = [{ value: true }, { value: false }];

/** Earlier than any test's clock. Flags are created one minute apart, so that their dates show their order. */
const EPOCH = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

export function projectFromSeed(key: string, seed: SeedProject): Project {
  const environments = new Map(
    Object.entries(seed.environments).map(([environment, { name, sdkKey, requireApprovals }]) => [
      environment,
      {
        id: objectId('environment', key, environment),
        key: environment,
        ...DEFAULT_ENVIRONMENT,
        name: name ?? environment,
        sdkKey: sdkKey ?? `sdk-${uuid('sdk', key, environment)}`,
        requireApprovals: requireApprovals ?? false,
      } satisfies ProjectEnvironment,
    ]),
  );
  const flags = Object.entries(seed.flags).map(([flag, flagSeed], index) =>
    flagFromSeed(key, flag, flagSeed, [...environments.keys()], EPOCH + index * MINUTE),
  );
  return {
    id: objectId('project', key),
    key,
    name: seed.name ?? key,
    ...DEFAULT_PROJECT,
    creationDate: EPOCH,
    contextKinds: new Set(['user', ...(seed.contextKinds ?? [])]),
    environments,
    flags: new Map(flags.map((flag) => [flag.key, flag])),
    revision: 1,
  };
}

/** @param createdAt epoch milliseconds */
export function flagFromSeed(
  project: string,
  key: string,
  seed: SeedFlag,
  environments: readonly string[],
  createdAt: number,
): Flag {
  const variations = (seed.variations ?? BOOLEAN).map((variation, index) =>
    makeVariation(variation, uuid('variation', project, key, String(index))),
  );
  const defaults = seed.defaults ?? { onVariation: 0, offVariation: variations.length - 1 };
  return {
    id: objectId('flag', project, key),
    key,
    name: seed.name ?? key,
    description: seed.description ?? '',
    tags: seed.tags ?? [],
    temporary: seed.temporary ?? false,
    creationDate: createdAt,
    defaults,
    ...DEFAULT_FLAG,
    variations,
    state: seed.state ?? 'live',
    stateDate: seed.state === undefined || seed.state === 'live' ? undefined : createdAt,
    version: 1,
    configs: new Map(
      environments.map((environment) => [
        environment,
        configFromSeed(seed.environments?.[environment] ?? {}, defaults, createdAt),
      ]),
    ),
  };
}

function makeVariation(seed: SeedVariation, id: string): FlagVariation {
  return { id, value: seed.value, name: seed.name, description: seed.description };
}

function configFromSeed(
  seed: SeedFlagEnvironment,
  defaults: Flag['defaults'],
  createdAt: number,
): FlagConfig {
  const targets = new Targets();
  const expiring = new ExpiringTargets();
  const groups = [
    ...(seed.targets ?? []).map((target) => ({ ...target, contextKind: 'user' })),
    ...(seed.contextTargets ?? []),
  ];
  for (const { contextKind: kind, variation, values, expires } of groups) {
    for (const key of values) {
      targets.set(kind, key, variation);
      if (expires !== undefined)
        expiring.set({ kind, key, variation, date: Date.parse(expires), version: 1 });
    }
  }
  return {
    on: seed.on ?? true,
    ...DEFAULT_FLAG_CONFIG,
    fallthrough: { variation: seed.fallthrough ?? defaults.onVariation },
    offVariation: seed.offVariation === undefined ? defaults.offVariation : seed.offVariation,
    prerequisites: seed.prerequisites ?? [],
    // A copy, since what a seed contains is no change.
    targets: targets.clone(),
    expiring,
    version: 1,
    lastModified: createdAt,
  };
}

export function tokensFromSeed(seed: Seed): readonly Token[] {
  return seed.tokens.map(({ token, role, name, bypassApprovals = false, denied = [] }) => ({
    id: tokenId(token),
    role,
    name: name ?? `${role} token`,
    bypassApprovals,
    denied,
  }));
}

/** The id of the token with this text. It is a hash, so it does not reveal the token. */
export function tokenId(text: string): string {
  return objectId('token', text);
}
