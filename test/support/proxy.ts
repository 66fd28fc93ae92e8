import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './repository.js';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('skipped: there is no openssl here to make a certificate with');

/**
 * Puts servers of this machine where hosts of the net are, for a process that is given the environment that comes
 * back: a proxy that leads to those hosts alone, and a certificate that this process trusts. What is otherwise for this
 * machine alone is not told apart from the real thing then.
 * @param servers addresses by name of the host
 */
export async function behindProxy(
  servers: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  const hosts = Object.keys(servers).map((host) => `DNS:${host}`);
  const names = ['-subj', '/CN=flagops', '-addext', `subjectAltName=${hosts.join(',')}`];
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });

  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => sockets.add(socket) && socket.on('error', () => socket.destroy());
  const identity = { key: readFileSync(key), cert: readFileSync(cert) };
  const secure = Object.fromEntries(
    Object.entries(servers).map(([host, url]) => [
      `${host}:443`,
      createTlsServer(identity, (socket) => {
        const there = keep(connect(Number(new URL(url).port), '127.0.0.1'));
        keep(socket).pipe(there).pipe(socket);
      }),
    ]),
  );
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (asked, socket: Socket) => {
    const server = secure[asked.url ?? ''];
    if (server === undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    keep(socket).write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    NODE_EXTRA_CA_CERTS: cert,
  };
}
