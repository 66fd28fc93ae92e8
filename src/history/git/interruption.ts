import { OperatorError } from '../../diagnostics/operator-error.js';

/**
 * How long to wait for our own signal after git was ended by one, in milliseconds. Ctrl-C reaches both processes at the
 * same time, but a tool that stops a tree of processes may stop git first.
 */
const SIGNAL_GRACE = 250;

/**
 * The error for a run that ended while git ran, so that its result is not known.
 * @param signal the signal that stopped git; if its reason is an OperatorError, such as `run-timeout`, it is returned
 */
export function interruption(cause?: unknown, signal?: AbortSignal): OperatorError {
  const reason: unknown = signal?.reason;
  return reason instanceof OperatorError
    ? reason
    : new OperatorError('interrupted', 'interrupted', { cause });
}

/** Whether an error means that the run was interrupted. */
export function isInterruption(error: unknown): boolean {
  return error instanceof OperatorError && error.code === 'interrupted';
}

/**
 * Whether git failed because the run was interrupted.
 *
 * @param signal aborted when the run is interrupted
 * @param killed whether a signal ended git; if so, waits a moment, because ours may be about to arrive
 */
export function wasInterrupted(signal: AbortSignal | undefined, killed: boolean): Promise<boolean> {
  if (signal === undefined) return Promise.resolve(false);
  if (signal.aborted || !killed) return Promise.resolve(signal.aborted);
  return new Promise((resolve) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(false);
    }, SIGNAL_GRACE);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
