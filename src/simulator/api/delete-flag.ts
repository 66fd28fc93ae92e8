import { ErrorResponse } from './errors.js';
import { checkExists, findFlag, findProject } from './lookup.js';
import { checkActions } from './permissions.js';
import { pathParam, type Route, type RouteRequest, type RouteResponse } from './route.js';

export const deleteRoutes: readonly Route[] = [
  {
    method: 'DELETE',
    path: '/api/v2/flags/{projectKey}/{featureFlagKey}',
    action: 'deleteFlag',
    handle: deleteFlag,
  },
];

/** Deletes a flag in all environments, unless it is a prerequisite of another. */
async function deleteFlag(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const project = findProject(world, pathParam(request, 'projectKey'));
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  checkActions(token, ['deleteFlag']);
  await request.writer.write(project, flag, undefined, () => {
    checkExists(world, project, flag);
    const dependent = [...project.flags.values()].find((other) =>
      [...other.configs.values()].some(({ prerequisites }) =>
        prerequisites.some(({ key }) => key === flag.key),
      ),
    );
    if (dependent) {
      throw new ErrorResponse(409, `The flag is a prerequisite of ${dependent.key}`, 'conflict');
    }
    world.removeFlag(project, flag, {
      actor: token,
      comment: undefined,
      actions: ['deleteFlag'],
      titleVerb: 'deleted',
      description: 'Deleted',
    });
  });
  return { status: 204 };
}
