import { setMaxListeners } from 'node:events';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Clock } from '../clock.js';

/** The time limit of a run (`timeouts.run`), which everything in the run shares. */
export interface RunTime {
  /**
   * The clock of the run. A sleep resolves when the run ends, if that is earlier; the next request to LaunchDarkly then
   * throws.
   */
  readonly clock: Clock;
  /** Milliseconds until the time limit; 0 after it. */
  timeLeft(): number;
  /**
   * A signal for work that does not use the clock, such as git: aborted when the run ends or reaches its time limit, with
   * the same reasons. Its timer does not keep the process alive.
   * @param waitingFor what the run waits for, as the end of the error message
   */
  limit(waitingFor: string): AbortSignal;
}

/** What ends a run: an interruption, or its time limit. */
export interface RunControl extends RunTime {
  /** Aborted with OperatorError `interrupted` or `run-timeout`. */
  readonly signal: AbortSignal;
  /** In the clock's epoch milliseconds. */
  readonly deadline: number;
  /**
   * Ends the run because its time limit is reached.
   * @param waitingFor what the run was waiting for, if anything
   */
  readonly expire: (waitingFor?: string) => void;
}

/**
 * Starts the time limit of a run. It has no timer, which would keep the process alive: code that waits must not wait
 * longer than `timeLeft()`, and calls `expire` at that point.
 */
export function startRun(options: {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeLimit: number;
  /** Interrupts the run. */
  readonly signal?: AbortSignal | undefined;
}): RunControl {
  const { clock, timeLimit } = options;
  const deadline = clock.now() + timeLimit;
  const end = new AbortController();
  const { signal } = end;
  // Every waiting request adds a listener; without this, Node warns of a leak.
  setMaxListeners(0, signal);
  const interrupt = (): void => end.abort(new OperatorError('interrupted', 'interrupted'));
  if (options.signal?.aborted === true) interrupt();
  options.signal?.addEventListener('abort', interrupt, { once: true });

  const timeLeft = (): number => Math.max(0, deadline - clock.now());
  const timeLimitReached = (waitingFor?: string): OperatorError => {
    const seconds = `${Math.round(timeLimit / 1000)} s`;
    const message = `the run reached its time limit (${seconds})${waitingFor === undefined ? '' : `: ${waitingFor}`}`;
    return new OperatorError('run-timeout', message, {
      hint: 'run again to continue, or raise timeouts.run',
    });
  };
  const expire = (waitingFor?: string): void => end.abort(timeLimitReached(waitingFor));
  const sleep = async (ms: number, cancel?: AbortSignal): Promise<void> => {
    const rest = timeLeft();
    const either = cancel === undefined ? signal : AbortSignal.any([signal, cancel]);
    try {
      await clock.sleep(Math.min(ms, rest), either);
    } catch (error) {
      // The run is over, or the caller cancelled: both are handled below.
      if (!either.aborted) throw error;
    }
    if (ms >= rest) expire();
    cancel?.throwIfAborted();
  };
  const limit = (waitingFor: string): AbortSignal => {
    const work = new AbortController();
    const timer = setTimeout(() => work.abort(timeLimitReached(waitingFor)), timeLeft());
    timer.unref();
    const stop = (): void => {
      clearTimeout(timer);
      work.abort(signal.reason);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return work.signal;
  };
  return {
    signal,
    deadline,
    timeLeft,
    limit,
    expire,
    clock: { now: () => clock.now(), random: () => clock.random(), sleep },
  };
}
