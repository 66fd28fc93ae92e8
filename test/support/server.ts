import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { atEndOfFile } from './end-of-file.js';

/** Starts an HTTP server on a free loopback port until the end of the test file. Returns its URL. */
export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  atEndOfFile(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening');
  return `http://127.0.0.1:${address.port}`;
}
