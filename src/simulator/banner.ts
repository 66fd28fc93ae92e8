import { defaultSeed } from './seed/default-seed.js';
import type { Simulator } from './simulator.js';

export interface StartupInfo {
  readonly stateFile: string | undefined;
  /** Whether the state comes from the state file. */
  readonly resumed: boolean;
  /** Whether it uses the default seed, whose tokens are public. */
  readonly isDefault: boolean;
  readonly controlUrl: string | undefined;
  /** The file of the certificate that clients have to trust, empty if it was not saved; undefined for http. */
  readonly trust: string | undefined;
}

interface Banner {
  readonly text: string;
  /** Whether it belongs to the default seed, so that it is public even if a token of the user is the same. */
  readonly isPublic: boolean;
}

/**
 * How to use a simulator that has just started, in parts. Tokens are shown only for the default seed: others may be
 * secret.
 */
export function banner(simulator: Simulator, url: string, startup: StartupInfo): readonly Banner[] {
  const { stateFile, resumed, isDefault, controlUrl, trust } = startup;
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
      ? 'All changes are lost when it stops; --state FILE keeps them.'
      : `${resumed ? 'Resumed from' : 'Keeps all changes in'} ${stateFile}.`;
  const access = [
    `  environments  ${environments.join(', ')}`,
    `  tokens        ${tokens.join(', ')}`,
    '',
  ].join('\n');
  const use = [
    `  to watch it   open ${url} in a browser`,
    `  to use it     set LAUNCHDARKLY_BASE_URL=${url}`,
    '                and LAUNCHDARKLY_ACCESS_TOKEN to a token',
    ...trustLines(url, trust),
    ...(controlUrl === undefined
      ? []
      : [`  control API   ${controlUrl}/faults, /limits, /clock, /approvals, /routes, /requests`]),
    `${keeping} Stop it with Ctrl-C.`,
    '',
  ].join('\n');
  return [
    { text: 'A simulated LaunchDarkly, for this machine only.\n', isPublic: true },
    { text: access, isPublic: isDefault },
    { text: use, isPublic: false },
  ];
}

function trustLines(url: string, trust: string | undefined): readonly string[] {
  if (trust === undefined) return [];
  const saved =
    trust === '' ? [`                first save it: curl -k ${url}/page/certificate.pem -o FILE`] : [];
  const file = trust === '' ? 'FILE' : trust;
  return [
    `  to trust it   set NODE_EXTRA_CA_CERTS=${file} (Node.js) or SSL_CERT_FILE=${file} (Go on Linux)`,
    ...saved,
  ];
}
