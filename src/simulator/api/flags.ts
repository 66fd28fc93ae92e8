import type { Flag, Project } from '../world/model.js';
import { invalid } from './errors.js';
import { apiPath, pageLinks } from './links.js';
import { findEnvironment, findFlag, findProject } from './lookup.js';
import { representFlag, type FlagView } from './represent-flag.js';
import { TextCache } from './text-cache.js';
import { booleanParam, filterParam, pageParams, sorter } from './query.js';
import { pathParam, type Route, type RouteRequest, type RouteResponse } from './route.js';

export const flagRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/flags/{projectKey}', handle: listFlags },
  { method: 'GET', path: '/api/v2/flags/{projectKey}/{featureFlagKey}', handle: getFlag },
];

const lists = new TextCache<Project>((project) => project.revision, 32, 256 * 1024);
const texts = new TextCache<Flag>((flag) => flag.version, 8, 64 * 1024);

function listFlags(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  return {
    status: 200,
    text: lists.get(project, request.query.toString(), () => listText(project, request)),
  };
}

function listText(project: Project, { query, quirks }: RouteRequest): string {
  const filter = filterParam(query);
  const filterEnv = filter.get('filterEnv');
  const requested = [...query.getAll('env'), ...(filterEnv === undefined ? [] : [filterEnv])];
  for (const key of requested) findEnvironment(project, key);
  const shown = quirks.listNeedsFilterEnv && filterEnv === undefined ? [] : [...new Set(requested)];
  const { limit, offset } = pageParams(query);
  const detailed = !booleanParam(query, 'summary', true);
  const matches = flagFilter(filter, query);
  const flags = [...project.flags.values()].filter(matches).toSorted(flagOrder(query));
  const view = { environments: shown.length > 0 ? shown : undefined, detailed };
  const items = flags.slice(offset, offset + limit).map((flag) => flagText(project, flag, view));
  const links = pageLinks(apiPath('flags', project.key), query, { limit, offset, total: flags.length });
  const rest = JSON.stringify({ _links: links, totalCount: flags.length });
  return `{"items":[${items.join(',')}],${rest.slice(1)}`;
}

function getFlag(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const flag = findFlag(project, pathParam(request, 'featureFlagKey'));
  const requested = request.query.getAll('env');
  for (const key of requested) findEnvironment(project, key);
  const environments = requested.length > 0 ? requested : [...project.environments.keys()];
  return { status: 200, text: flagText(project, flag, { environments, detailed: true }) };
}

function flagText(project: Project, flag: Flag, view: FlagView): string {
  // A flag shows the names of its environments, which can change without a new version of the flag.
  const names = view.environments?.map((key) => project.environments.get(key)?.name);
  const name = JSON.stringify([view.environments, names, view.detailed]);
  return texts.get(flag, name, () => JSON.stringify(representFlag(project, flag, view)));
}

const flagOrder = (query: URLSearchParams): ((a: Flag, b: Flag) => number) =>
  sorter<Flag>(
    query,
    {
      creationDate: (flag) => flag.creationDate,
      key: (flag) => flag.key,
      name: (flag) => flag.name,
      type: (flag) => (flag.temporary ? 'temporary' : 'permanent'),
    },
    'creationDate',
  );

/** Archived and deprecated flags are listed only if the filter asks for their state. */
function flagFilter(filter: ReadonlyMap<string, string>, query: URLSearchParams): (flag: Flag) => boolean {
  const tests: ((flag: Flag) => boolean)[] = [];
  let state: string = booleanParam(query, 'archived', false) ? 'archived' : 'live';
  const tag = query.get('tag');
  if (tag !== null) tests.push((flag) => flag.tags.includes(tag));
  for (const [field, value] of filter) {
    switch (field) {
      case 'filterEnv':
        break;
      case 'state':
        if (!['live', 'deprecated', 'archived'].includes(value))
          throw invalid('state is live, deprecated or archived');
        state = value;
        break;
      case 'archived':
        if (value === 'true') state = 'archived';
        break;
      case 'query': {
        const text = value.toLowerCase();
        tests.push((flag) => [flag.key, flag.name].some((word) => word.toLowerCase().includes(text)));
        break;
      }
      case 'tags': {
        const tags = value.split('+');
        tests.push((flag) => tags.every((wanted) => flag.tags.includes(wanted)));
        break;
      }
      case 'type':
        tests.push((flag) => flag.temporary === (value === 'temporary'));
        break;
      case 'creationDate': {
        const before = parseBefore(value);
        tests.push((flag) => flag.creationDate < before);
        break;
      }
      default:
        throw invalid(`the filter ${JSON.stringify(field)} is not simulated`);
    }
  }
  return (flag) => flag.state === state && tests.every((test) => test(flag));
}

/** The time in `{"before": ms}`, epoch milliseconds. */
function parseBefore(text: string): number {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('creationDate is written {"before": milliseconds}');
  }
  if (
    typeof parsed === 'object' &&
    parsed !== null &&
    'before' in parsed &&
    typeof parsed.before === 'number'
  ) {
    return parsed.before;
  }
  throw invalid('creationDate is written {"before": milliseconds}');
}
