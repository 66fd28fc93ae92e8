import { APPROVAL_SETTINGS } from '../world/approvals.js';
import { objectId } from '../world/ids.js';
import type { Project, ProjectEnvironment } from '../world/model.js';
import { link } from './links.js';

/** A project without its environments (schema Project). */
export function projectFields(project: Project): object {
  return {
    _links: {
      self: link('projects', project.key),
      environments: link('projects', project.key, 'environments'),
    },
    _id: project.id,
    key: project.key,
    includeInSnippetByDefault: project.clientSide.usingEnvironmentId,
    defaultClientSideAvailability: project.clientSide,
    name: project.name,
    tags: project.tags,
  };
}

/** The response to a change of a project: it contains all environments as a list (schema ProjectRep). */
export function changedProject(project: Project): object {
  const environments = [...project.environments.values()];
  return {
    ...projectFields(project),
    environments: environments.map((environment) => representEnvironment(project, environment)),
  };
}

/** An environment (schema Environment). It contains the SDK keys in plain text, as LaunchDarkly's does. */
export function representEnvironment(project: Project, environment: ProjectEnvironment): object {
  return {
    _links: { self: link('projects', project.key, 'environments', environment.key) },
    _id: environment.id,
    key: environment.key,
    name: environment.name,
    apiKey: environment.sdkKey,
    mobileKey: `mob-${objectId('mobile', project.key, environment.key)}`,
    color: environment.color,
    defaultTtl: environment.defaultTtl,
    secureMode: environment.secureMode,
    defaultTrackEvents: environment.defaultTrackEvents,
    requireComments: environment.requireComments,
    confirmChanges: environment.confirmChanges,
    tags: environment.tags,
    approvalSettings: {
      required: environment.requireApprovals,
      bypassApprovalsForPendingChanges: false,
      ...APPROVAL_SETTINGS,
      serviceKind: 'launchdarkly',
      serviceConfig: {},
      requiredApprovalTags: [],
    },
    critical: environment.critical,
  };
}
