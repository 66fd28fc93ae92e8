import type { Context } from 'hono';
import { streamSSE, type SSEMessage } from 'hono/streaming';

/** Milliseconds between the comments that keep an idle connection open. */
const HEARTBEAT = 15_000;

/**
 * Sends server-sent events until the client disconnects.
 * @param subscribe receives a function that sends an event, and returns one that ends the subscription
 */
export function eventStream(
  c: Context,
  subscribe: (send: (message: SSEMessage) => void) => () => void,
): Response {
  return streamSSE(c, async (stream) => {
    // One write after another, because concurrent writes would mix their lines.
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
