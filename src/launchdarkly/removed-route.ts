import type { ApiError } from './http/api-error.js';

/**
 * Whether a refusal may mean that LaunchDarkly no longer serves the route. It is no proof: a 404 may also mean an unknown
 * flag, and how a removed route is refused is not documented. A required approval is a 405 as well.
 */
export function mayMeanRouteRemoved(error: ApiError): boolean {
  const words = `${error.code} ${error.detail}`;
  switch (error.status) {
    case 404:
    case 410:
      return true;
    case 405:
      return !/approv/i.test(words);
    case 400:
    case 406:
      // The version in LD-API-Version does not have the route, or is itself not supported.
      return /(?:^|[^a-z])versions?(?:$|[^a-z])/i.test(words);
    default:
      return false;
  }
}
