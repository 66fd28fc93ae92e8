import type { SSEMessage } from 'hono/streaming';
import type { ProjectEnvironment, Flag, Project } from '../world/model.js';
import type { WorldChange } from '../world/change.js';
import { sdkPayload, representFlagForSdk } from './represent.js';

/** The first event of a stream, with all data. */
export function putEvent(project: Project, environment: ProjectEnvironment): SSEMessage {
  return { event: 'put', data: JSON.stringify({ path: '/', data: sdkPayload(project, environment.key) }) };
}

/** The event for a change; undefined if the SDKs of this environment do not see it. */
export function changeEvent(
  project: Project,
  environment: ProjectEnvironment,
  change: WorldChange,
): SSEMessage | undefined {
  const isElsewhere = change.environment !== undefined && change.environment !== environment.key;
  const { flag } = change;
  if (change.project !== project || isElsewhere || !change.isNewVersion || !flag) return undefined;
  const path = `/flags/${flag.key}`;
  const exists = project.flags.get(flag.key) === flag;
  const data = exists ? representFlagForSdk(project, environment.key, flag) : undefined;
  if (data) return { event: 'patch', data: JSON.stringify({ path, data }) };
  return {
    event: 'delete',
    data: JSON.stringify({ path, version: versionIn(flag, environment.key) }),
  };
}

function versionIn(flag: Flag, environment: string): number {
  return flag.configs.get(environment)?.version ?? flag.version;
}
