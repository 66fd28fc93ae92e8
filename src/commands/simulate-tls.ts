import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OperatorError } from '../diagnostics/operator-error.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openReplacement } from '../files/user-file.js';
import { checkIdentity, type TlsIdentity } from '../simulator/tls/identity.js';
import { selfSigned } from '../simulator/tls/self-signed.js';
import type { SimulateOptions } from './simulate.js';

/**
 * The certificate and key to serve https with: given ones, or new ones. Only the new certificate is written, and only to
 * the file that was named for it; its key is never written.
 * @returns undefined for http
 * @throws OperatorError `bad-certificate`, `tls-unreadable` or `tls-unwritable`
 */
export async function tlsFrom(
  { tls, tlsSave, tlsCert, tlsKey }: SimulateOptions,
  now: () => number = Date.now,
): Promise<TlsIdentity | undefined> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw wrong('--tls-cert and --tls-key belong together', 'give both, or --tls alone');
  }
  if (tlsCert !== undefined && tlsKey !== undefined) {
    if (tlsSave !== undefined) {
      throw wrong('--tls-save is for a certificate that is made at start', 'leave out --tls-save');
    }
    const given = { certificate: await read(tlsCert, '--tls-cert'), key: await read(tlsKey, '--tls-key') };
    checkIdentity(given);
    return given;
  }
  if (!tls && tlsSave === undefined) return undefined;
  const made = selfSigned(now());
  if (tlsSave !== undefined) save(tlsSave, made.certificate);
  return made;
}

async function read(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new OperatorError('tls-unreadable', `cannot read ${path}: ${reasonOf(cause)}`, {
      hint: `name another file with ${option}`,
      cause,
    });
  }
}

function save(path: string, certificate: string): void {
  try {
    const file = openReplacement(resolve(), path);
    file.add(certificate);
    file.close();
  } catch (cause) {
    throw new OperatorError('tls-unwritable', `cannot write to ${path}: ${reasonOf(cause)}`, {
      hint: 'name another file with --tls-save',
      cause,
    });
  }
}

function wrong(message: string, hint: string): OperatorError {
  return new OperatorError('bad-certificate', message, { hint });
}
