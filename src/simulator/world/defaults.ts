import type { EnvironmentSettings, Flag, FlagConfig, Project } from './model.js';

// The values of fields that a seed cannot set, and that state files of earlier versions do not have.

export const DEFAULT_PROJECT = {
  tags: [],
  clientSide: { usingMobileKey: false, usingEnvironmentId: false },
} satisfies Partial<Project>;

export const DEFAULT_ENVIRONMENT = {
  color: '405BFF',
  defaultTtl: 0,
  secureMode: false,
  defaultTrackEvents: false,
  requireComments: false,
  confirmChanges: false,
  critical: false,
  tags: [],
  requireApprovals: false,
} satisfies Partial<EnvironmentSettings>;

export const DEFAULT_FLAG = {
  clientSide: { usingMobileKey: false, usingEnvironmentId: false },
  customProperties: {},
  maintainerId: undefined,
  maintainerTeamKey: undefined,
} satisfies Partial<Flag>;

export const DEFAULT_FLAG_CONFIG = {
  rules: [],
  trackEvents: false,
} satisfies Partial<FlagConfig>;
