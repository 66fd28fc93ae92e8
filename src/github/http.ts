import { fetch } from 'undici';
import { openDispatcher } from '../http/dispatcher.js';

export type Fetch = typeof fetch;

/**
 * Returns a `fetch` for one host that uses the proxy from the environment. Runners in a company network reach GitHub
 * through a proxy, and Node's own `fetch` ignores it.
 * @param base for example `https://api.github.com`
 */
export function fetchFrom(base: string): Fetch {
  const dispatcher = openDispatcher(URL.canParse(base) ? new URL(base).hostname : '');
  return (input, init) => fetch(input, { ...init, dispatcher });
}
