import { OperatorError } from '../diagnostics/operator-error.js';
import type { LiveFlag, ScopeId } from '../reconcile/state.js';
import { openApi, type Api, type ConnectOptions } from './http/api.js';
import { ApiError } from './http/api-error.js';
import type { FlagReader, FlagWriter } from './client.js';
import { explain } from './http/explain.js';
import { getFlag, listFlags } from './read/flags.js';
import { checkNames } from './read/check-names.js';
import { asObject, asList, asString } from './read/json-fields.js';
import { parseFlag } from './read/parse-flag.js';
import { callerIdentity, contextKinds, contextSetting, flagPatch, userSetting } from './paths.js';
import { openUserRoute } from './user-route.js';

/**
 * Connects for planning: what comes back can only read. Every error is put into words for the operator.
 * @throws OperatorError from here where the token or the proxy is malformed, from its methods for all else
 */
export function connect(options: ConnectOptions): FlagReader {
  return readerOn(openApi(options), options);
}

/**
 * Connects for applying. Reads as `connect` does; `putSetting` lets ApiError and NetworkError through, so that the
 * outcome of each change can be told.
 */
export function connectWriter(options: ConnectOptions): FlagWriter {
  const api = openApi(options);
  const putUser = openUserRoute({ ...options, memory: options.userRoute });
  return {
    ...readerOn(api, options),
    tokenWorks: () => tokenWorks(api),
    putSetting: async (scope, id, value, comment) => {
      // Null is written out: it erases the override.
      const body = { setting: value, comment };
      const contexts = (): Promise<void> => api.put(contextSetting(scope, id), body);
      if (id.kind !== 'user') return contexts();
      return putUser({
        contexts,
        users: () => api.put(userSetting(scope, id), body),
        flagExists: async () => !LEADS_ASTRAY.test(id.key) && (await hasFlag(api, scope, id.flag)),
      });
    },
    patchTargets: async (scope, flag, instructions, { comment, ...query }) => {
      const body = { environmentKey: scope.environment, comment, instructions };
      const answer = await api.patch(flagPatch(scope.project, flag, query), body);
      return flagIn(answer, scope.environment);
    },
  };
}

/** Keys that servers and proxies may resolve within a path, although they are encoded. */
const LEADS_ASTRAY = /[/\\%]|^\.{1,2}$/;

/** Whether a flag can be read in an environment and is not archived. False if that cannot be found out. */
async function hasFlag(api: Api, { project, environment }: ScopeId, key: string): Promise<boolean> {
  try {
    const flag = await getFlag(api, project, key, [environment]);
    return flag !== undefined && flag.state !== 'archived';
  } catch {
    return false;
  }
}

/** The flag of an answer whose writing is done: what makes no sense there is no reason to fail. */
function flagIn(answer: unknown, environment: string): LiveFlag | undefined {
  try {
    const { flag, lacks } = parseFlag(answer, [environment]);
    return lacks.length === 0 ? flag : undefined;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

function readerOn(api: Api, options: ConnectOptions): FlagReader {
  const { concurrency } = options.rate;
  const inWords = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw await explain(error, () => tokenWorks(api));
    }
  };
  return {
    baseUrl: api.baseUrl,
    run: api.run,
    listFlags: async (project, environments, state) => {
      const pages = await inWords(() => listFlags(api, { project, environments, state }, concurrency));
      return { ...pages, rest: () => inWords(pages.rest) };
    },
    getFlag: (project, flag, environments) => inWords(() => getFlag(api, project, flag, environments)),
    listContextKinds: (project) => inWords(() => listContextKinds(api, project)),
  };
}

async function listContextKinds(api: Api, project: string): Promise<ReadonlySet<string>> {
  try {
    const answer = asObject(await api.get(contextKinds(project)), `the context kinds of ${project}`);
    const kinds = asList(answer['items'], `the context kinds of ${project}`).map((item) =>
      asObject(item, `a context kind of ${project}`),
    );
    return new Set(
      kinds
        .filter((kind) => kind['archived'] !== true && kind['hideInTargeting'] !== true)
        .map((kind) => asString(kind['key'], `the key of a context kind of ${project}`)),
    );
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) await checkNames(api, project, []);
    throw error;
  }
}

/** Whether LaunchDarkly takes the token at all, whatever it may do. */
async function tokenWorks(api: Api): Promise<boolean> {
  try {
    await api.get(callerIdentity());
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    if (error instanceof ApiError) return true;
    throw error;
  }
}
