import type { ListedState } from './client.js';
import type { OverrideId, ScopeId } from '../reconcile/state.js';

/** A kind of request. LaunchDarkly counts all requests of one route together in its route-level rate limit. */
export type RouteName =
  | 'user setting'
  | 'context setting'
  | 'flag patch'
  | 'approval request'
  | 'approval requests'
  | 'dates patch'
  | 'flag list'
  | 'flag'
  | 'dates'
  | 'context kinds'
  | 'environments'
  | 'projects'
  | 'audit log'
  | 'audit log entry'
  | 'caller identity';

/** A request without its body. The path is sent exactly as written, without passing through a URL parser. */
export interface ApiRequest {
  readonly route: RouteName;
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST';
  /** The type of the body; JSON if absent. */
  readonly contentType?: string;
  /** Percent-encoded, including the query. */
  readonly path: string;
}

const ROOT = '/api/v2';

/** Items per page: the largest number seen in LaunchDarkly's own clients. */
export const PAGE_SIZE = 100;

/** PUT of one override for kind `user`: "Update flag settings for user". Deprecated by LaunchDarkly. */
export function userSetting(scope: ScopeId, id: OverrideId): ApiRequest {
  return put(
    'user setting',
    `users/${segment(scope.project)}/${segment(scope.environment)}/${segment(id.key)}/flags/${segment(id.flag)}`,
  );
}

/** PUT of one override for any context kind: "Update flag settings for context". */
export function contextSetting(scope: ScopeId, id: OverrideId): ApiRequest {
  const environment = `projects/${segment(scope.project)}/environments/${segment(scope.environment)}`;
  const context = `contexts/${segment(id.kind)}/${segment(id.key)}`;
  return put('context setting', `${environment}/${context}/flags/${segment(id.flag)}`);
}

/** The content type that makes the body of a PATCH a list of instructions ("Updates using semantic patch"). */
const SEMANTIC_PATCH = 'application/json; domain-model=launchdarkly.semanticpatch';

/**
 * PATCH of one flag by instructions: "Update feature flag".
 * @param options `dryRun` validates without saving; `ignoreConflicts` makes the change even if pending changes then fail
 */
export function flagPatch(
  project: string,
  key: string,
  options: { readonly dryRun: boolean; readonly ignoreConflicts: boolean },
): ApiRequest {
  const query = new URLSearchParams();
  for (const name of ['dryRun', 'ignoreConflicts'] as const) if (options[name]) query.set(name, 'true');
  const path = `flags/${segment(project)}/${segment(key)}`;
  return { ...get('flag patch', path, query), method: 'PATCH', contentType: SEMANTIC_PATCH };
}

/** The approval requests of a flag in one environment: "List approval requests for a flag". */
export function approvalRequestList(scope: ScopeId, key: string): ApiRequest {
  return get('approval requests', approvalRequests(scope, key));
}

/** "Create approval request for a flag". Not idempotent. */
export function newApprovalRequest(scope: ScopeId, key: string): ApiRequest {
  return { ...get('approval request', approvalRequests(scope, key)), method: 'POST' };
}

function approvalRequests({ project, environment }: ScopeId, key: string): string {
  return `projects/${segment(project)}/flags/${segment(key)}/environments/${segment(environment)}/approval-requests`;
}

/** The dates of a flag's targets in one environment: "Get expiring context targets for feature flag". */
export function flagDates(scope: ScopeId, key: string): ApiRequest {
  return get('dates', datesPath(scope, key));
}

/** PATCH of those dates by instructions: "Update expiring context targets on feature flag". */
export function flagDatesPatch(scope: ScopeId, key: string): ApiRequest {
  const request = get('dates patch', datesPath(scope, key));
  return { ...request, method: 'PATCH', contentType: SEMANTIC_PATCH };
}

function datesPath({ project, environment }: ScopeId, key: string): string {
  return `flags/${segment(project)}/${segment(key)}/expiring-targets/${segment(environment)}`;
}

