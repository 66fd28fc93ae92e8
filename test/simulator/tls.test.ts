import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { simulate, type SimulateOptions } from '../../src/commands/simulate.js';
import { selfSigned } from '../../src/simulator/tls/self-signed.js';

let folder: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flagops-tls-'));
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command in this process until the test ends. */
async function run(options: SimulateOptions): Promise<{ readonly url: string; readonly shown: string }> {
  const abort = new AbortController();
  let url = '';
  let shown = '';
  await new Promise<void>((resolve, reject) => {
    const code = simulate(
      { port: 0, ...options },
      {
        stdout: (text) => {
          url += text.trim();
        },
        stderr: (text) => {
          shown += text;
          resolve();
        },
        publicStderr: (text) => {
          shown += text;
        },
        signal: abort.signal,
      },
    );
    code.catch(reject);
    stops.push(async () => {
      abort.abort();
      await code.catch(() => undefined);
    });
  });
  return { url, shown };
}

/** Sends a GET request over https. @param ca the certificate to trust */
function get(url: string, ca?: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { headers: { authorization: 'api-writer' }, ...(ca === undefined ? {} : { ca }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject).end();
  });
}

const IDENTITY = '/api/v2/caller-identity';

describe('a certificate that is made', () => {
  const now = Date.UTC(2026, 0, 1);

  test('it is for this machine only, for a year, and for nothing else', () => {
    const certificate = new X509Certificate(selfSigned(now).certificate);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('app.launchdarkly.com')).toBeUndefined();
    expect([certificate.validFrom, certificate.validTo].map((date) => Date.parse(date))).toEqual([
      now - 86_400_000,
      now + 365 * 86_400_000,
    ]);
  });

  test('each has its own key and serial number, and dates after 2049 are valid too', () => {
    const [one, other] = [selfSigned(now), selfSigned(Date.UTC(2060, 1, 29))];
    expect(one.key).not.toBe(other.key);
    const late = new X509Certificate(other.certificate);
    expect(late.serialNumber).not.toBe(new X509Certificate(one.certificate).serialNumber);
    expect(late.validTo).toMatch(/Feb 28 .*2061/);
  });
});

describe('simulate --tls', () => {
  test('it serves the API and the page over https to clients that trust the saved certificate, and to no others', async () => {
    const file = join(folder, 'simulator.pem');
    const { url, shown } = await run({ tls: true, tlsSave: file });
    const certificate = await readFile(file, 'utf8');
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(shown).toContain(`NODE_EXTRA_CA_CERTS=${file}`);
    expect(shown).toContain(`SSL_CERT_FILE=${file}`);
    expect((await get(`${url}${IDENTITY}`, certificate)).status).toBe(200);
    const local = url.replace('127.0.0.1', 'localhost');
    expect((await get(`${local}${IDENTITY}`, certificate)).status).toBe(200);
    expect((await get(url, certificate)).text).toContain('NODE_EXTRA_CA_CERTS');
    expect((await get(`${url}/page/certificate.pem`, certificate)).text).toBe(certificate);
    await expect(get(`${url}${IDENTITY}`)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(certificate).not.toContain('PRIVATE KEY');
    expect(await readdir(folder)).toEqual(['simulator.pem']);
  });

  test('faults break connections over https as well', async () => {
    const file = join(folder, 'simulator.pem');
    const { url } = await run({ tlsSave: file, fault: ['reset-before,every=2', 'reset-after,every=3'] });
    const certificate = await readFile(file, 'utf8');
    expect((await get(`${url}${IDENTITY}`, certificate)).status).toBe(200);
    for (let count = 0; count < 2; count += 1) {
      await expect(get(`${url}${IDENTITY}`, certificate)).rejects.toThrow(/socket|ECONNRESET/);
    }
  });

  test('without --tls-save nothing is written, and the certificate can be fetched', async () => {
    const before = await readdir(folder);
    const { url, shown } = await run({ tls: true });
    expect(shown).toContain(`curl -k ${url}/page/certificate.pem`);
    expect(await readdir(folder)).toEqual(before);
  });

  test('NODE_EXTRA_CA_CERTS makes a Node.js process trust it', async () => {
    const file = join(folder, 'simulator.pem');
    const { url } = await run({ tlsSave: file });
    const script = `const reply = await fetch(${JSON.stringify(url + IDENTITY)}, { headers: { authorization: 'api-writer' } });
      console.log(reply.status);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: file } },
    );
    expect(stdout.trim()).toBe('200');
  });

  test('a given certificate and key are used', async () => {
    const { certificate, key } = selfSigned(Date.now());
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(tlsCert, certificate);
    await writeFile(tlsKey, key);
    const { url, shown } = await run({ tlsCert, tlsKey });
    expect(shown).toContain(`SSL_CERT_FILE=${tlsCert}`);
    expect((await get(`${url}${IDENTITY}`, certificate)).status).toBe(200);
  });

  test('plain http has no certificate', async () => {
    const { url, shown } = await run({});
    expect(url).toMatch(/^http:/);
    expect(shown).not.toContain('SSL_CERT_FILE');
    const reply = await fetch(`${url}/page/certificate.pem`);
    expect(reply.status).toBe(404);
    expect(await (await fetch(url)).text()).not.toContain('NODE_EXTRA_CA_CERTS');
  });

  test.each<[string, SimulateOptions]>([
    ['bad-certificate', { tlsCert: 'cert.pem' }],
    ['bad-certificate', { tlsKey: 'key.pem' }],
    ['bad-certificate', { tlsCert: 'cert.pem', tlsKey: 'key.pem', tlsSave: 'copy.pem' }],
    ['tls-unreadable', { tlsCert: 'none.pem', tlsKey: 'key.pem' }],
    ['tls-unreadable', { tlsCert: 'cert.pem', tlsKey: 'none.pem' }],
    ['bad-certificate', { tlsCert: 'key.pem', tlsKey: 'key.pem' }],
    ['bad-certificate', { tlsCert: 'cert.pem', tlsKey: 'cert.pem' }],
    ['bad-certificate', { tlsCert: 'cert.pem', tlsKey: 'other-key.pem' }],
    ['tls-unwritable', { tlsSave: 'folder/none/at/all.pem' }],
  ])('it fails with %s for %j', async (code, options) => {
    const { certificate, key } = selfSigned(Date.now());
    await writeFile(join(folder, 'cert.pem'), certificate);
    await writeFile(join(folder, 'key.pem'), key);
    await writeFile(join(folder, 'other-key.pem'), selfSigned(Date.now()).key);
    const named = Object.fromEntries(
      Object.entries(options).map(([name, file]) => [name, join(folder, String(file))]),
    );
    const error: unknown = await run(named).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('PRIVATE KEY');
  });
});
