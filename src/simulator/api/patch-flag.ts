import { isObject } from '../../json/object.js';
import { commitDraft, compareDraft, createDraft, type FlagDraft } from '../patch/draft.js';
import type { PatchInstruction } from '../patch/fields.js';
import { INSTRUCTIONS, type InstructionKind } from '../patch/instructions.js';
import type { ProjectEnvironment, Flag, Project } from '../world/model.js';
import { approvalMissing, invalid, notFound } from './errors.js';
import { findEnvironment, findFlag, findProject } from './lookup.js';
import { booleanParam } from './query.js';
import { representFlag } from './represent-flag.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';

export const patchRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/api/v2/flags/{projectKey}/{featureFlagKey}',
    whenReadOnly: 401,
    handle: patchFlag,
  },
];

interface Step {
  readonly instruction: PatchInstruction;
  readonly kind: InstructionKind;
}

interface Patch {
  readonly environment: ProjectEnvironment | undefined;
  readonly comment: string | undefined;
  readonly steps: readonly Step[];
}

/** Applies all instructions or none. With `dryRun` it applies none and answers with the flag as it would become. */
async function patchFlag(request: RouteRequest): Promise<RouteResponse> {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  const dryRun = booleanParam(request.query, 'dryRun', false);
  booleanParam(request.query, 'ignoreConflicts', false);
  const patch = parsePatch(project, request);
  if (patch.environment?.requireApprovals && patch.steps.some(({ kind }) => kind.inEnvironment)) {
    throw approvalMissing(patch.environment.key);
  }
  if (dryRun) return response(project, applyToDraft(request, project, flag, patch).flag);
  const locked = patch.steps.every(({ kind }) => kind.inEnvironment) ? patch.environment?.key : undefined;
  await request.writer.write(project, flag, locked, () => {
    if (project.flags.get(flag.key) !== flag) throw notFound('flag', flag.key);
    save(request, project, flag, patch, applyToDraft(request, project, flag, patch));
  });
  return response(project, flag);
}

function applyToDraft(request: RouteRequest, project: Project, flag: Flag, patch: Patch): FlagDraft {
  const draft = createDraft(project, flag, patch.environment?.key, request.now());
  for (const { kind, instruction } of patch.steps) {
    if (kind.inEnvironment && draft.flag.state === 'archived') {
      throw invalid('an archived flag cannot be changed');
    }
    kind.apply(draft, instruction);
  }
  return draft;
}

function save(request: RouteRequest, project: Project, flag: Flag, patch: Patch, draft: FlagDraft): void {
  const environment = patch.environment?.key;
  const changed = compareDraft(draft, flag, environment);
  if (!changed.flag && !changed.config) return;
  commitDraft(draft, flag, environment);
  const action = {
    actor: request.token,
    comment: patch.comment,
    actions: [...new Set(patch.steps.map(({ kind }) => kind.action))],
    titleVerb: 'updated',
    description: [...new Set(patch.steps.map(({ kind }) => kind.description))].join(', '),
  };
  if (!changed.flag && environment !== undefined && draft.config) {
    request.world.changedConfig(project, flag, environment, draft.config, action);
  } else {
    request.world.changedFlag(project, flag, action);
  }
}

function response(project: Project, flag: Flag): RouteResponse {
  const environments = [...project.environments.keys()];
  return { status: 200, body: representFlag(project, flag, { environments, detailed: true }) };
}

function parsePatch(project: Project, { body, contentType }: RouteRequest): Patch {
  if (!/;\s*domain-model=launchdarkly\.semanticpatch\b/i.test(contentType)) {
    throw invalid(
      'only semantic patches are simulated: Content-Type must contain domain-model=launchdarkly.semanticpatch',
    );
  }
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  const { comment, environmentKey, instructions } = body;
  if (comment !== undefined && typeof comment !== 'string') throw invalid('comment must be a string');
  if (environmentKey !== undefined && typeof environmentKey !== 'string') {
    throw invalid('environmentKey must be a string');
  }
  if (!Array.isArray(instructions) || instructions.length === 0) {
    throw invalid('instructions must be a non-empty list');
  }
  const steps = instructions.map((instruction: unknown) => parseStep(instruction));
  const environment = environmentKey === undefined ? undefined : findEnvironment(project, environmentKey);
  if (!environment && steps.some(({ kind }) => kind.inEnvironment)) {
    throw invalid('these instructions need an environmentKey');
  }
  return { environment, comment, steps };
}

function parseStep(instruction: unknown): Step {
  if (!isObject(instruction) || typeof instruction['kind'] !== 'string') {
    throw invalid('each instruction must be an object with a kind');
  }
  const kind = INSTRUCTIONS.get(instruction['kind']);
  if (!kind) throw invalid(`the instruction ${JSON.stringify(instruction['kind'])} is not simulated`);
  return { instruction, kind };
}
