import { canonical, type Json } from '../../json/json.js';
import { evaluate } from '../world/evaluate.js';
import type { ProjectEnvironment, Flag, Project } from '../world/model.js';
import { ErrorResponse, invalid, notFound } from './errors.js';
import { link } from './links.js';
import { checkExists, findConfig, findEnvironment, findFlag, findProject } from './lookup.js';
import { checkActions, checkApproval } from './permissions.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';
import { setTarget } from './set-target.js';

const USER = '/api/v2/users/{projectKey}/{environmentKey}/{userKey}/flags';
const CONTEXT =
  '/api/v2/projects/{projectKey}/environments/{environmentKey}/contexts/{contextKind}/{contextKey}';

export const settingRoutes: readonly Route[] = [
  { method: 'GET', path: USER, family: 'users', handle: listUserSettings },
  { method: 'GET', path: `${USER}/{featureFlagKey}`, family: 'users', handle: getUserSetting },
  {
    method: 'PUT',
    path: `${USER}/{featureFlagKey}`,
    family: 'users',
    handle: (request) => putSetting(request, 'user', pathParam(request, 'userKey')),
  },
  {
    method: 'PUT',
    path: `${CONTEXT}/flags/{featureFlagKey}`,
    handle: (request) =>
      putSetting(request, pathParam(request, 'contextKind'), pathParam(request, 'contextKey')),
  },
];

function listUserSettings(request: RouteRequest): RouteResponse {
  const { project, environment } = scope(request);
  const user = pathParam(request, 'userKey');
  const flags = [...project.flags.values()].filter((flag) => flag.state !== 'archived');
  return {
    status: 200,
    body: {
      // `Object.fromEntries`, because a flag's key may be `__proto__`.
      items: Object.fromEntries(
        flags.map((flag) => [flag.key, userSetting(project, environment, flag, user)]),
      ),
      _links: { self: link('users', project.key, environment.key, user, 'flags') },
    },
  };
}

function getUserSetting(request: RouteRequest): RouteResponse {
  const { project, environment } = scope(request);
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  return { status: 200, body: userSetting(project, environment, flag, pathParam(request, 'userKey')) };
}

/**
 * `setting` is the override; `_value` is what the user is served (schema UserFlagSetting). The kind of error is not one of
 * LaunchDarkly's: it marks a value that could differ because of rules.
 */
function userSetting(project: Project, environment: ProjectEnvironment, flag: Flag, user: string): object {
  const { value, reason, ignoresRules } = evaluate(project, environment.key, flag, {
    kind: 'user',
    key: user,
  });
  const target = findConfig(flag, environment).targets.variationOf('user', user);
  return {
    _links: { self: link('users', project.key, environment.key, user, 'flags', flag.key) },
    _value: value,
    setting: target === undefined ? null : (flag.variations[target]?.value ?? null),
    reason: ignoresRules ? { ...reason, errorKind: 'RULES_NOT_SIMULATED' } : reason,
  };
}

async function putSetting(request: RouteRequest, kind: string, key: string): Promise<RouteResponse> {
  const { project, environment } = scope(request);
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  if (!project.contextKinds.has(kind)) throw notFound('context kind', kind);
  const { setting, comment } = parseValuePut(request.body);
  if (flag.state === 'archived') throw invalid('an archived flag cannot be changed');
  checkActions(request.token, ['updateTargets']);
  checkApproval(request.token, environment);
  const variation = setting === null ? undefined : variationWith(flag, setting);
  await request.writer.write(project, flag, environment.key, () => {
    checkExists(request.world, project, flag, environment.key);
    setTarget(request.world, {
      project,
      environment: environment.key,
      flag,
      kind,
      key,
      variation,
      comment,
      actor: request.token,
    });
  });
  return { status: 204 };
}

/** Parses the body of both PUTs (schema ValuePut). A missing `setting` removes the override, as null does. */
function parseValuePut(body: unknown): { readonly setting: Json; readonly comment: string | undefined } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('the body must be a JSON object');
  }
  const { setting = null, comment } = body as { readonly setting?: Json; readonly comment?: unknown };
  if (comment !== undefined && typeof comment !== 'string') throw invalid('comment must be a string');
  return { setting, comment };
}

/** The first variation with this value. If two variations share a value, a PUT cannot select the second. */
function variationWith(flag: Flag, setting: Json): number {
  const wanted = canonical(setting);
  const index = flag.variations.findIndex(({ value }) => canonical(value) === wanted);
  if (index < 0) throw new ErrorResponse(400, 'The setting is not the value of any of the flag’s variations');
  return index;
}

function scope(request: RouteRequest): {
  readonly project: Project;
  readonly environment: ProjectEnvironment;
} {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  return { project, environment: findEnvironment(project, pathParam(request, 'environmentKey')) };
}
