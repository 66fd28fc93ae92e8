import type { Route } from '../api/route.js';
import { routes } from '../api/routes.js';

export interface RouteMatch {
  readonly route: Route;
  /** Percent-decoded once; undefined if the encoding is malformed. */
  readonly params: Readonly<Record<string, string>> | undefined;
}

/** One segment of a route's path: a fixed text, or a parameter. */
type Segment = { readonly text: string } | { readonly parameter: string };

interface Pattern {
  readonly route: Route;
  readonly segments: readonly Segment[];
}

/**
 * A router that compiles all paths into one expression does not accept parameters with different names at the same
 * place, as in the paths below `/api/v2/users`.
 */
const patterns: readonly Pattern[] = routes.map((route) => ({
  route,
  segments: route.path.split('/').map(segmentOf),
}));

function segmentOf(text: string): Segment {
  const parameter = /^\{(\w+)\}$/.exec(text)?.[1];
  return parameter === undefined ? { text } : { parameter };
}

/**
 * Finds the operation of the REST API for a request.
 * @param path as it was sent. Parsing it as a URL would resolve the segments `.`, `..` and `%2e`, which can be keys
 */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const parts = path.split('/');
  const found = patterns.find(
    ({ route, segments }) =>
      route.method === method &&
      segments.length === parts.length &&
      segments.every((segment, index) => matches(segment, parts[index] ?? '')),
  );
  if (!found) return undefined;
  try {
    const params = found.segments.flatMap((segment, index): [string, string][] => {
      const part = parts[index] ?? '';
      return 'text' in segment
        ? []
        : [[segment.parameter, part.includes('%') ? decodeURIComponent(part) : part]];
    });
    return { route: found.route, params: Object.fromEntries(params) };
  } catch {
    return { route: found.route, params: undefined };
  }
}

function matches(segment: Segment, part: string): boolean {
  return 'text' in segment ? segment.text === part : part !== '';
}
