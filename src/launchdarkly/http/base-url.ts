import type { Position } from '../../diagnostics/diagnostic.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { isLoopback } from '../../security/loopback.js';

/** LaunchDarkly's own hosts: commercial, federal, European Union. */
const LAUNCHDARKLY = [
  'https://app.launchdarkly.com',
  'https://app.launchdarkly.us',
  'https://app.eu.launchdarkly.com',
] as const;

/**
 * Decides where the token may be sent. A pull request can change the configuration file, so the file alone may name
 * only LaunchDarkly's own hosts. Any other host has to be given outside the repository, this machine included: other
 * programs listen here too.
 * @param from.fromFile `baseUrl` of the configuration
 * @param from.fromOutside `--base-url`, `LAUNCHDARKLY_BASE_URL` or the Action's input; wins over the file
 * @returns the origin, for example `https://app.launchdarkly.com`
 * @throws OperatorError `base-url`
 */
export function checkBaseUrl(from: {
  readonly fromFile?: { readonly value: string; readonly at: Position } | undefined;
  readonly fromOutside?: string | undefined;
}): string {
  if (from.fromOutside !== undefined) return originOf(from.fromOutside, 'the base URL');
  if (from.fromFile === undefined) return LAUNCHDARKLY[0];
  const { value, at } = from.fromFile;
  const what = `baseUrl in ${at.file}:${at.line}:${at.col}`;
  const origin = originOf(value, what);
  if (LAUNCHDARKLY.some((known) => known === origin)) return origin;
  throw wrong(
    `${what} is not one of LaunchDarkly's hosts: ${new URL(origin).host}`,
    'a file must not decide where the token goes; if this host is meant, give it as --base-url or LAUNCHDARKLY_BASE_URL',
  );
}

/** @param what names the address in messages */
function originOf(text: string, what: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw wrong(`${what} is not a web address`, 'write it like https://app.launchdarkly.com');
  }
  // Not shown: the part before the @ may be a secret.
  if (url.username !== '' || url.password !== '') {
    throw wrong(
      `${what} for ${url.host} holds a name or a password`,
      'the token goes into LAUNCHDARKLY_ACCESS_TOKEN',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw wrong(`${what} has more than a host: ${url.origin}...`, `write only ${url.origin}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.host)) {
    throw wrong(`${what} is not https: ${url.origin}`, 'the token would travel in the clear; use https');
  }
  return url.origin;
}

function wrong(message: string, hint: string): OperatorError {
  return new OperatorError('base-url', message, { hint });
}
