import { afterEach, expect } from 'vitest';
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.js';
import { checkedClient, unlisted, type CheckedClient } from './checked.js';

export interface Running {
  readonly simulator: Simulator;
  readonly url: string;
  readonly call: CheckedClient['call'];
}

/**
 * Starts simulators for the tests of a file, and stops each after its test. All exchanges are checked against the facts
 * about LaunchDarkly; every deviation must be in the list of deviations.
 */
export function simulators(): (options?: SimulatorOptions) => Promise<Running> {
  const running: Simulator[] = [];
  const clients: CheckedClient[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
    expect(unlisted(clients.splice(0).flatMap(({ findings }) => findings))).toEqual([]);
  });
  return async (options = {}) => {
    const simulator = new Simulator(options);
    running.push(simulator);
    const { url } = await simulator.start();
    const client = checkedClient(() => url);
    clients.push(client);
    return { simulator, url, call: client.call };
  };
}
