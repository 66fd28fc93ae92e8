import type { Flag, FlagConfig, Project } from '../world/model.js';

/** A copy of a flag for instructions to change. The flag itself changes only after all of them have succeeded. */
export interface FlagDraft {
  readonly project: Project;
  readonly flag: Flag;
  /** The flag's configuration in the environment of the patch. */
  readonly config: FlagConfig | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function createDraft(
  project: Project,
  flag: Flag,
  environment: string | undefined,
  now: number,
): FlagDraft {
  const original = environment === undefined ? undefined : flag.configs.get(environment);
  const config = original && {
    ...original,
    targets: original.targets.clone(),
    expiring: original.expiring.clone(),
  };
  const configs = new Map(flag.configs);
  if (environment !== undefined && config) configs.set(environment, config);
  return { project, flag: { ...flag, configs }, config, now };
}

/** Whether a draft changed the flag in all environments, in the environment of the patch, and the dates of targets. */
export interface DraftDifference {
  readonly flag: boolean;
  readonly config: boolean;
  readonly dates: boolean;
}

export function compareDraft(draft: FlagDraft, flag: Flag, environment: string | undefined): DraftDifference {
  const original = environment === undefined ? undefined : flag.configs.get(environment);
  return {
    flag: draft.flag.state !== flag.state || draft.flag.variations.length !== flag.variations.length,
    config:
      original !== undefined &&
      draft.config !== undefined &&
      (draft.config.on !== original.on || !draft.config.targets.equals(original.targets)),
    dates:
      original !== undefined &&
      draft.config !== undefined &&
      !draft.config.expiring.equals(original.expiring),
  };
}

/** Copies the changes of a draft to its flag. */
export function commitDraft(draft: FlagDraft, flag: Flag, environment: string | undefined): void {
  flag.state = draft.flag.state;
  flag.stateDate = draft.flag.stateDate;
  flag.variations = draft.flag.variations;
  if (environment !== undefined && draft.config) flag.configs.set(environment, draft.config);
}
