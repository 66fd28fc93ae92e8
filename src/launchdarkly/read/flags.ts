import { OperatorError } from '../../diagnostics/operator-error.js';
import type { LiveFlag } from '../../reconcile/state.js';
import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import type { FlagPages } from '../client.js';
import { checkNames } from './check-names.js';
import { type Page, readPages } from './pages.js';
import { asObject, isObject, asList } from './json-fields.js';
import { parseFlag } from './parse-flag.js';
import { flag, flagList, type FlagListQuery, PAGE_SIZE } from '../paths.js';

/** Reads a project's flags page by page. See `FlagReader.listFlags`. */
export async function listFlags(api: Api, list: FlagListQuery, concurrency: number): Promise<FlagPages> {
  const first = await orUnknownName(api, list, () => readPage(api, list, 0));
  return {
    flags: first.items,
    total: first.total,
    rest: () =>
      readPages({
        first,
        pageSize: PAGE_SIZE,
        concurrency,
        read: (offset) => readPage(api, list, offset),
        keyOf: ({ key }) => key,
        what: `the flags of project ${list.project}`,
      }),
  };
}

/** One flag in any state. See `FlagReader.getFlag`. */
export async function getFlag(
  api: Api,
  project: string,
  key: string,
  environments: readonly string[],
): Promise<LiveFlag | undefined> {
  try {
    const { flag: found, lacks } = parseFlag(await api.get(flag(project, key, environments)), environments);
    if (lacks.length === 0) return found;
    await checkNames(api, project, lacks);
    throw environmentMissing(project, key, lacks);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await checkNames(api, project, environments);
    return undefined;
  }
}

async function readPage(api: Api, list: FlagListQuery, offset: number): Promise<Page<LiveFlag>> {
  const request = flagList(list, offset);
  const { value, size } = await api.getWithSize(request);
  const answer = asObject(value, `the answer to GET ${request.path}`);
  const items = asList(answer['items'], `items of GET ${request.path}`);
  const links = isObject(answer['_links']) ? answer['_links'] : {};
  const total = answer['totalCount'];
  return {
    items: await completeFlags(api, list, offset, items),
    count: items.length,
    size,
    total: typeof total === 'number' && Number.isInteger(total) && total >= items.length ? total : undefined,
    isLast: items.length === 0 || links['next'] === undefined || links['next'] === null,
  };
}

/**
 * The flags of a page with every environment. The API's changelog says that `environments` needs a filter, its
 * reference that `env` is enough: where an environment is lacking, the page is asked for once more with the filter,
 * then each flag singly, and then it is an error.
 */
async function completeFlags(
  api: Api,
  list: FlagListQuery,
  offset: number,
  items: readonly unknown[],
): Promise<readonly LiveFlag[]> {
  const { project, environments } = list;
  const parsed = items.map((item) => parseFlag(item, environments));
  const lacking = new Set(parsed.flatMap(({ lacks }) => lacks));
  if (lacking.size === 0) return parsed.map(({ flag: found }) => found);

  const filled = new Map(parsed.map(({ flag: found }) => [found.key, new Map(found.environments)]));
  for (const environment of lacking) {
    const request = flagList(list, offset, environment);
    const answer = asObject(await api.get(request), `the answer to GET ${request.path}`);
    for (const item of asList(answer['items'], `items of GET ${request.path}`)) {
      const { flag: found } = parseFlag(item, environments);
      const config = found.environments.get(environment);
      if (config !== undefined) filled.get(found.key)?.set(environment, config);
    }
  }
  const stillLacks = (key: string): string[] =>
    environments.filter((environment) => filled.get(key)?.has(environment) !== true);
  if (parsed.some(({ flag: found }) => stillLacks(found.key).length > 0)) {
    await checkNames(api, project, environments);
  }
  const complete: LiveFlag[] = [];
  for (const { flag: found } of parsed) {
    if (stillLacks(found.key).length === 0) {
      complete.push({ ...found, environments: filled.get(found.key) ?? new Map() });
    } else {
      const single = await getFlag(api, project, found.key, environments);
      if (single !== undefined) complete.push(single);
    }
  }
  return complete;
}

async function orUnknownName<T>(
  api: Api,
  { project, environments }: FlagListQuery,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
      await checkNames(api, project, environments);
    }
    throw error;
  }
}

function environmentMissing(project: string, key: string, lacks: readonly string[]): OperatorError {
  return new OperatorError(
    'environment-missing',
    `LaunchDarkly's answer about flag ${key} of project ${project} lacks the environment ${lacks.join(', ')}`,
    { hint: 'without it nobody knows which overrides are live; check what the token may see' },
  );
}