/** Which of a project's flags to list, and with the targets of which environments. */
export interface FlagListQuery {
  readonly project: string;
  readonly environments: readonly string[];
  readonly state: ListedState;
}

/**
 * One page of a project's flags with their targets: "List feature flags". Sorted by creation date, so that a new flag is
 * added at the end and does not move others to another page.
 * @param filterEnvironment adds `filterEnv:E`; LaunchDarkly's API changelog and reference disagree on whether it is needed
 */
export function flagList(list: FlagListQuery, offset: number, filterEnvironment?: string): ApiRequest {
  const query = new URLSearchParams({ summary: '0', sort: 'creationDate', limit: String(PAGE_SIZE) });
  query.set('offset', String(offset));
  const filters = [
    ...(list.state === 'live' ? [] : [`state:${list.state}`]),
    ...(filterEnvironment === undefined ? [] : [`filterEnv:${filterEnvironment}`]),
  ];
  if (filters.length > 0) query.set('filter', filters.join(','));
  return get('flag list', `flags/${segment(list.project)}`, withEnvironments(query, list.environments));
}

/** One flag in any state: "Get feature flag". */
export function flag(project: string, key: string, environments: readonly string[]): ApiRequest {
  return get(
    'flag',
    `flags/${segment(project)}/${segment(key)}`,
    withEnvironments(new URLSearchParams(), environments),
  );
}

/** "Get context kinds". */
export function contextKinds(project: string): ApiRequest {
  return get('context kinds', `projects/${segment(project)}/context-kinds`);
}

/** One page of a project's environments: "List environments". */
export function environmentList(project: string, offset: number): ApiRequest {
  return get('environments', `projects/${segment(project)}/environments`, page(offset));
}

/** One page of the projects that the token can see: "List projects". */
export function projectList(offset: number): ApiRequest {
  return get('projects', 'projects', page(offset));
}

/** A period of the audit log, in epoch milliseconds; both ends are exclusive. */
export interface AuditPeriod {
  readonly after: number;
  /** Undefined for no end. */
  readonly before: number | undefined;
}

/** The most entries of the audit log in one response; LaunchDarkly allows no more. */
export const AUDIT_PAGE_SIZE = 20;

/** The newest entries about a flag in one environment: "List audit log entries". */
export function auditLog(scope: ScopeId, key: string, { after, before }: AuditPeriod): ApiRequest {
  const spec = `proj/${scope.project}:env/${scope.environment}:flag/${key}`;
  const query = new URLSearchParams({ spec, limit: String(AUDIT_PAGE_SIZE), after: String(after) });
  if (before !== undefined) query.set('before', String(before));
  return get('audit log', 'auditlog', query);
}

/** One entry with the resource before and after it: "Get audit log entry". */
export function auditEntry(id: string): ApiRequest {
  return get('audit log entry', `auditlog/${segment(id)}`);
}

/** The owner of the token: "Identify the caller". Needs no permission, so a 401 means that the token is invalid. */
export function callerIdentity(): ApiRequest {
  return get('caller identity', 'caller-identity');
}

function get(route: RouteName, path: string, query = new URLSearchParams()): ApiRequest {
  const text = query.size === 0 ? '' : `?${query.toString()}`;
  return { route, method: 'GET', path: `${ROOT}/${path}${text}` };
}

function put(route: RouteName, path: string): ApiRequest {
  return { route, method: 'PUT', path: `${ROOT}/${path}` };
}

function page(offset: number): URLSearchParams {
  return new URLSearchParams({ limit: String(PAGE_SIZE), offset: String(offset) });
}

function withEnvironments(query: URLSearchParams, environments: readonly string[]): URLSearchParams {
  for (const environment of environments) query.append('env', environment);
  return query;
}

/**
 * A key as one path segment. `encodeURIComponent` does not encode dots, so the keys `.` and `..`, which would mean a
 * directory, are encoded here. A lone surrogate has no UTF-8 form and is sent as the replacement character.
 */
function segment(key: string): string {
  if (key === '.' || key === '..') return '%2E'.repeat(key.length);
  return encodeURIComponent(key.toWellFormed());
}
