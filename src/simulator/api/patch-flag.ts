import { createDraft, type FlagDraft } from '../patch/draft.js';
import { INSTRUCTIONS } from '../patch/instructions.js';
import { saveDraft } from '../patch/save.js';
import { applySteps, parseSteps, type PatchStep } from '../patch/steps.js';
import type { ProjectEnvironment, Project } from '../world/model.js';
import { checkPending } from './approval-conflicts.js';
import { invalid } from './errors.js';
import { checkExists, findEnvironment, findFlag, findProject } from './lookup.js';
import { checkActions, checkApproval } from './permissions.js';
import { booleanParam } from './query.js';
import { flagResponse } from './represent-flag.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';
import { patchFlagAsJson } from './json-patch-flag.js';
import { isSemanticPatch, semanticPatch } from './semantic-patch.js';

export const patchRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/api/v2/flags/{projectKey}/{featureFlagKey}',
    handle: (request) => (isSemanticPatch(request) ? patchFlag(request) : patchFlagAsJson(request)),
  },
];

interface Patch {
  readonly environment: ProjectEnvironment | undefined;
  readonly comment: string | undefined;
  readonly steps: readonly PatchStep[];
}

/** Applies all instructions or none. With `dryRun` it applies none and answers with the flag as it would become. */
async function patchFlag(request: RouteRequest): Promise<RouteResponse> {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  const dryRun = booleanParam(request.query, 'dryRun', false);
  const ignoreConflicts = booleanParam(request.query, 'ignoreConflicts', false);
  const { environment, comment, steps } = parsePatch(project, request);
  const inEnvironment = steps.some(({ kind }) => kind.inEnvironment);
  checkActions(
    request.token,
    steps.map(({ kind }) => kind.action),
  );
  if (environment && inEnvironment) checkApproval(request.token, environment);
  const place = { project, flag, environment: environment?.key };
  const draft = (): FlagDraft => {
    const changed = applySteps(createDraft(project, flag, environment?.key, request.now()), steps);
    if (environment && !ignoreConflicts) checkPending(request.world, { project, flag, environment }, changed);
    return changed;
  };
  if (dryRun) return flagResponse(project, draft().flag);
  const locked = steps.every(({ kind }) => kind.inEnvironment) ? environment?.key : undefined;
  await request.writer.write(project, flag, locked, () => {
    checkExists(request.world, project, flag, environment?.key);
    saveDraft(request.world, place, draft(), steps, { actor: request.token, comment });
  });
  return flagResponse(project, flag);
}

function parsePatch(project: Project, request: RouteRequest): Patch {
  const { comment, environmentKey, instructions } = semanticPatch(request);
  const steps = parseSteps(instructions, INSTRUCTIONS);
  const environment = environmentKey === undefined ? undefined : findEnvironment(project, environmentKey);
  if (!environment && steps.some(({ kind }) => kind.inEnvironment)) {
    throw invalid('these instructions need an environmentKey');
  }
  return { environment, comment, steps };
}
