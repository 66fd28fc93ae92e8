import { once } from 'node:events';

/** Something to wait for until it is opened. */
export interface Latch {
  readonly open: () => void;
  readonly opened: () => Promise<void>;
}

export function latch(): Latch {
  const controller = new AbortController();
  const opened = once(controller.signal, 'abort');
  return {
    open: () => controller.abort(),
    opened: async () => {
      await opened;
    },
  };
}
