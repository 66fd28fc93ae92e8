import type { ApprovalRequest } from './approvals.js';
import { DEFAULT_FLAG_CONFIG, DEFAULT_ENVIRONMENT, DEFAULT_FLAG, DEFAULT_PROJECT } from './defaults.js';
import type { AuditEntry, ProjectEnvironment, Flag, FlagConfig, Project, Serve, Token } from './model.js';
import { ExpiringTargets, type ExpiringTarget } from './expiring-targets.js';
import { Targets } from './targets.js';

/** The complete state of a world as plain JSON. */
export interface WorldSnapshot {
  readonly format: 'flagops-simulator-state';
  readonly version: 1;
  readonly tokens: readonly Token[];
  readonly projects: readonly ProjectSnapshot[];
  readonly audit: readonly AuditSnapshot[];
  /** Absent in state files of earlier versions. */
  readonly approvals?: readonly ApprovalRequest[];
}

/** Earlier versions saved the name as `flagName`. */
type AuditSnapshot = Omit<AuditEntry, 'name'> & { readonly name?: string; readonly flagName?: string };

type ProjectSnapshot = Omit<Project, 'contextKinds' | 'environments' | 'flags'> & {
  readonly contextKinds: readonly string[];
  readonly environments: readonly ProjectEnvironment[];
  readonly flags: readonly FlagSnapshot[];
};
type FlagSnapshot = Omit<Flag, 'configs'> & {
  readonly configs: readonly (readonly [string, ConfigSnapshot])[];
};
type ConfigSnapshot = Omit<FlagConfig, 'targets' | 'expiring' | 'fallthrough'> & {
  /** Earlier versions saved only the index of a variation. */
  readonly fallthrough: Serve | number;
  /** Absent in state files of earlier versions. */
  readonly expiring?: readonly ExpiringTarget[];
  readonly targets: readonly {
    readonly kind: string;
    readonly variation: number;
    readonly keys: readonly string[];
  }[];
};

export function snapshotProject(project: Project): ProjectSnapshot {
  return {
    ...project,
    contextKinds: [...project.contextKinds],
    environments: [...project.environments.values()].map((environment) => ({ ...environment })),
    flags: [...project.flags.values()].map((flag) => ({
      ...flag,
      configs: [...flag.configs].map(([environment, config]) => [
        environment,
        {
          ...config,
          targets: config.targets.groups().map((group) => ({ ...group, keys: [...group.keys] })),
          expiring: config.expiring.list(),
        },
      ]),
    })),
  };
}

export function restoreProject(snapshot: ProjectSnapshot): Project {
  return {
    ...DEFAULT_PROJECT,
    ...snapshot,
    contextKinds: new Set(snapshot.contextKinds),
    environments: new Map(
      snapshot.environments.map((environment) => [
        environment.key,
        { ...DEFAULT_ENVIRONMENT, ...environment },
      ]),
    ),
    flags: new Map(
      snapshot.flags.map((flag) => [
        flag.key,
        {
          ...DEFAULT_FLAG,
          ...flag,
          configs: new Map(
            flag.configs.map(([environment, config]) => [
              environment,
              {
                ...DEFAULT_FLAG_CONFIG,
                ...config,
                fallthrough:
                  typeof config.fallthrough === 'number'
                    ? { variation: config.fallthrough }
                    : config.fallthrough,
                targets: new Targets(
                  config.targets.map((group) => ({ ...group, keys: new Set(group.keys) })),
                ),
                expiring: new ExpiringTargets(config.expiring),
              },
            ]),
          ),
        },
      ]),
    ),
  };
}

export function restoreEntry({ flagName = '', name = flagName, ...entry }: AuditSnapshot): AuditEntry {
  return { ...entry, name };
}
