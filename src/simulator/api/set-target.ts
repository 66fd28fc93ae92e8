import type { Actor, Flag, Project } from '../world/model.js';
import type { World } from '../world/world.js';

export interface TargetChange {
  readonly project: Project;
  readonly environment: string;
  readonly flag: Flag;
  readonly kind: string;
  readonly key: string;
  /** Index of the variation; undefined removes the target. */
  readonly variation: number | undefined;
  readonly comment: string | undefined;
  readonly actor: Actor;
}

/**
 * Sets or removes one individual target. If nothing changes, no version is raised and nothing is logged.
 * @returns the description in the audit log; undefined if nothing changed
 */
export function setTarget(world: World, change: TargetChange): string | undefined {
  const { project, environment, flag, kind, key, variation, comment, actor } = change;
  const config = flag.configs.get(environment);
  if (!config) return undefined;
  const changed =
    variation === undefined ? config.targets.remove(kind, key) : config.targets.set(kind, key, variation);
  if (!changed) return undefined;
  const context = kind === 'user' ? key : `${kind} ${key}`;
  const value = variation === undefined ? undefined : flag.variations[variation];
  const description =
    value === undefined
      ? `Removed the target ${context}`
      : `Targeted ${context} to ${value.name ?? JSON.stringify(value.value)}`;
  world.changedConfig(project, flag, environment, config, {
    actor,
    comment,
    actions: ['updateTargets'],
    titleVerb: 'updated the targets of',
    description,
  });
  return description;
}
