import { Configuration, UserSettingsApi } from 'launchdarkly-api-typescript';
import pLimit from 'p-limit';
import { Pool } from 'undici';
import { applyChanges } from '../../../src/apply/apply.js';
import type { Clock } from '../../../src/launchdarkly/clock.js';
import { connectWriter } from '../../../src/launchdarkly/connect.js';
import { planOf, SCOPE, type WantedOverride } from './work.js';

const TOKEN = 'api-writer';
const COMMENT = 'Open the beta to everybody (c0ffee000000 by Dana)';

/** The server and the clock of a race. */
export interface RaceTarget {
  readonly url: string;
  readonly clock: Clock;
  /** Wraps a request of a client that the clock cannot observe, so that time waits for it. */
  readonly during: <T>(request: Promise<T>) => Promise<T>;
}

/** A way to write overrides to LaunchDarkly. */
export interface Contender {
  readonly name: string;
  /** Reads what it needs, and returns the part that is measured, which only writes. */
  readonly prepare: (all: readonly WantedOverride[], target: RaceTarget) => Promise<() => Promise<void>>;
}

/** flagops without a reserve, since no other client uses the account. */
function flagops(mode: 'put' | 'batch'): Contender {
  return {
    name: `flagops ${mode}`,
    prepare: async (all, { url, clock }) => {
      const writer = connectWriter({
        baseUrl: url,
        token: TOKEN,
        api: 'users',
        rate: { concurrency: 4, writesPerSecond: null, reserve: 0 },
        timeouts: { attempt: 30_000, run: 24 * 3_600_000 },
        clock,
        version: 'bench',
      });
      const { changes } = await planOf(all, writer);
      return async () => {
        const { outcomes } = await applyChanges(
          { changes, dates: [] },
          {
            writer,
            clock,
            concurrency: 4,
            writes: { mode, values: 500 },
            ignoreConflicts: false,
            dryRun: false,
            commentOf: () => COMMENT,
            strict: false,
          },
        );
        const failed = outcomes.find(({ status }) => status !== 'applied');
        if (failed !== undefined) throw new Error(`not applied: ${failed.message}`);
      };
    },
  };
}

/** A loop that calls LaunchDarkly's REST client. */
const vendorLoop: Contender = {
  name: "vendor's client in a loop",
  prepare: async (all, { url, clock, during }) => {
    const configuration = new Configuration({
      basePath: url,
      apiKey: TOKEN,
      baseOptions: { validateStatus: () => true, proxy: false, headers: { 'LD-API-Version': '20240415' } },
    });
    const users = new UserSettingsApi(configuration);
    return async () => {
      for (const { flag, user, value } of all) {
        await retried(clock, async () => {
          const body = { setting: value, comment: COMMENT };
          const { status, headers } = await during(
            users.putFlagSetting(SCOPE.project, SCOPE.environment, user, flag, body),
          );
          return { status, headers: headers as Headers };
        });
      }
    };
  },
};

/** Ten requests at a time, each with its own retry. */
const tenAtATime: Contender = {
  name: 'p-limit, 10 at a time',
  prepare: async (all, { url, clock }) => {
    const pool = new Pool(url, { connections: 10 });
    const put = async ({ flag, user, value }: WantedOverride): Promise<Reply> => {
      const { statusCode, headers, body } = await pool.request({
        method: 'PUT',
        path: `/api/v2/users/${SCOPE.project}/${SCOPE.environment}/${encodeURIComponent(user)}/flags/${flag}`,
        headers: { authorization: TOKEN, 'content-type': 'application/json', 'ld-api-version': '20240415' },
        body: JSON.stringify({ setting: value, comment: COMMENT }),
      });
      await body.dump();
      return { status: statusCode, headers: headers as Headers };
    };
    return async () => {
      const limit = pLimit(10);
      await Promise.all(all.map((override) => limit(() => retried(clock, () => put(override)))));
      await pool.close();
    };
  },
};

type Headers = Readonly<Record<string, string | undefined>>;

interface Reply {
  readonly status: number;
  readonly headers: Headers;
}

/** The usual retry: after a 429 it waits as long as the headers say, otherwise longer each time. */
async function retried(clock: Clock, send: () => Promise<Reply>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const { status, headers } = await send();
    if (status < 300) return;
    const isTransient = status === 429 || status === 409 || status >= 500;
    if (!isTransient) throw new Error(`the response is ${status}`);
    const exponential = Math.min(20_000, 500 * 2 ** attempt);
    await clock.sleep(status === 429 ? (untilReset(headers, clock.now()) ?? exponential) : exponential);
  }
}

function untilReset(headers: Headers, now: number): number | undefined {
  const retryAfter = headers['retry-after'];
  if (retryAfter !== undefined) return Number(retryAfter) * 1000;
  const reset = headers['x-ratelimit-reset'];
  return reset === undefined ? undefined : Math.max(0, Number(reset) - now);
}

export const CONTENDERS: readonly Contender[] = [flagops('put'), flagops('batch'), vendorLoop, tenAtATime];
