import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Seed } from '../../../src/simulator/seed/seed.js';
import { Simulator } from '../../../src/simulator/simulator.js';
import { Gateway } from './gateway.js';
import { PlainRepository } from './objects.js';
import { type ProgramRun, runProgram } from './program.js';
import { type Environment, ENVIRONMENTS, FLAG_NAMES, FLAGS, type Id, partsOf, PROJECT } from './universe.js';

/** How many runs a history may have; each has its own token, by which the gateway knows it. */
const TOKENS = 60;

const token = (run: number): string => `api-model-${run}-3f1c9a`;

const SEED: Seed = {
  tokens: Array.from({ length: TOKENS }, (_, index) => ({ token: token(index), role: 'writer' as const })),
  projects: {
    [PROJECT]: {
      contextKinds: ['organization'],
      environments: Object.fromEntries(ENVIRONMENTS.map((environment) => [environment, {}])),
      flags: Object.fromEntries(
        FLAG_NAMES.map((flag) => [flag, { variations: FLAGS[flag].map((value) => ({ value })) }]),
      ),
    },
  },
};

export const START = Date.UTC(2026, 0, 1);

/** The clock of a history. */
interface WorldClock {
  readonly now: () => number;
  readonly pass: (ms: number) => void;
}

/** The real parts of a history: a repository, a simulated LaunchDarkly, and a gateway between them. */
export class RealWorld {
  readonly clock: WorldClock;
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly repository: PlainRepository;
  readonly url: string;
  /** Runs that were killed, and never end while the gateway works. */
  readonly dead: Promise<unknown>[] = [];
  readonly #folder: string;
  #runs = 0;

  private constructor(
    clock: WorldClock,
    simulator: Simulator,
    gateway: Gateway,
    url: string,
    folder: string,
  ) {
    this.clock = clock;
    this.simulator = simulator;
    this.gateway = gateway;
    this.url = url;
    this.#folder = folder;
    this.repository = new PlainRepository(folder);
  }

  /** @param writeDuration milliseconds */
  static async open(clock: WorldClock, writeDuration = 0): Promise<RealWorld> {
    const simulator = new Simulator({ port: 0, seed: SEED, clock, writeDuration });
    const { port } = await simulator.start();
    const gateway = new Gateway(port);
    const url = await gateway.start();
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flagops-model-')));
    return new RealWorld(clock, simulator, gateway, url, folder);
  }

  async close(): Promise<void> {
    await this.gateway.stop();
    await this.simulator.stop();
    await Promise.allSettled(this.dead);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token for one run. */
  nextToken(): string {
    this.#runs += 1;
    if (this.#runs >= TOKENS) throw new Error('the history has too many runs');
    return token(this.#runs);
  }

  run(args: readonly string[], own: string, signal?: AbortSignal): Promise<ProgramRun> {
    return runProgram(args, {
      cwd: this.repository.path,
      url: this.url,
      token: own,
      now: () => this.clock.now(),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Everything that is live. */
  live(): Map<Id, number> {
    const live = new Map<Id, number>();
    for (const environment of ENVIRONMENTS) {
      for (const flag of FLAG_NAMES) {
        for (const { kind, key, variation } of this.simulator.targets(PROJECT, environment, flag)) {
          live.set(`${environment} ${flag} ${kind} ${key}` as Id, variation);
        }
      }
    }
    return live;
  }

  /** Changes an override as by hand in LaunchDarkly's UI; undefined removes it. */
  touch(id: Id, variation: number | undefined): void {
    const { environment, flag, kind, key } = partsOf(id);
    if (variation === undefined) this.simulator.removeTarget(PROJECT, environment, flag, { kind, key });
    else this.simulator.setTarget(PROJECT, environment, flag, { kind, key, variation });
  }

  /** The name of a last-applied ref. */
  refName(environment: Environment): string {
    return `refs/flagops/applied/${new URL(this.url).host.replace(':', '%3a')}/default/${PROJECT}/${environment}`;
  }
}
