import type { Position } from '../../diagnostics/diagnostic.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { isLoopback } from '../../security/loopback.js';

/** LaunchDarkly's hosts: commercial, federal, European Union. */
const LAUNCHDARKLY = [
  'https://app.launchdarkly.com',
  'https://app.launchdarkly.us',
  'https://app.eu.launchdarkly.com',
] as const;

/**
 * Decides where the token may be sent. A pull request can change the configuration file, so the file alone may name
 * only LaunchDarkly's hosts. Any other host has to be given outside the repository, even a loopback address: other
 * programs listen on this machine too.
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
  throw invalid(
    `${what} is not one of LaunchDarkly's hosts: ${new URL(origin).host}`,
    'a file in the repository must not decide where the token is sent; if you trust this host, set --base-url or LAUNCHDARKLY_BASE_URL',
  );
}

/** @param what names the address in messages */
function originOf(text: string, what: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw invalid(`${what} is not a valid http or https URL`, 'write it like https://app.launchdarkly.com');
  }
  // The message leaves out the part before the @, which may be a secret.
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      `${what} for ${url.host} contains a user name or password`,
      'set the token in LAUNCHDARKLY_ACCESS_TOKEN instead',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw invalid(`${what} contains more than a host: ${url.origin}...`, `write only ${url.origin}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.host)) {
    throw invalid(`${what} is not https: ${url.origin}`, 'the token would be sent unencrypted; use https');
  }
  return url.origin;
}

function invalid(message: string, hint: string): OperatorError {
  return new OperatorError('base-url', message, { hint });
}
