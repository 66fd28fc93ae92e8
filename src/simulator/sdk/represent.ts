import { representTargets } from '../api/represent-flag.js';
import { uuid } from '../world/ids.js';
import type { Flag, Project } from '../world/model.js';

/** A flag in one environment in the format of server-side SDKs; undefined if they do not receive it. */
export function representFlagForSdk(project: Project, environment: string, flag: Flag): object | undefined {
  const config = flag.configs.get(environment);
  // SDKs do not receive archived flags; they serve the fallback value from the code.
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

/** All data of one environment, which an SDK starts from. Segments are not simulated. */
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
