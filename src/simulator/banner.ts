import { defaultSeed } from './seed/default-seed.js';
import type { Simulator } from './simulator.js';

export interface StartupInfo {
  readonly stateFile: string | undefined;
  /** Whether it goes on from what the state file held. */
  readonly resumed: boolean;
  /** Whether it has the default seed, of which the tokens are no secret. */
  readonly isDefault: boolean;
  readonly controlUrl: string | undefined;
}

/** How to use a simulator that just started. The tokens of somebody's own seed are not shown: they know them. */
export function banner(simulator: Simulator, url: string, circumstances: StartupInfo): string {
  const { stateFile, resumed, isDefault, controlUrl } = circumstances;
  const { world } = simulator;
  const tokens = isDefault
    ? defaultSeed.tokens.map(({ token, role }) => `${token} (${role})`)
    : [...world.tokens].map(({ name, role }) => `${name} (${role})`);
  const environments = [...world.projects.values()].flatMap((project) =>
    [...project.environments.values()].map(({ key, sdkKey }) =>
      isDefault ? `${project.key}/${key} (SDK key ${sdkKey})` : `${project.key}/${key}`,
    ),
  );
  const keeping =
    stateFile === undefined
      ? 'Everything is forgotten when it stops; --state FILE keeps it.'
      : `${resumed ? 'Goes on from' : 'Keeps everything in'} ${stateFile}.`;
  return [
    'A simulated LaunchDarkly, for this machine only.',
    `  environments  ${environments.join(', ')}`,
    `  tokens        ${tokens.join(', ')}`,
    `  to watch it   open ${url} in a browser`,
    `  to use it     set LAUNCHDARKLY_BASE_URL=${url}`,
    '                and LAUNCHDARKLY_ACCESS_TOKEN to a token',
    ...(controlUrl === undefined
      ? []
      : [`  to disturb it ${controlUrl}/faults, /limits, /routes, /requests`]),
    `${keeping} Stop it with Ctrl-C.`,
    '',
  ].join('\n');
}
