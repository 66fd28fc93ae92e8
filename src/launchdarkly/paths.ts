import type { ListedState } from './client.js';
import type { OverrideId, ScopeId } from '../reconcile/state.js';

/** One kind of request: what LaunchDarkly counts together in its route-level rate limits. */
export type RouteName =
  | 'user setting'
  | 'context setting'
  | 'flag patch'
  | 'flag list'
  | 'flag'
  | 'context kinds'
  | 'environments'
  | 'projects'
  | 'caller identity';

/** A request without its body. The path goes out as it stands: no URL parser may touch it. */
export interface ApiRequest {
  readonly route: RouteName;
  readonly method: 'GET' | 'PUT' | 'PATCH';
  /** What a body is; JSON where nothing is said. */
  readonly contentType?: string;
  /** Percent-encoded, with the query. */
  readonly path: string;
}

const ROOT = '/api/v2';

/** The largest page seen in LaunchDarkly's own clients. */
export const PAGE_SIZE = 100;

/** PUT of one override for kind `user`: "Update flag settings for user". Deprecated at LaunchDarkly. */
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

/** What makes a PATCH a list of instructions ("Updates using semantic patch"). */
const SEMANTIC_PATCH = 'application/json; domain-model=launchdarkly.semanticpatch';

/**
 * PATCH of one flag by instructions: "Update feature flag".
 * @param options `dryRun` validates without saving; `ignoreConflicts` lets it break what is pending
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

/** Which of a project's flags are listed, and with the targets of which environments. */
export interface FlagListQuery {
  readonly project: string;
  readonly environments: readonly string[];
  readonly state: ListedState;
}

/**
 * One page of a project's flags with their targets: "List feature flags". Sorted by creation date, so that a new
 * flag comes last and moves no other between pages.
 * @param filterEnvironment adds `filterEnv:E`, which the API's changelog and its reference disagree about
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

/** Whom the token belongs to: "Identify the caller". Needs no permission, so a 401 means the token itself. */
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
 * A key as one path segment. The keys `.` and `..` would mean a folder, and `encodeURIComponent` leaves dots alone;
 * a lone surrogate has no UTF-8, and is sent as the replacement character would be.
 */
function segment(key: string): string {
  if (key === '.' || key === '..') return '%2E'.repeat(key.length);
  return encodeURIComponent(key.toWellFormed());
}
