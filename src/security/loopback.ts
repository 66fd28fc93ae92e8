import { BlockList, isIP } from 'node:net';

const ADDRESSES = new BlockList();
ADDRESSES.addSubnet('127.0.0.0', 8, 'ipv4');
ADDRESSES.addAddress('::1', 'ipv6');
// A connection to the unspecified address reaches this machine.
ADDRESSES.addAddress('0.0.0.0', 'ipv4');
ADDRESSES.addAddress('::', 'ipv6');

/**
 * Whether a host is this machine: 127.0.0.0/8, `::1`, the unspecified addresses, an IPv6 form of one of those IPv4
 * addresses, `localhost`, or a name below it (RFC 6761: they resolve to loopback).
 * @param host a host as in a URL, in any notation, with or without a port; IPv6 in brackets
 */
export function isLoopback(host: string): boolean {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  // `URL` normalizes every notation of an address, percent-encoding and full-width digits.
  if (url === undefined || url.href !== `http://${url.host}/`) return false;
  const name = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(name);
  if (version !== 0) return ADDRESSES.check(name, version === 4 ? 'ipv4' : 'ipv6');
  return name === 'localhost' || name.endsWith('.localhost');
}
