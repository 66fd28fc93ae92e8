import { expect, test } from 'vitest';
import { Pool } from 'undici';
import { Simulator } from '../../../src/simulator/simulator.js';
import { EventClock } from './event-clock.js';

const HEADERS = { authorization: 'api-writer', 'content-type': 'application/json' };

test('the event clock advances to the earliest sleeper', async () => {
  const clock = new EventClock();
  const start = clock.now();
  const woken = await clock.run(async () => {
    const seen: string[] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      seen.push(`${name} ${clock.now() - start}`);
    };
    await Promise.all([sleep('late', 3_600_000), sleep('early', 5), sleep('middle', 700)]);
    return seen;
  });
  expect(woken).toEqual(['early 5', 'middle 700', 'late 3600000']);
});

test('the event clock does not wait for a sleep that was aborted', async () => {
  const clock = new EventClock();
  const start = clock.now();
  const stop = new AbortController();
  await clock.run(async () => {
    const given = clock.sleep(1000, stop.signal).catch((error: unknown) => error);
    stop.abort('enough');
    expect(await given).toBe('enough');
    await clock.sleep(5000);
  });
  expect(clock.now() - start).toBe(5000);
});

test('the event clock stops while a request is in flight, unless its server sleeps', async () => {
  const clock = new EventClock();
  const simulator = new Simulator({ clock, writeDuration: () => clock.hold(40) });
  const { url } = await simulator.start();
  const pool = new Pool(url, { connections: 4 });
  const start = clock.now();
  const took = await clock.run(async () => {
    const put = async (flag: string): Promise<number> => {
      const { body } = await pool.request({
        method: 'PUT',
        path: `/api/v2/users/storefront/production/alice/flags/${flag}`,
        headers: HEADERS,
        body: '{"setting":true}',
      });
      await body.dump();
      return clock.now() - start;
    };
    const together = await Promise.all([put('checkout-v2'), put('kill-switch-payments')]);
    return [...together, await put('checkout-v2')];
  });
  await pool.close();
  await simulator.stop();
  expect(simulator.requests.map(({ status }) => status)).toEqual([204, 204, 204]);
  expect(took).toEqual([40, 40, 80]);
});

test('the event clock passes on an error, and can run again afterwards', async () => {
  const clock = new EventClock();
  await expect(clock.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await clock.run(async () => clock.sleep(10))).toBeUndefined();
});
