import type { Project } from './model.js';

/** The highest version of any flag, in any environment; 0 without flags. */
export function highestVersion(projects: Iterable<Project>): number {
  let highest = 0;
  for (const { flags } of projects) {
    for (const { version, configs } of flags.values()) {
      highest = Math.max(highest, version);
      for (const config of configs.values()) highest = Math.max(highest, config.version);
    }
  }
  return highest;
}

/** Adds to the versions of all flags. SDKs ignore a flag with a version that is not higher than the one they have. */
export function raiseVersions(projects: Iterable<Project>, by: number): void {
  for (const { flags } of projects) {
    for (const flag of flags.values()) {
      flag.version += by;
      for (const config of flag.configs.values()) config.version += by;
    }
  }
}
