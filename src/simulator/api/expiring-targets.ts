import { invalid } from './errors.js';
import { flagPlace, type FlagPlace } from './flag-place.js';
import { link } from './links.js';
import { findConfig } from './lookup.js';
import { patchDates } from './patch-dates.js';
import { expiringTargets } from './represent-expiring.js';
import type { RouteResponse, RouteRequest, Route } from './route.js';

const PATH = '/api/v2/flags/{projectKey}/{featureFlagKey}/expiring-targets/{environmentKey}';

/** The dates at which the individual targets of a flag are removed. */
export const expiringRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, handle: (request) => response(flagPlace(request)) },
  { method: 'PATCH', path: PATH, handle: patchExpiring },
];

const KINDS = {
  addExpiringTarget: 'add',
  updateExpiringTarget: 'update',
  removeExpiringTarget: 'remove',
} as const;

async function patchExpiring(request: RouteRequest): Promise<RouteResponse> {
  const place = flagPlace(request);
  const outcome = await patchDates(request, {
    ...place,
    kinds: KINDS,
    find: ({ contextKind: kind, contextKey: key }) => {
      if (typeof kind !== 'string' || typeof key !== 'string') {
        throw invalid('contextKind and contextKey must be strings');
      }
      return { flag: place.flag, config: findConfig(place.flag, place.environment), kind, key };
    },
  });
  return response(place, outcome);
}

function response(place: FlagPlace, outcome: object = {}): RouteResponse {
  const { project, flag, environment } = place;
  const self = link('flags', project.key, flag.key, 'expiring-targets', environment.key);
  return { status: 200, body: { items: expiringTargets(place), _links: { self }, ...outcome } };
}
