import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './repository.js';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('skipped: there is no openssl to create a certificate with');

/**
 * Makes local servers reachable under the names of internet hosts, so that code treats them like the real hosts.
 * @param servers URL of the local server by host name
 * @returns the environment for a process that should see these hosts: a proxy that connects only to them, and a
 *   certificate authority to trust
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
  const track = (socket: Socket): Socket => sockets.add(socket) && socket.on('error', () => socket.destroy());
  const identity = { key: readFileSync(key), cert: readFileSync(cert) };
  const secure = Object.fromEntries(
    Object.entries(servers).map(([host, url]) => [
      `${host}:443`,
      createTlsServer(identity, (socket) => {
        const upstream = track(connect(Number(new URL(url).port), '127.0.0.1'));
        track(socket).pipe(upstream).pipe(socket);
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
    track(socket).write('HTTP/1.1 200 Connection established\r\n\r\n');
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
