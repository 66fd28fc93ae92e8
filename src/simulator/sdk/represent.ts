import { representTargets } from '../api/represent-flag.js';
import { saltOf } from '../world/ids.js';
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
    salt: saltOf(project, flag, environment),
    ...representTargets(config.targets),
    rules: config.rules.filter(({ disabled }) => !disabled).map(({ _id, ...rule }) => ({ ...rule, id: _id })),
    fallthrough: config.fallthrough,
    offVariation: config.offVariation,
    prerequisites: config.prerequisites,
    variations: flag.variations.map(({ value }) => value),
    clientSideAvailability: flag.clientSide,
    trackEvents: config.trackEvents,
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
