import { describe, expect, test } from 'vitest';
import { connectWriter } from '../../../src/launchdarkly/connect.js';
import type { ConnectOptions } from '../../../src/launchdarkly/http/api.js';
import { Delivery } from '../../../src/launchdarkly/http/delivery.js';
import { NetworkError, requestFate } from '../../../src/launchdarkly/http/network-error.js';
import { parseFault } from '../../../src/simulator/faults/parse.js';
import { stage } from '../../apply/setup.js';
import { options, startServer } from '../server.js';

const SCOPE = { project: 'storefront', environment: 'production' };
const ID = { flag: 'theme', kind: 'user', key: 'alice' };

/** Sends one write, and returns what became of its requests. */
async function deliver(url: string, more: Partial<ConnectOptions> = {}): Promise<Delivery> {
  const delivery = new Delivery();
  const writer = connectWriter(options(url, { token: 'api-writer', ...more }));
  await writer.putSetting(SCOPE, ID, 'dark', '', delivery).catch(() => undefined);
  return delivery;
}

async function deliverDespite(
  faults: readonly string[],
  more: Partial<ConnectOptions> = {},
): Promise<Delivery> {
  const { simulator } = await stage({ faults: faults.map((fault) => parseFault(fault)) });
  return deliver(`http://127.0.0.1:${simulator.port}`, more);
}

describe('the delivery of a write', () => {
  test.each(['conflict', 'status=404', 'api-version', 'ip-limit,once', 'truncate', 'no-rate-headers'])(
    'every request was answered with the fault %s',
    async (fault) => {
      expect((await deliverDespite([fault])).isAnswered).toBe(true);
    },
  );

  test.each(['reset-before,once', 'reset-after,once', 'status=500,once', 'status=502,once', 'status=503'])(
    'a request may have had an effect with the fault %s, even if another try succeeds',
    async (fault) => {
      expect((await deliverDespite([fault])).isAnswered).toBe(false);
    },
  );

  test('a request may have had an effect if its response does not come in time', async () => {
    const silent = await startServer(() => undefined);
    const timeouts = { attempt: 50, run: 3_600_000 };
    expect((await deliver(silent.url, { timeouts })).isAnswered).toBe(false);
    await silent.stop();
  });

  test('a refused request over one route does not hide a lost answer over the other', async () => {
    const delivery = await deliverDespite(['reset-before,once', 'status=404,every=2'], { api: 'auto' });
    expect(delivery.isAnswered).toBe(false);
  });

  test('a request that could not be sent has no effect', async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    expect((await deliver(gone.url)).isAnswered).toBe(true);
    const nowhere = await deliver('https://no-such-host.invalid');
    expect(nowhere.isAnswered).toBe(true);
  });

  test('a request that never passed the gate has no effect', async () => {
    const { simulator } = await stage();
    const signal = AbortSignal.abort();
    expect((await deliver(`http://127.0.0.1:${simulator.port}`, { signal })).isAnswered).toBe(true);
    expect(simulator.requests).toEqual([]);
  });

  test.each([
    ['connect', 'unsent'],
    ['getaddrinfo', 'unsent'],
    ['read', 'maybe-received'],
    ['write', 'maybe-received'],
  ])('after an error of %s the request is %s, whatever the code', (syscall, fate) => {
    const error = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH', syscall });
    expect(requestFate(error)).toBe(fate);
    expect(requestFate(new TypeError('fetch failed', { cause: error }))).toBe(fate);
    expect(requestFate(new AggregateError([error]))).toBe(fate);
  });

  test('an error on an open connection may follow an effect, whatever its code', () => {
    const delivery = new Delivery();
    delivery.recordError(new NetworkError('refused', 'h', undefined));
    expect(delivery.isAnswered).toBe(false);
  });
});
