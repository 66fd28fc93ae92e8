import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  der,
  derBits,
  derIdentifier,
  derInteger,
  derOctets,
  derSequence,
  derSet,
  derText,
  derTime,
} from './der.js';
import type { TlsIdentity } from './identity.js';

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/**
 * A certificate and key for this machine: `localhost`, 127.0.0.1 and ::1. The certificate is signed with its own key. It is
 * not a certificate authority, so a client that trusts it trusts nothing else.
 * @param now epoch milliseconds; it is valid from the day before, for a year
 */
export function selfSigned(now: number): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = derSequence(derIdentifier(ECDSA_WITH_SHA256));
  const name = derSequence(
    derSet(derSequence(derIdentifier('2.5.4.3'), derText('flagops simulator (this machine only)'))),
  );
  const serial = randomBytes(16);
  const toBeSigned = derSequence(
    der(0xa0, derInteger(Buffer.from([2]))),
    // Its first byte is never zero, which would not be the shortest form.
    derInteger(Buffer.from([0x40 | (serial[0] ?? 0), ...serial.subarray(1)])),
    algorithm,
    name,
    derSequence(derTime(new Date(now - DAY)), derTime(new Date(now + 365 * DAY))),
    name,
    keyInfo,
    der(0xa3, derSequence(...extensions(createHash('sha1').update(keyInfo).digest()))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = derSequence(toBeSigned, algorithm, derBits(signature));
  return {
    certificate: pem(certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(keyId: Uint8Array): readonly Buffer[] {
  const critical = der(0x01, Buffer.from([0xff]));
  const digitalSignature = derBits(Buffer.from([0x80]), 7);
  const serverAuth = derIdentifier('1.3.6.1.5.5.7.3.1');
  const loopback6 = Buffer.alloc(16);
  loopback6[15] = 1;
  return [
    derSequence(derIdentifier('2.5.29.14'), derOctets(derOctets(keyId))),
    // An empty sequence: not a certificate authority.
    derSequence(derIdentifier('2.5.29.19'), critical, derOctets(derSequence())),
    derSequence(derIdentifier('2.5.29.15'), critical, derOctets(digitalSignature)),
    derSequence(derIdentifier('2.5.29.37'), derOctets(derSequence(serverAuth))),
    derSequence(
      derIdentifier('2.5.29.17'),
      derOctets(derSequence(dnsName('localhost'), address(127, 0, 0, 1), address(...loopback6))),
    ),
  ];
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function dnsName(host: string): Buffer {
  return der(0x82, Buffer.from(host));
}

function address(...bytes: readonly number[]): Buffer {
  return der(0x87, Buffer.from(bytes));
}
