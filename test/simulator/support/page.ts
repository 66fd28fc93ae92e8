import { call, type CallOptions, type Reply } from './call.js';

/** The token in the page, as it is served under a host name. */
export async function pageToken(url: string, host = new URL(url).host): Promise<string> {
  const { body } = await call(url, 'GET', '/', { host, token: undefined });
  const token = /data-token="([^"]+)"/.exec(String(body))?.[1];
  if (token === undefined) throw new Error('the page has no token');
  return token;
}

/** A change of a target as the page sends it, except for `changes`. */
export const EDIT = {
  project: 'storefront',
  environment: 'production',
  flag: 'theme',
  kind: 'user',
  key: 'alice',
  variation: 1,
} as const;

/** Sends a change as the page does. */
export async function sendEdit(
  url: string,
  path: '/page/targets' | '/page/reset',
  body: unknown,
  options: CallOptions = {},
): Promise<Reply> {
  const headers = { origin: url, 'x-page-token': await pageToken(url), ...options.headers };
  return call(url, 'POST', path, { token: undefined, body, ...options, headers });
}
