import type { Seed, SeedFlag, SeedProject } from './seed.js';

/** A rule that a seed breaks. */
export interface SeedProblem {
  /** Keys and list indexes that lead to the place. */
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Checks the rules that a schema cannot express: all references lead somewhere, SDK keys are unique, and no context is
 * targeted to two variations.
 */
export function checkSeed(seed: Seed): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  const sdkKeys = new Set<string>();
  for (const [projectKey, project] of Object.entries(seed.projects)) {
    for (const [environment, { sdkKey }] of Object.entries(project.environments)) {
      if (sdkKey === undefined) continue;
      const path = ['projects', projectKey, 'environments', environment, 'sdkKey'];
      if (sdkKeys.has(sdkKey)) problems.push({ path, message: 'another environment has the same SDK key' });
      sdkKeys.add(sdkKey);
    }
    for (const [flagKey, flag] of Object.entries(project.flags)) {
      problems.push(...checkFlag(project, flag, ['projects', projectKey, 'flags', flagKey]));
    }
  }
  return problems;
}

function checkFlag(project: SeedProject, flag: SeedFlag, path: readonly string[]): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  const report = (message: string, ...steps: readonly string[]): void => {
    problems.push({ path: [...path, ...steps], message });
  };
  const count = flag.variations?.length ?? 2;
  const checkIndex = (index: number | null | undefined, ...steps: readonly string[]): void => {
    if (index !== undefined && index !== null && index >= count) {
      report(`${index} is not a variation; the last one is ${count - 1}`, ...steps);
    }
  };
  checkIndex(flag.defaults?.onVariation, 'defaults', 'onVariation');
  checkIndex(flag.defaults?.offVariation, 'defaults', 'offVariation');
  for (const [environment, config] of Object.entries(flag.environments ?? {})) {
    const here = ['environments', environment];
    if (!Object.hasOwn(project.environments, environment)) {
      report(`the project has no environment ${environment}`, ...here);
    }
    checkIndex(config.fallthrough, ...here, 'fallthrough');
    checkIndex(config.offVariation, ...here, 'offVariation');
    for (const [index, { key, variation }] of (config.prerequisites ?? []).entries()) {
      const step = [...here, 'prerequisites', String(index)];
      const prerequisite = Object.hasOwn(project.flags, key) ? project.flags[key] : undefined;
      if (!prerequisite) report(`the project has no flag ${key}`, ...step, 'key');
      else if (variation >= (prerequisite.variations?.length ?? 2)) {
        report(`${variation} is not a variation of ${key}`, ...step, 'variation');
      }
    }
    const groups = [
      ...(config.targets ?? []).map((target) => ({ ...target, contextKind: 'user' })),
      ...(config.contextTargets ?? []),
    ];
    const seen = new Map<string, number>();
    for (const [index, { contextKind, variation, values, expires }] of groups.entries()) {
      const users = config.targets?.length ?? 0;
      const step =
        index < users
          ? [...here, 'targets', String(index)]
          : [...here, 'contextTargets', String(index - users)];
      checkIndex(variation, ...step, 'variation');
      if (expires !== undefined && !isDate(expires)) {
        report(`${expires} is not a date`, ...step, 'expires');
      }
      if (contextKind !== 'user' && !project.contextKinds?.includes(contextKind)) {
        report(`the project has no context kind ${contextKind}`, ...step, 'contextKind');
      }
      for (const [position, key] of values.entries()) {
        const name = `${contextKind}\n${key}`;
        if ((seen.get(name) ?? variation) !== variation) {
          report(`${contextKind} ${key} is targeted to two variations`, ...step, 'values', String(position));
        }
        seen.set(name, variation);
      }
    }
  }
  return problems;
}

/** Whether a date and time exists. `Date` accepts some that do not, such as 31 February. */
function isDate(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 16));
}
