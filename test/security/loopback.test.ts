import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../src/security/loopback.js';

/** A host as flagops gets it: from a parsed URL. */
const hostOf = (written: string): string => new URL(`http://${written}/`).host;

describe('isLoopback', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST',
    'localhost.',
    'localhost.:8080',
    'a.localhost',
    'a.b.localhost.:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.',
    '127.8.9.10:4010',
    '127.255.255.255',
    '127.1',
    '127.0.1:8080',
    '0x7f.1',
    '0x7F000001',
    '0177.0.0.1',
    '017700000001',
    '2130706433',
    '%31%32%37.0.0.1',
    '%6cocalhost',
    '１２７.0.0.1',
    'ⓛocalhost',
    '127。0。0。1',
    '0.0.0.0',
    '0.0.0.0:4010',
    '0',
    '0x0',
    '[::1]',
    '[::1]:8080',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]:1',
    '[::]',
    '[::]:4010',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]:4010',
    '[0:0:0:0:0:ffff:127.1.2.3]',
    '[::ffff:0.0.0.0]',
  ])('isLoopback accepts %s', (written) => {
    expect(isLoopback(hostOf(written))).toBe(true);
  });

  it.each([
    'app.launchdarkly.com',
    '10.0.0.1',
    '128.0.0.1',
    '126.255.255.255',
    '0.0.0.1',
    '192.168.0.1:80',
    '127.0.0.1.example.com',
    'localhost.example.com:80',
    'notlocalhost',
    'localhost-',
    'xn--localhost-.example',
    '[::2]:1',
    '[1::1]',
    '[::ffff:10.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])('isLoopback rejects %s', (written) => {
    expect(isLoopback(hostOf(written))).toBe(false);
  });

  it('isLoopback rejects text that is not a host', () => {
    for (const text of ['', ':80', 'a b', '127.0.0.1/x', 'x@127.0.0.1', '::1']) {
      expect(isLoopback(text)).toBe(false);
    }
  });

  it('isLoopback accepts the IPv4 addresses 127.0.0.0/8 and 0.0.0.0 in every notation, and no others', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const expected = a === 127 || number === 0;
        const notations = [
          `${a}.${b}.${c}.${d}`,
          String(number),
          `0x${number.toString(16)}`,
          `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
        ];
        for (const written of notations)
          expect([written, isLoopback(hostOf(written))]).toEqual([written, expected]);
      }),
      { examples: [[[127, 0, 0, 1]], [[0, 0, 0, 0]], [[127, 255, 255, 255]], [[128, 0, 0, 0]]] },
    );
  });
});
