import { OperatorError } from '../../diagnostics/operator-error.js';
import { isObject } from '../../json/object.js';
import type { LiveFlag } from '../../reconcile/state.js';
import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import type { FlagPages } from '../client.js';
import { checkNames } from './check-names.js';
import { type Page, readPages } from './pages.js';
import { expectObject, expectList } from './json-fields.js';
import { parseFlag } from './parse-flag.js';
import { flag, flagList, type FlagListQuery, PAGE_SIZE } from '../paths.js';

/** Reads a project's flags page by page. See `FlagReader.listFlags`. */
export async function listFlags(api: Api, list: FlagListQuery, concurrency: number): Promise<FlagPages> {
  const first = await checkingNames(api, list, () => readPage(api, list, 0));
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
        what: `flags of project ${list.project}`,
      }),
  };
}

/** Reads one flag in any state. See `FlagReader.getFlag`. */
export async function getFlag(
  api: Api,
  project: string,
  key: string,
  environments: readonly string[],
): Promise<LiveFlag | undefined> {
  try {
    const response = await api.get(flag(project, key, environments));
    const { flag: found, missing } = parseFlag(response, environments);
    if (missing.length === 0) return found;
    await checkNames(api, project, missing);
    throw environmentMissing(project, key, missing);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await checkNames(api, project, environments);
    return undefined;
  }
}

async function readPage(api: Api, list: FlagListQuery, offset: number): Promise<Page<LiveFlag>> {
  const request = flagList(list, offset);
  const { value, size } = await api.getWithSize(request);
  const response = expectObject(value, `the response to GET ${request.path}`);
  const items = expectList(response['items'], `items of GET ${request.path}`);
  const links = isObject(response['_links']) ? response['_links'] : {};
  const total = response['totalCount'];
  return {
    items: await completeFlags(api, list, offset, items),
    count: items.length,
    size,
    total: typeof total === 'number' && Number.isInteger(total) && total >= items.length ? total : undefined,
    isLast: items.length === 0 || links['next'] === undefined || links['next'] === null,
  };
}

/**
 * Returns the flags of a page with every environment. LaunchDarkly's API changelog says that `environments` needs a
 * filter, its reference that `env` is enough. So if an environment is missing, the page is requested again with the
 * filter, and then each incomplete flag on its own. If it is still missing, that is an error.
 */
async function completeFlags(
  api: Api,
  list: FlagListQuery,
  offset: number,
  items: readonly unknown[],
): Promise<readonly LiveFlag[]> {
  const { project, environments } = list;
  const parsed = items.map((item) => parseFlag(item, environments));
  const missing = new Set(parsed.flatMap((result) => result.missing));
  if (missing.size === 0) return parsed.map(({ flag: found }) => found);

  const filledIn = new Map(parsed.map(({ flag: found }) => [found.key, new Map(found.environments)]));
  for (const environment of missing) {
    const request = flagList(list, offset, environment);
    const response = expectObject(await api.get(request), `the response to GET ${request.path}`);
    for (const item of expectList(response['items'], `items of GET ${request.path}`)) {
      const { flag: found } = parseFlag(item, environments);
      const config = found.environments.get(environment);
      if (config !== undefined) filledIn.get(found.key)?.set(environment, config);
    }
  }
  const stillMissing = (key: string): string[] =>
    environments.filter((environment) => filledIn.get(key)?.has(environment) !== true);
  if (parsed.some(({ flag: found }) => stillMissing(found.key).length > 0)) {
    await checkNames(api, project, environments);
  }
  const complete: LiveFlag[] = [];
  for (const { flag: found } of parsed) {
    if (stillMissing(found.key).length === 0) {
      complete.push({ ...found, environments: filledIn.get(found.key) ?? new Map() });
    } else {
      const single = await getFlag(api, project, found.key, environments);
      if (single !== undefined) complete.push(single);
    }
  }
  return complete;
}

/** Explains a 404 or 400 by an unknown project or environment, if that is the cause. */
async function checkingNames<T>(
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

function environmentMissing(project: string, key: string, missing: readonly string[]): OperatorError {
  return new OperatorError(
    'environment-missing',
    `LaunchDarkly's response for flag ${key} of project ${project} does not include environment ${missing.join(', ')}`,
    { hint: 'without it flagops cannot know which overrides are live; check what the token can see' },
  );
}
