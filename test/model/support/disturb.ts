import type { FaultEffect } from '../../../src/simulator/faults/fault.js';
import { effectOf, type FaultKind } from './faults.js';
import type { Journey, Passing } from './gateway.js';
import type { Statistics } from './statistics.js';
import type { Disturbance } from './steps.js';
import { ENVIRONMENTS, type Environment } from './universe.js';
import type { RealWorld } from './world.js';

/** What a disturbance did to a run so far. */
export interface Watch {
  /** Interrupts the run. */
  readonly signal: AbortSignal;
  /** Resolves when the run waits for a request that is held back, or is dead. Otherwise never. */
  readonly held: Promise<'held' | 'killed'>;
  /** Lets the request that is held back go on. */
  readonly release: () => void;
  /** Sends the write of a killed run that was still on its way. */
  arrive: (() => Promise<void>) | undefined;
  /** Ends the disturbance. */
  readonly end: () => void;
  /** How many writes reached the network. */
  writes: number;
  /** Whether an answer to a write was lost. */
  lost: boolean;
  /**
   * Where the connection certainly broke during a write, so that the run must keep its attempt. `somewhere` if the
   * request does not name the environment in its path.
   */
  broken: Environment | 'somewhere' | undefined;
  interrupted: boolean;
  /** Whether the run may end before it planned. */
  mayFailEarly: boolean;
  /** Whether the run must overcome the disturbance. */
  recovers: boolean;
  /** Whether a write may take effect after the run has ended. */
  mayBeLate: boolean;
  /** The scope whose ref cannot be moved. */
  lockedRef: Environment | undefined;
}

/** The faults that pass if they happen once. The others say that it makes no sense to ask again. */
const PASSING: ReadonlySet<FaultKind> = new Set([
  'latency',
  'reset-before',
  'reset-after',
  'status',
  'status-after',
  'late',
  'conflict',
  'ip-limit',
  'truncate',
  'slow-body',
  'no-rate-headers',
  'past-reset',
]);

/** The faults that do no harm however often they happen. */
const HARMLESS: ReadonlySet<FaultKind> = new Set(['latency', 'slow-body', 'no-rate-headers', 'past-reset']);

/** The faults after which the client does not know whether a write took effect. */
const LOSING: ReadonlySet<FaultKind> = new Set([
  'reset-before',
  'reset-after',
  'truncate',
  'malformed',
  'status',
  'status-after',
  'late',
]);

function placeOf({ path }: Passing): Environment | 'somewhere' {
  return ENVIRONMENTS.find((environment) => path.split('/').includes(environment)) ?? 'somewhere';
}

const FOREVER = new Promise<never>(() => undefined);

/** Prepares a disturbance for the run that uses a token. */
export function disturb(
  world: RealWorld,
  token: string,
  disturbance: Disturbance,
  statistics: Statistics,
): Watch {
  const interruption = new AbortController();
  let release = (): void => undefined;
  let onHeld: (how: 'held' | 'killed') => void = () => undefined;
  const undo: (() => void)[] = [];
  /** While one request is held back, all later ones of the run wait too: then it is known what is live. */
  let gate: Promise<'on'> | undefined;
  const watch: Watch = {
    signal: interruption.signal,
    held: new Promise((resolve) => (onHeld = resolve)),
    release: () => {
      gate = undefined;
      release();
    },
    arrive: undefined,
    end: () => {
      for (const step of undo.splice(0)) step();
    },
    writes: 0,
    lost: false,
    broken: undefined,
    interrupted: false,
    mayFailEarly: false,
    recovers: true,
    mayBeLate: false,
    lockedRef: undefined,
  };
  const inject = (effect: FaultEffect, { method, path }: Passing, always: boolean): void => {
    const [bare] = path.split('?');
    world.simulator.faults.add({ effect, when: always ? 'always' : 'once', method, path: bare });
  };
  undo.push(() => world.simulator.faults.clear());
  let isDead = false;
  const before = (decide: (passing: Passing) => ReturnType<NonNullable<Journey['before']>>): Journey => ({
    before: (passing) => {
      if (isDead) return FOREVER;
      if (gate !== undefined) return gate;
      if (passing.method !== 'GET') watch.writes += 1;
      return decide(passing);
    },
  });
  const hold = (): Promise<'on'> =>
    new Promise((resolve) => {
      release = () => resolve('on');
    });
  let done = false;
  /** Whether this is the request at which the disturbance happens. */
  const isWrite = ({ method, write }: Passing, number: number): boolean => {
    if (done || method === 'GET' || write !== number) return false;
    done = true;
    return true;
  };

  switch (disturbance.type) {
    case 'none':
      world.gateway.expect(
        token,
        before(() => 'on'),
      );
      break;
    case 'interrupt':
      watch.recovers = false;
      world.gateway.expect(
        token,
        before((passing) => {
          if (isWrite(passing, disturbance.write)) {
            watch.interrupted = true;
            statistics.count('interrupted in process');
            interruption.abort();
          }
          return 'on';
        }),
      );
      break;
    case 'overtaken':
      watch.recovers = false;
      world.gateway.expect(
        token,
        before((passing) => {
          if (!isWrite(passing, disturbance.write)) return 'on';
          statistics.count('overtaken');
          gate = hold();
          void world.gateway.idle(token).then(() => onHeld('held'));
          return gate;
        }),
      );
      break;
    case 'kill': {
      const { fate } = disturbance;
      const journey = before((passing) => {
        if (!isWrite(passing, disturbance.write)) return 'on';
        isDead = true;
        watch.lost = true;
        if (fate === 'done') return 'on';
        const held = hold();
        if (fate === 'late') {
          watch.arrive = () => {
            const arrived = new Promise<void>((resolve) => (onArrival = resolve));
            release();
            return arrived;
          };
        }
        void world.gateway.idle(token).then(() => onHeld('killed'));
        return held;
      });
      let onArrival: () => void = () => undefined;
      world.gateway.expect(token, {
        ...journey,
        after: () => {
          if (!isDead) return 'on';
          onArrival();
          void world.gateway.idle(token).then(() => onHeld('killed'));
          return 'lost';
        },
      });
      break;
    }
    case 'fault':
      disturbByFault(world, token, { ...disturbance, watch, inject, before, statistics, undo });
  }
  return watch;
}

