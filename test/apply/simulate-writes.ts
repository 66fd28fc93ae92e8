import { openGate } from '../../src/launchdarkly/pacing/gate.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';
import { slidingWindow } from '../launchdarkly/pacing/rate-models.js';

export interface WriteSimulation {
  readonly writes: number;
  /** How many writes the server allows in ten seconds. */
  readonly limit: number;
  /** Milliseconds from sending a write to its answer. */
  readonly latency: number;
  readonly writesPerSecond?: number;
}

/** Sends writes through the real gate to a model of a server. Returns when each has ended, in milliseconds since the start. */
export async function simulateWrites({
  writes,
  limit,
  latency,
  writesPerSecond,
}: WriteSimulation): Promise<{ readonly times: readonly number[]; readonly end: number }> {
  const clock = new VirtualClock();
  const start = clock.now();
  const server = slidingWindow(limit);
  const gate = openGate({
    concurrency: 4,
    reserve: 0,
    writesPerSecond: writesPerSecond ?? null,
    clock,
    signal: new AbortController().signal,
    deadline: Number.POSITIVE_INFINITY,
    expire: () => undefined,
  });
  const times: number[] = [];
  const write = async (): Promise<void> => {
    await gate.pass({ route: 'user setting', isWrite: true }, async () => {
      await clock.sleep(latency / 2);
      const { allowed, remaining, reset } = server.take(clock.now());
      await clock.sleep(latency / 2);
      if (!allowed) throw new Error('a write was refused');
      const headers = {
        'x-ratelimit-route-limit': String(limit),
        'x-ratelimit-route-remaining': String(remaining),
        'x-ratelimit-reset': String(reset),
      };
      return { status: 204, headers: new Map(Object.entries(headers)), text: '', isUtf8: true };
    });
    times.push(clock.now() - start);
  };
  await clock.run(Promise.all(Array.from({ length: writes }, write)));
  return { times, end: times.at(-1) ?? 0 };
}
