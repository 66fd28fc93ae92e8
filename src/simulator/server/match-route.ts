import { RegExpRouter } from 'hono/router/reg-exp-router';
import type { Route } from '../api/route.js';
import { routes } from '../api/routes.js';

export interface RouteMatch {
  readonly route: Route;
  /** Percent-decoded once; undefined if the encoding is malformed. */
  readonly params: Readonly<Record<string, string>> | undefined;
}

const router = new RegExpRouter<Route>();
for (const route of routes) router.add(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), route);

/**
 * Finds the operation of the REST API for a request.
 * @param path as it was sent. Parsing it as a URL would resolve the segments `.`, `..` and `%2e`, which can be keys
 */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const [[found] = [], stash = []] = router.match(method, path);
  if (!found) return undefined;
  const [route, places] = found;
  try {
    const params = Object.entries(places).map(([name, place]): [string, string] => {
      const value = typeof place === 'number' ? (stash[place] ?? '') : place;
      return [name, value.includes('%') ? decodeURIComponent(value) : value];
    });
    return { route, params: Object.fromEntries(params) };
  } catch {
    return { route, params: undefined };
  }
}