interface FaultParts {
  readonly kind: FaultKind;
  readonly place: (Disturbance & { readonly type: 'fault' })['place'];
  readonly always: boolean;
  readonly watch: Watch;
  readonly inject: (effect: FaultEffect, passing: Passing, always: boolean) => void;
  readonly before: (decide: (passing: Passing) => 'on') => Journey;
  readonly statistics: Statistics;
  readonly undo: (() => void)[];
}

function disturbByFault(world: RealWorld, token: string, parts: FaultParts): void {
  const { kind, place, always, watch, inject, before, statistics, undo } = parts;
  const happened = (): void => statistics.count(`fault ${kind} @ ${place}`);
  const effect = effectOf(kind);
  const passes = HARMLESS.has(kind) || (!always && PASSING.has(kind));
  let done = false;
  const at = (isPlace: (passing: Passing) => boolean, act: (passing: Passing) => void): void =>
    world.gateway.expect(
      token,
      before((passing) => {
        if (!done && isPlace(passing)) {
          done = true;
          happened();
          act(passing);
        }
        return 'on';
      }),
    );
  const isFlagRead = ({ method, path }: Passing): boolean =>
    method === 'GET' && path.startsWith('/api/v2/flags/');
  switch (place) {
    case 'fetch refs':
      world.repository.breakRemote(true);
      undo.push(() => world.repository.breakRemote(false));
      watch.mayFailEarly = true;
      watch.recovers = false;
      happened();
      at(
        () => false,
        () => undefined,
      );
      break;
    case 'read flags page':
      watch.mayFailEarly = !passes;
      watch.recovers = passes;
      at(isFlagRead, (passing) => inject(effect, passing, always));
      break;
    case 'write 1':
    case 'write n': {
      watch.recovers = passes;
      const number = place === 'write 1' ? 1 : 3;
      at(
        ({ method, write }) => method !== 'GET' && write === number,
        (passing) => {
          watch.lost = LOSING.has(kind);
          if (kind === 'reset-before' || kind === 'reset-after') watch.broken = placeOf(passing);
          watch.mayBeLate = kind === 'late';
          inject(effect, passing, always);
        },
      );
      break;
    }
    case 'look up': {
      watch.recovers = false;
      let lost: string | undefined;
      at(
        (passing) => {
          if (passing.method !== 'GET' && lost === undefined) {
            lost = passing.path;
            watch.lost = true;
            watch.broken = placeOf(passing);
            inject({ kind: 'reset-after' }, passing, true);
          }
          return lost !== undefined && isFlagRead(passing);
        },
        (passing) => inject(effect, passing, always),
      );
      break;
    }
    case 'read back':
      watch.recovers = false;
      at(
        (passing) => passing.write > 0 && isFlagRead(passing),
        (passing) => inject(effect, passing, always),
      );
      break;
    case 'record': {
      const [environment] = ENVIRONMENTS;
      const lock = `${world.refName(environment)}.lock`;
      world.repository.place(lock, '');
      undo.push(() => world.repository.place(lock, undefined));
      watch.lockedRef = environment;
      watch.recovers = true;
      at(
        ({ write }) => write > 0,
        () => undefined,
      );
      break;
    }
  }
}
