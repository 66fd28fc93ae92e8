import type { Actor, Flag, Project } from '../world/model.js';
import type { World } from '../world/world.js';
import { commitDraft, compareDraft, type FlagDraft } from './draft.js';
import type { PatchStep } from './steps.js';

interface ChangedPlace {
  readonly project: Project;
  readonly flag: Flag;
  /** Key of the environment; undefined for a patch of all of them. */
  readonly environment: string | undefined;
}

interface SaveOptions {
  readonly actor: Actor;
  readonly comment: string | undefined;
  /** Actions that a role needs for this change in addition to those of the steps. */
  readonly moreActions?: readonly string[];
}

/**
 * Saves a draft to which the steps were applied. If it changed nothing, no version is raised and nothing is logged.
 * @returns whether it changed anything
 */
export function saveDraft(
  world: World,
  { project, flag, environment }: ChangedPlace,
  draft: FlagDraft,
  steps: readonly PatchStep[],
  { actor, comment, moreActions = [] }: SaveOptions,
): boolean {
  const changed = compareDraft(draft, flag, environment);
  if (!changed.flag && !changed.config && !changed.dates) return false;
  commitDraft(draft, flag, environment);
  const action = {
    actor,
    comment,
    actions: [...new Set([...moreActions, ...steps.map(({ kind }) => kind.action)])],
    titleVerb: 'updated',
    description: [...new Set(steps.map(({ kind }) => kind.description))].join(', '),
  };
  if (changed.flag || environment === undefined || !draft.config) world.changedFlag(project, flag, action);
  else if (changed.config) world.changedConfig(project, flag, environment, draft.config, action);
  else world.recordAction(project, flag, environment, action);
  return true;
}
