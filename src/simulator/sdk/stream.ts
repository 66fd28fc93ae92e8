import type { SSEMessage } from 'hono/streaming';
import type { ProjectEnvironment, Flag, Project } from '../world/model.js';
import type { FlagChange } from '../world/world.js';
import { sdkPayload, representFlagForSdk } from './represent.js';

/** The first event of a stream, with all data. */
export function putEvent(project: Project, environment: ProjectEnvironment): SSEMessage {
  return { event: 'put', data: JSON.stringify({ path: '/', data: sdkPayload(project, environment.key) }) };
}

/** The event for a change; undefined if the SDKs of this environment do not see it. */
export function changeEvent(
  project: Project,
  environment: ProjectEnvironment,
  change: FlagChange,
): SSEMessage | undefined {
  const isElsewhere = change.environment !== undefined && change.environment !== environment.key;
  if (change.project !== project || isElsewhere || !change.isNewVersion) return undefined;
  const path = `/flags/${change.flag.key}`;
  const exists = project.flags.get(change.flag.key) === change.flag;
  const data = exists ? representFlagForSdk(project, environment.key, change.flag) : undefined;
  if (data) return { event: 'patch', data: JSON.stringify({ path, data }) };
  return {
    event: 'delete',
    data: JSON.stringify({ path, version: versionIn(change.flag, environment.key) }),
  };
}

function versionIn(flag: Flag, environment: string): number {
  return flag.configs.get(environment)?.version ?? flag.version;
}
