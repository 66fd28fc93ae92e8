import { commitChanges, flagDocument, readFlagChanges, type FlagChanges } from '../patch/flag-document.js';
import type { Flag, Project } from '../world/model.js';
import type { AuditAction } from '../world/change.js';
import type { World } from '../world/world.js';
import { checkPending } from './approval-conflicts.js';
import { jsonPatch } from './json-patch.js';
import { checkExists, findEnvironment, findFlag, findProject } from './lookup.js';
import { checkActions, checkApproval } from './permissions.js';
import { booleanParam } from './query.js';
import { flagResponse } from './represent-flag.js';
import { pathParam, type RouteResponse, type RouteRequest } from './route.js';

/**
 * Applies a JSON patch to a flag: all operations or none. With `dryRun` it applies none and answers with the flag as it
 * would become.
 */
export async function patchFlagAsJson(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const project = findProject(world, pathParam(request, 'projectKey'));
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  const dryRun = booleanParam(request.query, 'dryRun', false);
  const ignoreConflicts = booleanParam(request.query, 'ignoreConflicts', false);
  const patch = jsonPatch(request);
  const changes = (): FlagChanges => {
    const before = flagDocument(project, flag);
    const read = readFlagChanges(project, flag, before, patch.apply(before), request.now());
    checkActions(token, read.actions);
    for (const key of read.configs.keys()) {
      const environment = findEnvironment(project, key);
      checkApproval(token, environment);
      const config = read.flag.configs.get(key);
      if (ignoreConflicts || !config) continue;
      const draft = { project, flag: read.flag, config, now: request.now() };
      checkPending(world, { project, flag, environment }, draft);
    }
    return read;
  };
  const planned = changes();
  if (dryRun) return flagResponse(project, planned.flag);
  const [environment, ...others] = planned.configs.keys();
  const locked = planned.fields.length === 0 && others.length === 0 ? environment : undefined;
  await request.writer.write(project, flag, locked, () => {
    checkExists(world, project, flag);
    save(world, project, flag, changes(), { actor: token, comment: patch.comment });
  });
  return flagResponse(project, flag);
}

/** Saves the changes with one entry in the audit log for each environment, or a single one if the flag itself changed. */
function save(
  world: World,
  project: Project,
  flag: Flag,
  changes: FlagChanges,
  { actor, comment }: Pick<AuditAction, 'actor' | 'comment'>,
): void {
  const { fields, configs, actions } = changes;
  commitChanges(changes, flag);
  const action = { actor, comment, actions, titleVerb: 'updated' };
  if (fields.length > 0) {
    const inEnvironments = [...configs].flatMap(([key, names]) => names.map((name) => `${name} in ${key}`));
    const description = `Changed ${[...fields, ...inEnvironments].join(', ')}`;
    world.changedFlag(project, flag, { ...action, description });
    return;
  }
  for (const [environment, names] of configs) {
    const config = flag.configs.get(environment);
    const description = `Changed ${names.join(', ')}`;
    if (config) world.changedConfig(project, flag, environment, config, { ...action, description });
  }
}
