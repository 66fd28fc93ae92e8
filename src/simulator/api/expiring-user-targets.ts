import { invalid } from './errors.js';
import { flagPlace, type FlagPlace } from './flag-place.js';
import { link } from './links.js';
import { findConfig, findEnvironment, findFlag, findProject } from './lookup.js';
import { patchDates } from './patch-dates.js';
import { expiringUserTargets } from './represent-expiring.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';

const USER = '/api/v2/users/{projectKey}/{userKey}/expiring-user-targets/{environmentKey}';
const FLAG = '/api/v2/flags/{projectKey}/{featureFlagKey}/expiring-user-targets/{environmentKey}';

/** The deprecated operations on the dates of targets of kind `user`: those of one user, and those of one flag. */
export const expiringUserRoutes: readonly Route[] = [
  { method: 'GET', path: USER, family: 'users', handle: (request) => userResponse(userPlace(request)) },
  { method: 'PATCH', path: USER, family: 'users', handle: patchOfUser },
  { method: 'GET', path: FLAG, handle: (request) => flagResponse(flagPlace(request)) },
  { method: 'PATCH', path: FLAG, handle: patchOfFlag },
];

const KINDS = {
  addExpireUserTargetDate: 'add',
  updateExpireUserTargetDate: 'update',
  removeExpireUserTargetDate: 'remove',
} as const;

interface UserPlace extends Omit<FlagPlace, 'flag'> {
  readonly user: string;
}

function userPlace(request: RouteRequest): UserPlace {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const environment = findEnvironment(project, pathParam(request, 'environmentKey'));
  return { project, environment, user: pathParam(request, 'userKey') };
}

async function patchOfUser(request: RouteRequest): Promise<RouteResponse> {
  const place = userPlace(request);
  const { project, environment, user } = place;
  const outcome = await patchDates(request, {
    project,
    environment,
    kinds: KINDS,
    find: ({ flagKey }) => {
      if (typeof flagKey !== 'string') throw invalid('flagKey must be a string');
      const flag = findFlag(project, flagKey);
      return { flag, config: findConfig(flag, environment), kind: 'user', key: user };
    },
  });
  return userResponse(place, outcome);
}

async function patchOfFlag(request: RouteRequest): Promise<RouteResponse> {
  const place = flagPlace(request);
  const { flag, environment } = place;
  const outcome = await patchDates(request, {
    ...place,
    kinds: KINDS,
    find: ({ userKey: key }) => {
      if (typeof key !== 'string') throw invalid('userKey must be a string');
      return { flag, config: findConfig(flag, environment), kind: 'user', key };
    },
  });
  return flagResponse(place, outcome);
}

function userResponse({ project, environment, user }: UserPlace, outcome: object = {}): RouteResponse {
  const items = [...project.flags.values()].flatMap((flag) =>
    expiringUserTargets({ project, environment, flag }).filter(({ userKey }) => userKey === user),
  );
  const self = link('users', project.key, user, 'expiring-user-targets', environment.key);
  return { status: 200, body: { items, _links: { self }, ...outcome } };
}

function flagResponse(place: FlagPlace, outcome: object = {}): RouteResponse {
  const { project, flag, environment } = place;
  const self = link('flags', project.key, flag.key, 'expiring-user-targets', environment.key);
  return { status: 200, body: { items: expiringUserTargets(place), _links: { self }, ...outcome } };
}
