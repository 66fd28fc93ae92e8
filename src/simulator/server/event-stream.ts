import type { Context } from 'hono';
import { streamSSE, type SSEMessage } from 'hono/streaming';

/** How often a stream that has nothing to say shows that it is alive, milliseconds. */
const HEARTBEAT = 15_000;

/**
 * Server-sent events until the client goes away.
 * @param subscribe is given what sends an event, and gives back what ends the subscription
 */
export function eventStream(
  c: Context,
  subscribe: (send: (message: SSEMessage) => void) => () => void,
): Response {
  return streamSSE(c, async (stream) => {
    // One after another: two writes at a time would mix their lines.
    let writing: Promise<unknown> = Promise.resolve();
    const write = (action: () => Promise<unknown>): void => {
      writing = writing.then(action).catch(() => undefined);
    };
    const unsubscribe = subscribe((message) => write(() => stream.writeSSE(message)));
    const heartbeat = setInterval(() => write(() => stream.write(':\n\n')), HEARTBEAT);
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    clearInterval(heartbeat);
    unsubscribe();
  });
}
