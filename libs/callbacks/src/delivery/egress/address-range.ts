import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A parsed address of either family. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A CIDR range: an address and the length of the prefix in bits. */
export type AddressRange = readonly [Address, number];

const DOTTED_END = /\d+\.\d+\.\d+\.\d+$/;

/** Parses an address or a CIDR range; `undefined` for anything else. An address is a range of one. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, literal = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(literal);
  if (address === undefined) return undefined;
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  return length > bits ? undefined : [address, length];
}

/**
 * Parses an IP address as a socket does: ipaddr.js also accepts 127.1, 0x7f000001 and 017700000001, and addresses with
 * a zone id.
 */
export function parseAddress(literal: string): Address | undefined {
  if (isIP(literal) === 0 || literal.includes('%')) return undefined;
  // ipaddr.js reads ::10.0.0.1 as ::ffff:10.0.0.1, so it must not get an IPv6 address with dots.
  return ipaddr.parse(literal.includes(':') ? literal.replace(DOTTED_END, inHextets) : literal);
}

/** Returns a warning about a range that is larger than it looks: it has host bits, or is the whole family. */
export function rangeWarning(text: string): string | undefined {
  const [address, length] = parseAddressRange(text) ?? [];
  if (address === undefined || length === undefined) return undefined;
  if (length === 0) return `is every address of ${address.kind() === 'ipv4' ? 'IPv4' : 'IPv6'}`;
  const Family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  const network = Family.networkAddressFromCIDR(`${address.toString()}/${length}`).toString();
  return network === address.toString() ? undefined : `is ${network}/${length}, which is more than that address`;
}

function inHextets(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** Whether an address is in a range of the same family. */
export function isInRange(address: Address, [network, length]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, length);
}
