import { OperatorError } from '../../diagnostics/operator-error.js';

/**
 * How long our own signal may arrive after git has died of one, in milliseconds. Ctrl-C on a terminal reaches both at
 * once, but whatever ends a tree of processes may begin with its leaves.
 */
const SIGNAL_GRACE = 250;

/** The run was interrupted while git ran: what git was asked for is not known. */
export function interruption(cause?: unknown): OperatorError {
  return new OperatorError('interrupted', 'interrupted', { cause });
}

/** Whether an error says that the run was interrupted. */
export function isInterruption(error: unknown): boolean {
  return error instanceof OperatorError && error.code === 'interrupted';
}

/**
 * Whether git failed because the run was interrupted.
 * @param signal aborted when the run is interrupted
 * @param killed whether git died of a signal: then ours may be about to arrive
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
