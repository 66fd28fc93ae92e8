import { createPrivateKey, X509Certificate } from 'node:crypto';
import { OperatorError } from '../../diagnostics/operator-error.js';

/** A certificate and its key, with which a server proves its name. */
export interface TlsIdentity {
  /** In PEM; further certificates of its chain may follow. */
  readonly certificate: string;
  /** The private key in PEM. It never leaves the process. */
  readonly key: string;
}

/**
 * Checks that a certificate and a key are valid PEM and belong together.
 * @throws OperatorError `bad-certificate`
 */
export function checkIdentity({ certificate, key }: TlsIdentity): void {
  const parsed = attempt(
    () => new X509Certificate(certificate),
    'the file of --tls-cert has no certificate in PEM',
  );
  const privateKey = attempt(() => createPrivateKey(key), 'the file of --tls-key has no private key in PEM');
  if (!parsed.checkPrivateKey(privateKey)) throw bad('the certificate and the key do not belong together');
}

function attempt<T>(parse: () => T, message: string): T {
  try {
    return parse();
  } catch {
    // The cause is not kept: it could contain parts of the key.
    throw bad(message);
  }
}

function bad(message: string): OperatorError {
  return new OperatorError('bad-certificate', message, {
    hint: 'name a certificate and its unencrypted key, or use --tls alone to have them made',
  });
}
