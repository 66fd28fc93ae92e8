import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { systemClock } from '../launchdarkly/clock.js';
import type { ConnectOptions } from '../launchdarkly/http/api.js';
import { checkBaseUrl } from '../launchdarkly/http/base-url.js';
import { version } from '../version.js';
import type { PlanningOptions } from './options.js';
import type { Declared } from './read-declarations.js';
import { openLimits, type RememberedLimits } from './remembered-limits.js';

/**
 * Creates a client: `connect` for commands that only read, `connectWriter` for apply. Planning itself uses the methods of
 * FlagReader, none of which writes.
 */
export type Connect<Client extends FlagReader> = (options: ConnectOptions) => Client;

/** A client for the host of the configuration. */
export interface Connection<Client extends FlagReader> {
  readonly client: Client;
  readonly baseUrl: string;
  /** The API's host with its port. */
  readonly host: string;
  readonly limits: RememberedLimits;
}

/**
 * Connects to LaunchDarkly. The time of `timeouts.run` starts here; no request is sent yet.
 * @param onWait called when requests have to wait, and with undefined when they continue
 * @throws OperatorError `no-token`, and for a base URL, token or proxy that is not valid
 */
export function openConnection<Client extends FlagReader>(
  { config, workspace }: Declared,
  options: Pick<PlanningOptions, 'token' | 'baseUrl'>,
  connect: Connect<Client>,
  onWait: ConnectOptions['onWait'],
  signal: AbortSignal,
): Connection<Client> {
  const baseUrl = checkBaseUrl({ fromFile: config.baseUrl, fromOutside: options.baseUrl });
  const { host } = new URL(baseUrl);
  const limits = openLimits(workspace.root, host);
  const client = connect({
    baseUrl,
    token: requireToken(options.token),
    api: config.api,
    rate: config.rate,
    timeouts: config.timeouts,
    clock: systemClock,
    signal,
    onWait,
    onLimits: limits.note,
    userRoute: limits.userRoute,
    version,
  });
  return { client, baseUrl, host, limits };
}

function requireToken(token: string | undefined): string {
  if (token !== undefined && token.trim() !== '') return token.trim();
  throw new OperatorError('no-token', 'LAUNCHDARKLY_ACCESS_TOKEN is not set', {
    hint: 'export an access token; a reader token is enough for plan',
  });
}
