import { OperatorError } from '../diagnostics/operator-error.js';

/** LaunchDarkly's own hosts: commercial, federal, European Union. */
const LAUNCHDARKLY = [
  'https://app.launchdarkly.com',
  'https://app.launchdarkly.us',
  'https://app.eu.launchdarkly.com',
] as const;

const WAY_OUT = 'give it as --base-url or LAUNCHDARKLY_BASE_URL if it is meant';

/**
 * Decides where the token may be sent. Whoever can open a pull request can edit the configuration file, so a host that
 * is neither LaunchDarkly's nor this machine has to be named outside the repository as well.
 * @param from.fromFile `baseUrl` of the configuration
 * @param from.fromOutside `--base-url` or `LAUNCHDARKLY_BASE_URL`; wins over the file
 * @returns the origin, for example `https://app.launchdarkly.com`
 * @throws OperatorError `base-url`
 */
export function checkBaseUrl(from: {
  readonly fromFile?: string | undefined;
  readonly fromOutside?: string | undefined;
}): string {
  if (from.fromOutside !== undefined) return origin(from.fromOutside);
  if (from.fromFile === undefined) return LAUNCHDARKLY[0];
  const url = origin(from.fromFile);
  if (LAUNCHDARKLY.some((known) => known === url) || isLoopback(new URL(url).hostname)) return url;
  throw new OperatorError(
    'base-url',
    `baseUrl in the configuration names a foreign host: ${new URL(url).host}`,
    {
      hint: `a file must not decide where the token goes; ${WAY_OUT}`,
    },
  );
}

/** Whether a host name is this machine: `localhost`, 127.0.0.0/8 or ::1, as `URL` spells it. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw wrong('the base URL is not a web address', 'write it like https://app.launchdarkly.com');
  }
  // Not shown: what stands before the @ may be a secret.
  if (url.username !== '' || url.password !== '') {
    throw wrong(
      `the base URL for ${url.host} holds a name or a password`,
      'the token goes into LAUNCHDARKLY_ACCESS_TOKEN',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw wrong(`the base URL has more than a host: ${url.origin}...`, `write only ${url.origin}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw wrong(`the base URL is not https: ${url.origin}`, 'the token would travel in the clear; use https');
  }
  return url.origin;
}

function wrong(message: string, hint: string): OperatorError {
  return new OperatorError('base-url', message, { hint });
}
