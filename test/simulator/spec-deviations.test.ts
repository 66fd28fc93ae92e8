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

/** What a path parameter is in a request that should succeed. */
const PARAMETERS: Readonly<Record<string, string>> = {
  projectKey: 'storefront',
  environmentKey: 'production',
  featureFlagKey: 'theme',
  userKey: 'alice',
  contextKind: 'device',
  contextKey: 'kiosk',
};

/** A way to bring any operation into one of its corners. */
interface Corner {
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

const CORNERS: Readonly<Record<string, Corner>> = {
  'all is well': {},
  'no token': { request: { token: undefined } },
  'a token that may only read': { request: { token: 'api-reader' } },
  'no budget left': { options: { limits: { global: 0 } } },
  'a body that is no object': { request: { body: [] } },
  'a setting that is no variation': { request: { body: { setting: 'odd' } } },
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

/** What is sent where the corner says nothing else. */
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

async function findings(route: Route, corner: Corner): Promise<readonly Finding[]> {
  // A write is held until another request was answered, so that two always overlap.
  const writes = latch();
  const simulator = new Simulator({ ...corner.options, writeDuration: corner.twice ? writes.opened : 0 });
  try {
    const { url } = await simulator.start();
    const parameters: Readonly<Record<string, string>> = { ...PARAMETERS, ...corner.parameters };
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'unknown');
    const request: CallOptions = {
      ...REQUESTS[route.method],
      ...corner.request,
      ...(route.method === 'GET' ? { body: undefined } : {}),
    };
    const pending = Array.from({ length: corner.twice ? 2 : 1 }, () =>
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

describe('beside what is known of LaunchDarkly’s API', () => {
  const seen = new Map<string, readonly Finding[]>();

  beforeAll(async () => {
    for (const [name, corner] of Object.entries(CORNERS)) {
      seen.set(name, (await Promise.all(routes.map((route) => findings(route, corner)))).flat());
    }
  });

  test.each(Object.keys(CORNERS))('nothing unlisted is answered with %s', (name) => {
    expect(unlisted(seen.get(name) ?? [])).toEqual([]);
  });

  test('every entry of the list is something that the simulator does answer', () => {
    const found = [...seen.values()].flat();
    expect(specDeviations.filter((beyond) => !found.some((one) => accountsFor(beyond, one)))).toEqual([]);
  });

  test('the facts are those of the operations that are simulated', () => {
    const simulated = routes.map(({ method, path }) => `${method} ${path}`);
    expect(apiFacts.operations.toSorted()).toEqual(simulated.toSorted());
  });

  test('what is listed as beyond the facts is not among them', () => {
    const documented = specDeviations.filter(
      ({ operation, status, problem }) =>
        problem === 'unknown status' && apiFacts.statuses(operation).includes(status),
    );
    expect(documented).toEqual([]);
  });

  test('the check finds what is wrong', () => {
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
