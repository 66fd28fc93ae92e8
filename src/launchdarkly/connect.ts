import { OperatorError } from '../diagnostics/operator-error.js';
import type { LiveFlag, ScopeId } from '../reconcile/state.js';
import { openApi, type Api, type ConnectOptions } from './http/api.js';
import { ApiError } from './http/api-error.js';
import type { FlagReader, FlagWriter } from './client.js';
import { explain } from './http/explain.js';
import { NetworkError } from './http/network-error.js';
import { getLoggedTargets, listLoggedChanges } from './read/audit-log.js';
import { listContextKinds } from './read/context-kinds.js';
import { getFlag, listFlags } from './read/flags.js';
import { listDates, parseDatesAnswer } from './read/dates.js';
import { parseFlag } from './read/parse-flag.js';
import { listApprovalRequests, parseApprovalRequest } from './read/approval-requests.js';
import {
  callerIdentity,
  contextSetting,
  flagDatesPatch,
  flagPatch,
  newApprovalRequest,
  userSetting,
} from './paths.js';
import { openUserRoute } from './user-route.js';

/**
 * Connects for planning. The result can only read. Its methods throw OperatorErrors only.
 * @throws OperatorError `no-token`, `malformed-token`, `proxy`
 */
export function connect(options: ConnectOptions): FlagReader {
  return createReader(openApi(options), options);
}

/**
 * Connects for applying. Reading works as with `connect`. The methods that write also throw ApiError and NetworkError,
 * from which apply derives the outcome of each change.
 * @throws OperatorError `no-token`, `malformed-token`, `proxy`
 */
export function connectWriter(options: ConnectOptions): FlagWriter {
  const api = openApi(options);
  const putUser = openUserRoute({ ...options, memory: options.userRoute });
  const reader = createReader(api, options);
  const once = createReader({ ...api, get: (request) => api.getOnce(request) }, options);
  const evenAfterTheRun = async <T>(read: (client: FlagReader) => Promise<T>): Promise<T> => {
    if (!api.signal.aborted) {
      try {
        return await read(reader);
      } catch (error) {
        if (!api.signal.aborted) throw error;
      }
    }
    return read(once);
  };
  return {
    ...reader,
    lookUpFlag: (project, flag, environments) =>
      evenAfterTheRun((client) => client.getFlag(project, flag, environments)),
    lookUpDates: (scope, flag) => evenAfterTheRun((client) => client.listDates(scope, flag)),
    patchDates: async (scope, flag, instructions, comment, delivery) => {
      const body = { comment, instructions };
      return parseDatesAnswer(
        await api.patch(flagDatesPatch(scope, flag), body, delivery),
        instructions.length,
      );
    },
    tokenWorks: () => tokenWorks(api),
    lookUpApprovalRequests: (scope, flag) =>
      evenAfterTheRun((client) => client.listApprovalRequests(scope, flag)),
    createApprovalRequest: async (scope, flag, { notify, ...draft }, delivery) => {
      const request = newApprovalRequest(scope, flag);
      const body = { ...draft, notifyMemberIds: notify.members, notifyTeamKeys: notify.teams };
      const response = await api.post(request, body, delivery);
      return orNothing(() => parseApprovalRequest(response, api.baseUrl, request.path));
    },
    putSetting: async (scope, id, value, comment, delivery) => {
      // A null setting is sent as null: it removes the override.
      const body = { setting: value, comment };
      const putContext = (): Promise<void> => api.put(contextSetting(scope, id), body, delivery);
      if (id.kind !== 'user') return putContext();
      return putUser({
        contexts: putContext,
        users: () => api.put(userSetting(scope, id), body, delivery),
        flagExists: async () => !AMBIGUOUS_IN_PATH.test(id.key) && (await hasFlag(api, scope, id.flag)),
      });
    },
    patchTargets: async (scope, flag, instructions, { comment, ...query }, delivery) => {
      const body = { environmentKey: scope.environment, comment, instructions };
      const response = await api.patch(flagPatch(scope.project, flag, query), body, delivery);
      return parsePatchedFlag(response, scope.environment);
    },
  };
}

/** Keys that servers and proxies may interpret as part of a path, even though they are encoded. */
const AMBIGUOUS_IN_PATH = /[/\\%]|^\.{1,2}$/;

/** Whether a flag can be read in an environment and is not archived; false if the request fails. */
async function hasFlag(api: Api, { project, environment }: ScopeId, key: string): Promise<boolean> {
  try {
    const flag = await getFlag(api, project, key, [environment]);
    return flag !== undefined && flag.state !== 'archived';
  } catch {
    return false;
  }
}

/** Parses the flag in the response to a patch. The patch was made, so an unexpected response is not an error. */
function parsePatchedFlag(response: unknown, environment: string): LiveFlag | undefined {
  return orNothing(() => {
    const { flag, missing } = parseFlag(response, [environment]);
    return missing.length === 0 ? flag : undefined;
  });
}

/** Parses the response to a write; undefined if it is unexpected. */
function orNothing<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

function createReader(api: Api, options: ConnectOptions): FlagReader {
  const { concurrency } = options.rate;
  const explainErrors = async <T>(read: () => Promise<T>): Promise<T> => {
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
      const pages = await explainErrors(() => listFlags(api, { project, environments, state }, concurrency));
      return { ...pages, rest: () => explainErrors(pages.rest) };
    },
    getFlag: (project, flag, environments) => explainErrors(() => getFlag(api, project, flag, environments)),
    listDates: (scope, flag) => explainErrors(() => listDates(api, scope, flag)),
    listContextKinds: (project) => explainErrors(() => listContextKinds(api, project)),
    listApprovalRequests: (scope, flag) => explainErrors(() => listApprovalRequests(api, scope, flag)),
    listLoggedChanges: (scope, flag, period) =>
      ifPossible(api, () => listLoggedChanges(api, scope, flag, period)),
    getLoggedTargets: (id, environment) => ifPossible(api, () => getLoggedTargets(api, id, environment)),
  };
}

/** The result of a read that nothing depends on; undefined if it fails. Throws if the run is over. */
async function ifPossible<T>({ signal }: Api, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const isExpected =
      error instanceof ApiError || error instanceof NetworkError || error instanceof OperatorError;
    if (signal.aborted || !isExpected) throw error;
    return undefined;
  }
}

/** Whether LaunchDarkly accepts the token, regardless of its permissions. */
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
