import { objectId } from '../world/ids.js';
import { authorOf } from '../world/author.js';
import { targetsAround } from '../world/changed-targets.js';
import type { AuditEntry } from '../world/model.js';
import type { World } from '../world/world.js';
import { invalid, notFound } from './errors.js';
import { link, type Link } from './links.js';
import { MEMBER } from './members.js';
import { integerParam } from './query.js';
import { resourceMatcher } from './resource-matcher.js';
import { representTargets } from './represent-flag.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';

export const auditRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/auditlog', handle: listEntries },
  { method: 'GET', path: '/api/v2/auditlog/{id}', handle: getEntry },
];

const ACCOUNT = objectId('account');

/** Newest first; `before` and `after` are exclusive. */
function listEntries({ world, query }: RouteRequest): RouteResponse {
  const limit = integerParam(query, 'limit', 10, 1);
  if (limit > 20) throw invalid('limit is a whole number from 1 to 20');
  const before = integerParam(query, 'before', Infinity);
  const after = integerParam(query, 'after', -Infinity);
  const text = query.get('q')?.toLowerCase() ?? '';
  const matches = resourceMatcher(query.get('spec') ?? '');
  const found = world.audit.filter(
    (entry) =>
      entry.date < before &&
      entry.date > after &&
      [entry.name, entry.flag ?? ''].some((word) => word.toLowerCase().includes(text)) &&
      resources(entry).some(matches),
  );
  const items = found.slice(-limit).toReversed();
  const oldest = items.at(-1);
  const links: Record<string, Link> = { self: listLink(query, {}) };
  if (found.length > limit && oldest) links['next'] = listLink(query, { before: oldest.date, limit });
  return { status: 200, body: { items: items.map((entry) => represent(entry)), _links: links } };
}

function getEntry(request: RouteRequest): RouteResponse {
  const id = pathParam(request, 'id');
  const entry = request.world.audit.find((candidate) => candidate.id === id);
  if (!entry) throw notFound('audit log entry', id);
  return { status: 200, body: { ...represent(entry), ...versionsOf(entry, request.world), subentries: [] } };
}

/** The flag before and after an entry. Of all its fields only the targets are kept, so only they are there. */
function versionsOf(entry: AuditEntry, world: World): object {
  const flag = world.projects.get(entry.project)?.flags.get(entry.flag ?? '');
  if (flag === undefined) return {};
  const ofFlag = world.audit.filter(
    ({ project, flag: key }) => project === entry.project && key === flag.key,
  );
  const environments = entry.environment === undefined ? [...flag.configs.keys()] : [entry.environment];
  const around = environments.flatMap((environment) => {
    const targets = targetsAround(entry, environment, flag, ofFlag);
    return targets === undefined ? [] : { environment, ...targets };
  });
  const version = (which: 'before' | 'after'): object => ({
    key: flag.key,
    name: flag.name,
    environments: Object.fromEntries(
      around.map((targets) => [targets.environment, representTargets(targets[which])]),
    ),
  });
  return { previousVersion: version('before'), currentVersion: version('after') };
}

function listLink(query: URLSearchParams, changes: Readonly<Record<string, number>>): Link {
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) parameters.set(name, String(value));
  const text = parameters.toString();
  return { href: `/api/v2/auditlog${text === '' ? '' : `?${text}`}`, type: 'application/json' };
}

/**
 * The resources that a change affected, in the syntax of LaunchDarkly's roles. A change of all environments has `*` for
 * the environment.
 */
function resources(entry: AuditEntry): readonly string[] {
  const { project, environment, flag } = entry;
  if (flag !== undefined) return [`proj/${project}:env/${environment ?? '*'}:flag/${flag}`];
  return [environment === undefined ? `proj/${project}` : `proj/${project}:env/${environment}`];
}

function changedResource({ project, environment, flag }: AuditEntry): {
  readonly kind: string;
  readonly canonical: Link;
} {
  if (flag !== undefined) return { kind: 'flag', canonical: link('flags', project, flag) };
  if (environment === undefined) return { kind: 'project', canonical: link('projects', project) };
  return { kind: 'environment', canonical: link('projects', project, 'environments', environment) };
}

/** Schema AuditLogEntryListingRep. */
function represent(entry: AuditEntry): object {
  const self = link('auditlog', entry.id);
  const subject = authorOf(entry);
  const { kind, canonical } = changedResource(entry);
  return {
    _links: { self, parent: link('auditlog') },
    _id: entry.id,
    _accountId: ACCOUNT,
    date: entry.date,
    accesses: entry.actions.flatMap((action) => resources(entry).map((resource) => ({ action, resource }))),
    kind,
    name: entry.name,
    description: entry.description,
    shortDescription: entry.description,
    ...(entry.comment === undefined ? {} : { comment: entry.comment }),
    ...(entry.isScheduled
      ? {}
      : entry.tokenId === undefined
        ? {
            member: MEMBER,
          }
        : {
            token: {
              _id: entry.tokenId,
              name: entry.tokenName,
              serviceToken: true,
            },
          }),
    subject: { name: subject },
    titleVerb: entry.titleVerb,
    title: `${subject} ${entry.titleVerb} ${entry.name}`,
    target: { _links: { canonical }, name: entry.name, resources: resources(entry) },
  };
}
