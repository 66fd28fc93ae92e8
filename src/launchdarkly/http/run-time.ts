import { setMaxListeners } from 'node:events';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Clock } from '../clock.js';

/** The time that a run has, for whatever is part of it. */
export interface RunTime {
  /**
   * The clock of the run: a sleep ends with the run at the latest, and then resolves. What is asked of LaunchDarkly next
   * is refused.
   */
  readonly clock: Clock;
  /** Milliseconds until `timeouts.run` is up; 0 from then on. */
  timeLeft(): number;
}

/** The end of a run: by an interruption, or because its time is up. */
export interface RunControl extends RunTime {
  /** Aborted with OperatorError `interrupted` or `run-timeout`. */
  readonly signal: AbortSignal;
  /** In the clock's epoch milliseconds. */
  readonly deadline: number;
  /**
   * Ends the run because its time is up.
   * @param waiting what was being waited for, if anything
   */
  readonly expire: (waiting?: string) => void;
}

/**
 * Starts the time of a run. No timer is behind it, which would keep the process alive: whatever waits, waits no longer
 * than `left`, and calls `expire` then.
 */
export function startRun(options: {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly most: number;
  /** Interrupts the run. */
  readonly signal?: AbortSignal | undefined;
}): RunControl {
  const { clock, most } = options;
  const deadline = clock.now() + most;
  const end = new AbortController();
  const { signal } = end;
  // Every request that waits listens, and that is no leak.
  setMaxListeners(0, signal);
  const interrupt = (): void => end.abort(new OperatorError('interrupted', 'interrupted'));
  if (options.signal?.aborted === true) interrupt();
  options.signal?.addEventListener('abort', interrupt, { once: true });

  const left = (): number => Math.max(0, deadline - clock.now());
  const expire = (waiting?: string): void => {
    const seconds = `${Math.round(most / 1000)} s`;
    const message = `the time for one run is up (${seconds})${waiting === undefined ? '' : `: ${waiting}`}`;
    end.abort(
      new OperatorError('run-timeout', message, { hint: 'run again to go on, or raise timeouts.run' }),
    );
  };
  const sleep = async (ms: number, cancel?: AbortSignal): Promise<void> => {
    const rest = left();
    const first = cancel === undefined ? signal : AbortSignal.any([signal, cancel]);
    try {
      await clock.sleep(Math.min(ms, rest), first);
    } catch (error) {
      // The run is over, or the caller has changed its mind: both are dealt with below.
      if (!first.aborted) throw error;
    }
    if (ms >= rest) expire();
    cancel?.throwIfAborted();
  };
  return {
    signal,
    deadline,
    timeLeft: left,
    expire,
    clock: { now: () => clock.now(), random: () => clock.random(), sleep },
  };
}
