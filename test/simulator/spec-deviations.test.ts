import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/simulator/api/routes.js';
import type { Route } from '../../src/simulator/api/route.js';
import { specDeviations } from './support/spec-deviations.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { call, type CallOptions } from './support/call.js';
import { latch } from './support/latch.js';
import { accountsFor, apiFacts, check, unlisted } from './support/checked.js';
import type { Finding } from './support/openapi.js';
import { storefrontSeed } from '../support/seeds.js';

/** Path parameters for a request that succeeds. */
const PARAMETERS: Readonly<Record<string, string>> = {
  projectKey: 'storefront',
  environmentKey: 'production',
  featureFlagKey: 'theme',
  userKey: 'alice',
  contextKind: 'device',
  contextKey: 'kiosk',
};

/** An edge case that applies to every operation. */
interface EdgeCase {
  readonly options?: SimulatorOptions;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly request?: CallOptions;
  readonly twice?: boolean;
}

const FAULTS = [
  'status=500',
  'status=502',
  'status=503',
  'conflict',
  'ip-limit',
  'malformed',
  'no-rate-headers',
  'status=404,path=/api/v2/users/*',
  'status=405,path=/api/v2/users/*',
  'status=410,path=/api/v2/users/*',
  'api-version=400,path=/api/v2/users/*',
  'api-version=406,path=/api/v2/users/*',
];

const EDGE_CASES: Readonly<Record<string, EdgeCase>> = {
  'a valid request': {},
  'no token': { request: { token: undefined } },
  'a token that may only read': { request: { token: 'api-reader' } },
  'no budget left': { options: { limits: { global: 0 } } },
  'a body that is not an object': { request: { body: [] } },
  'a setting that is not a variation': { request: { body: { setting: 'odd' } } },
  'an unknown project': { parameters: { projectKey: 'nowhere' } },
  'an unknown environment': { parameters: { environmentKey: 'nowhere' } },
  'an unknown flag': { parameters: { featureFlagKey: 'nothing' } },
  'the name of another host': { request: { host: 'launchdarkly.example' } },
  'a body that is too large': { request: { headers: { 'content-length': '1000000000' } } },
  'a malformed path': { parameters: { projectKey: '%zz' } },
  'an archived flag': { parameters: { featureFlagKey: 'summer-sale' } },
  'an environment that requires approvals': {
    options: { seed: storefrontSeed({ environments: { production: { requireApprovals: true } } }) },
  },
  'another write at the same time': { twice: true },
  ...Object.fromEntries(
    FAULTS.map((fault) => [`the fault ${fault}`, { options: { faults: [parseFault(fault)] } }]),
  ),
  'user routes that were removed': { options: { userRoutes: false } },
};

/** The request of each method, unless the edge case has another. */
const REQUESTS: Readonly<Record<Route['method'], CallOptions>> = {
  GET: {},
  PUT: { body: { setting: 'dark' } },
  POST: { body: { key: 'new-flag', name: 'New flag' } },
  PATCH: {
    body: { environmentKey: 'production', instructions: [{ kind: 'turnFlagOff' }] },
    contentType: 'application/json; domain-model=launchdarkly.semanticpatch',
  },
  DELETE: {},
};

/** The request to the operations that patch the dates of targets. Its instruction fails, but not the request. */
const CANCEL = {
  instructions: [{ kind: 'removeExpireUserTargetDate', flagKey: 'theme', variationId: 'unknown' }],
};

async function findings(route: Route, edgeCase: EdgeCase): Promise<readonly Finding[]> {
  // A write waits until another request has been answered or also waits, so that two writes always overlap.
  const writes = latch();
  let waiting = 0;
  const overlapping = (): Promise<void> => {
    waiting += 1;
    if (waiting === 2) writes.open();
    return writes.opened();
  };
  const simulator = new Simulator({ ...edgeCase.options, writeDuration: edgeCase.twice ? overlapping : 0 });
  try {
    const { url } = await simulator.start();
    const parameters: Readonly<Record<string, string>> = { ...PARAMETERS, ...edgeCase.parameters };
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'unknown');
    const request: CallOptions = {
      ...REQUESTS[route.method],
      ...(route.path.includes('/expiring-') && route.method === 'PATCH' ? { body: CANCEL } : {}),
      ...edgeCase.request,
      // Node sends no length for the body of a DELETE, which would make the request invalid.
      ...(route.method === 'GET' || route.method === 'DELETE' ? { body: undefined } : {}),
    };
    const pending = Array.from({ length: edgeCase.twice ? 2 : 1 }, () =>
      call(url, route.method, path, request),
    );
    await Promise.race(pending);
    writes.open();
    const replies = await Promise.all(pending);
    return replies.flatMap((reply) =>
      check({ method: route.method, path, requestBody: request.body, ...reply }),
    );
  } finally {
    await simulator.stop();
  }
}

describe('deviations from the facts about LaunchDarkly’s API', () => {
  const seen = new Map<string, readonly Finding[]>();

  beforeAll(async () => {
    for (const [name, edgeCase] of Object.entries(EDGE_CASES)) {
      seen.set(name, (await Promise.all(routes.map((route) => findings(route, edgeCase)))).flat());
    }
  });

  test.each(Object.keys(EDGE_CASES))('every response to %s is known or listed as a deviation', (name) => {
    expect(unlisted(seen.get(name) ?? [])).toEqual([]);
  });

  test('the simulator gives every response in the list of deviations', () => {
    const found = [...seen.values()].flat();
    expect(specDeviations.filter((beyond) => !found.some((one) => accountsFor(beyond, one)))).toEqual([]);
  });

  test('the facts cover exactly the simulated operations', () => {
    const simulated = routes.map(({ method, path }) => `${method} ${path}`);
    expect(apiFacts.operations.toSorted()).toEqual(simulated.toSorted());
  });

  test('no status in the list of deviations is among the facts', () => {
    const documented = specDeviations.filter(
      ({ operation, status, problem }) =>
        problem === 'unknown status' && apiFacts.statuses(operation).includes(status),
    );
    expect(documented).toEqual([]);
  });

  test('the check finds every kind of deviation', () => {
    const path = '/api/v2/users/storefront/production/alice/flags/theme';
    const problems = (exchange: Partial<Parameters<typeof check>[0]>): unknown[] =>
      check({ method: 'GET', path, status: 200, body: undefined, ...exchange }).map(({ problem }) => problem);
    expect(problems({ body: { _links: {}, _value: true, setting: null } })).toEqual([]);
    expect(problems({ body: { _links: {}, _value: true } })).toEqual(['response body']);
    expect(problems({ body: { _links: {}, _value: true, setting: null, invented: 1 } })).toEqual([
      'response body',
    ]);
    expect(problems({ status: 418 })).toEqual(['unknown status']);
    expect(problems({ method: 'PUT', status: 204, requestBody: { comment: 7 } })).toEqual(['request body']);
    expect(problems({ method: 'PUT', status: 204, body: {} })).toEqual(['response body']);
    expect(problems({ path: '/api/v2/unheard-of' })).toEqual(['unknown operation']);
  });
});
