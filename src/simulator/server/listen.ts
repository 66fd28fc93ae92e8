import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatorError } from '../../diagnostics/operator-error.js';

/**
 * Listens on 127.0.0.1.
 * @param port 0 takes a free one
 * @param option names the port on the command line
 * @returns the port
 * @throws OperatorError `cannot-listen`
 */
export async function listen(
  server: Server,
  port: number,
  option: '--port' | '--control-port',
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(port, option, cause)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function listenError(port: number, option: string, cause: NodeJS.ErrnoException): OperatorError {
  const taken = cause.code === 'EADDRINUSE' ? 'another program has that port; ' : '';
  return new OperatorError('cannot-listen', `cannot listen on port ${port}: ${cause.code ?? cause.message}`, {
    hint: `${taken}choose another with ${option}`,
    cause,
  });
}
