import { representTargets } from '../api/represent-flag.js';
import { uuid } from '../world/ids.js';
import type { Flag, Project } from '../world/model.js';

/** A flag in one environment as server-side SDKs take it; undefined where they are not told of it. */
export function representFlagForSdk(project: Project, environment: string, flag: Flag): object | undefined {
  const config = flag.configs.get(environment);
  // An archived flag is taken from the SDKs, which then serve what the code falls back to.
  if (!config || flag.state === 'archived') return undefined;
  return {
    key: flag.key,
    version: config.version,
    on: config.on,
    salt: uuid('salt', project.key, flag.key, environment).replaceAll('-', ''),
    ...representTargets(config.targets),
    rules: [],
    fallthrough: { variation: config.fallthrough },
    offVariation: config.offVariation,
    prerequisites: config.prerequisites,
    variations: flag.variations.map(({ value }) => value),
    clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: false },
    trackEvents: false,
    trackEventsFallthrough: false,
    debugEventsUntilDate: null,
    deleted: false,
  };
}

/** Everything that an SDK of one environment starts from. There are no segments here. */
export function sdkPayload(project: Project, environment: string): { flags: object; segments: object } {
  return {
    flags: Object.fromEntries(
      [...project.flags.values()].flatMap((flag) => {
        const shown = representFlagForSdk(project, environment, flag);
        return shown ? [[flag.key, shown]] : [];
      }),
    ),
    segments: {},
  };
}
