import type { Flag, FlagConfig, Project } from './model.js';

/** The targets of one flag and environment that expire at the same time. */
export interface ExpiredTargets {
  readonly project: Project;
  readonly flag: Flag;
  readonly environment: string;
  readonly config: FlagConfig;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly contexts: readonly { readonly kind: string; readonly key: string }[];
}

/** The targets whose date is not after `now`, earliest first. */
export function expiredTargets(projects: Iterable<Project>, now: number): readonly ExpiredTargets[] {
  const found: ExpiredTargets[] = [];
  for (const [project, flag, environment, config] of configsOf(projects)) {
    const due = config.expiring.list().filter(({ date }) => date <= now);
    for (const date of new Set(due.map((one) => one.date))) {
      const contexts = due.filter((one) => one.date === date);
      found.push({ project, flag, environment, config, date, contexts });
    }
  }
  return found.toSorted((a, b) => a.date - b.date);
}

/** The earliest date of any target, epoch milliseconds; `Infinity` if there is none. */
export function earliestExpiry(projects: Iterable<Project>): number {
  let earliest = Infinity;
  for (const [, , , config] of configsOf(projects)) earliest = Math.min(earliest, config.expiring.earliest());
  return earliest;
}

function* configsOf(
  projects: Iterable<Project>,
): Generator<readonly [Project, Flag, environment: string, FlagConfig]> {
  for (const project of projects) {
    for (const flag of project.flags.values()) {
      for (const [environment, config] of flag.configs) yield [project, flag, environment, config];
    }
  }
}
