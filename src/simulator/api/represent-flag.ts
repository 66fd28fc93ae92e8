import { saltOf, uuid } from '../world/ids.js';
import type { Flag, FlagConfig, Project, Serve } from '../world/model.js';
import type { Targets } from '../world/targets.js';
import { link } from './links.js';
import type { RouteResponse } from './route.js';

export interface FlagView {
  /** Keys of the environments to show; undefined omits `environments`. */
  readonly environments: readonly string[] | undefined;
  /** Whether to show targets, rules and prerequisites; if not, only their counts. */
  readonly detailed: boolean;
}

/** The response to a change of a flag: the flag in all environments. */
export function flagResponse(project: Project, flag: Flag): RouteResponse {
  const environments = [...project.environments.keys()];
  return { status: 200, body: representFlag(project, flag, { environments, detailed: true }) };
}

/** A flag as the API shows it (schema FeatureFlag). */
export function representFlag(project: Project, flag: Flag, view: FlagView): object {
  return {
    _links: { self: link('flags', project.key, flag.key), parent: link('flags', project.key) },
    name: flag.name,
    kind: flag.variations.every(({ value }) => typeof value === 'boolean') ? 'boolean' : 'multivariate',
    description: flag.description,
    key: flag.key,
    _version: flag.version,
    creationDate: flag.creationDate,
    includeInSnippet: flag.clientSide.usingEnvironmentId,
    clientSideAvailability: flag.clientSide,
    variations: flag.variations.map(({ id, value, name, description }) => ({
      _id: id,
      value,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    })),
    temporary: flag.temporary,
    tags: flag.tags,
    goalIds: [],
    experiments: { baselineIdx: 0, items: [] },
    customProperties: flag.customProperties,
    ...(flag.maintainerId === undefined ? {} : { maintainerId: flag.maintainerId }),
    ...(flag.maintainerTeamKey === undefined ? {} : { maintainerTeamKey: flag.maintainerTeamKey }),
    archived: flag.state === 'archived',
    ...(flag.state === 'archived' ? { archivedDate: flag.stateDate } : {}),
    deprecated: flag.state === 'deprecated',
    ...(flag.state === 'deprecated' ? { deprecatedDate: flag.stateDate } : {}),
    defaults: flag.defaults,
    ...(view.environments === undefined
      ? {}
      : {
          environments: Object.fromEntries(
            view.environments.flatMap((key) => {
              const config = flag.configs.get(key);
              return config ? [[key, representConfig(project, flag, key, config, view.detailed)]] : [];
            }),
          ),
        }),
  };
}

/** A flag in one environment (schema FeatureFlagConfig). */
function representConfig(
  project: Project,
  flag: Flag,
  environment: string,
  config: FlagConfig,
  detailed: boolean,
): object {
  return {
    on: config.on,
    archived: flag.state === 'archived',
    salt: saltOf(project, flag, environment),
    sel: uuid('sel', project.key, flag.key, environment).replaceAll('-', ''),
    lastModified: config.lastModified,
    version: config.version,
    ...(detailed
      ? {
          ...representTargets(config.targets),
          rules: config.rules,
          fallthrough: config.fallthrough,
          ...(config.offVariation === null ? {} : { offVariation: config.offVariation }),
          prerequisites: config.prerequisites,
        }
      : {}),
    _site: {
      href: `/${[project.key, environment, 'features', flag.key].map(encodeURIComponent).join('/')}`,
      type: 'text/html',
    },
    _environmentName: project.environments.get(environment)?.name ?? environment,
    trackEvents: config.trackEvents,
    trackEventsFallthrough: false,
    _summary: representSummary(flag, config),
  };
}

/**
 * Users are in `targets`, all other kinds in `contextTargets`. There, each `user` group has an empty placeholder, which
 * only records its position.
 */
export function representTargets(targets: Targets): { targets: object[]; contextTargets: object[] } {
  const groups = targets.groups();
  return {
    targets: groups
      .filter(({ kind }) => kind === 'user')
      .map(({ keys, variation }) => ({ values: [...keys], variation, contextKind: 'user' })),
    contextTargets: groups.map(({ kind, keys, variation }) => ({
      values: kind === 'user' ? [] : [...keys],
      variation,
      contextKind: kind,
    })),
  };
}

function representSummary(flag: Flag, config: FlagConfig): object {
  const groups = config.targets.groups();
  const count = (variation: number, user: boolean): number =>
    groups.reduce(
      (sum, group) =>
        sum + (group.variation === variation && (group.kind === 'user') === user ? group.keys.size : 0),
      0,
    );
  return {
    variations: Object.fromEntries(
      flag.variations.map((_, index) => [
        String(index),
        {
          rules: config.rules.filter((rule) => serves(rule, index)).length,
          nullRules: 0,
          targets: count(index, true),
          contextTargets: count(index, false),
          ...(serves(config.fallthrough, index) ? { isFallthrough: true } : {}),
          ...rolloutWeight(config.fallthrough, index),
          ...(config.offVariation === index ? { isOff: true } : {}),
        },
      ]),
    ),
    prerequisites: config.prerequisites.length,
  };
}

/** Whether some contexts are served a variation. */
function serves(serve: Serve, index: number): boolean {
  if ('variation' in serve) return serve.variation === index;
  return serve.rollout.variations.some(({ variation, weight }) => variation === index && weight > 0);
}

function rolloutWeight(serve: Serve, index: number): { readonly rollout?: number } {
  if ('variation' in serve) return {};
  const weights = serve.rollout.variations.filter(({ variation }) => variation === index);
  return { rollout: weights.reduce((sum, { weight }) => sum + weight, 0) };
}
