import {
  AccountMembersApi,
  ApprovalsApi,
  AuditLogApi,
  Configuration,
  ContextSettingsApi,
  ContextsApi,
  EnvironmentsApi,
  FeatureFlagsApi,
  OtherApi,
  ProjectsApi,
  UserSettingsApi,
} from 'launchdarkly-api-typescript';
import { afterEach, expect } from 'vitest';
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.js';
import { check, unlisted } from './checked.js';
import type { Finding } from './openapi.js';

/** The part of an axios response that is used here. */
interface WitnessReply<T> {
  readonly status: number;
  readonly data: T;
  readonly headers: unknown;
  readonly config: { readonly method?: string; readonly data?: unknown };
  /** Node’s own request. */
  readonly request?: { readonly path: string };
}

/** LaunchDarkly’s own REST client, pointed at a simulator. */
interface Witness {
  readonly flags: FeatureFlagsApi;
  readonly users: UserSettingsApi;
  readonly contextSettings: ContextSettingsApi;
  readonly contexts: ContextsApi;
  readonly projects: ProjectsApi;
  readonly environments: EnvironmentsApi;
  readonly approvals: ApprovalsApi;
  readonly audit: AuditLogApi;
  readonly members: AccountMembersApi;
  readonly other: OtherApi;
  /** Waits for a response, and checks it and its request against the facts about LaunchDarkly. */
  readonly see: <T>(reply: Promise<WitnessReply<T>>) => Promise<WitnessReply<T>>;
  readonly findings: Finding[];
  /** Method and path of every request. */
  readonly asked: string[];
}

function witness(url: string, token: string): Witness {
  const configuration = new Configuration({
    basePath: url,
    apiKey: token,
    baseOptions: {
      validateStatus: () => true,
      proxy: false,
      headers: { 'LD-API-Version': '20240415' },
    },
  });
  const findings: Finding[] = [];
  const asked: string[] = [];
  return {
    flags: new FeatureFlagsApi(configuration),
    users: new UserSettingsApi(configuration),
    contextSettings: new ContextSettingsApi(configuration),
    contexts: new ContextsApi(configuration),
    projects: new ProjectsApi(configuration),
    environments: new EnvironmentsApi(configuration),
    approvals: new ApprovalsApi(configuration),
    audit: new AuditLogApi(configuration),
    members: new AccountMembersApi(configuration),
    other: new OtherApi(configuration),
    findings,
    asked,
    see: async (pending) => {
      const reply = await pending;
      const method = (reply.config.method ?? 'get').toUpperCase();
      const path = reply.request?.path ?? '';
      const sent = reply.config.data;
      asked.push(`${method} ${path}`);
      findings.push(
        ...check({
          method,
          path,
          requestBody: typeof sent === 'string' ? JSON.parse(sent) : undefined,
          status: reply.status,
          body: reply.data === '' ? undefined : reply.data,
        }),
      );
      return reply;
    },
  };
}

interface Session extends Witness {
  readonly simulator: Simulator;
  readonly url: string;
}

/** Starts simulators with LaunchDarkly's client for each, stops them after each test, and checks all exchanges. */
export function witnessSessions(): {
  readonly start: (options?: SimulatorOptions, token?: string) => Promise<Session>;
  /** Method and path of every request in the tests so far. */
  readonly asked: readonly string[];
} {
  const running: Simulator[] = [];
  const witnesses: Witness[] = [];
  const asked: string[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
    const seen = witnesses.splice(0);
    asked.push(...seen.flatMap((one) => one.asked));
    expect(unlisted(seen.flatMap(({ findings }) => findings))).toEqual([]);
  });
  return {
    asked,
    start: async (options = {}, token = 'api-writer') => {
      const simulator = new Simulator(options);
      running.push(simulator);
      const { url } = await simulator.start();
      const session = { ...witness(url, token), simulator, url };
      witnesses.push(session);
      return session;
    },
  };
}
