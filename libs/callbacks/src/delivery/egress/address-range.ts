import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address of either family, parsed. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A CIDR range: an address in it and the length of its prefix in bits. */
export type AddressRange = readonly [Address, number];

const DOTTED_END = /\d+\.\d+\.\d+\.\d+$/;

/** Reads an address or a CIDR range; `undefined` if the text is neither. An address is a range of one. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, literal = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(literal);
  if (address === undefined) return undefined;
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  return length > bits ? undefined : [address, length];
}

/**
 * Reads an IP address as a socket would: not 127.1, 0x7f000001 or 017700000001, which ipaddr.js reads too, and nothing
 * with a zone id.
 */
export function parseAddress(literal: string): Address | undefined {
  if (isIP(literal) === 0 || literal.includes('%')) return undefined;
  // ipaddr.js takes ::10.0.0.1 for ::ffff:10.0.0.1, so it is given no IPv6 address that ends in dots.
  return ipaddr.parse(literal.includes(':') ? literal.replace(DOTTED_END, inHextets) : literal);
}

/**
 * What a developer should know of a range: that it has bits of a host in it, or is the whole family. `undefined` if it is
 * what it looks like.
 */
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

/** Whether an address lies in a range; ranges of the other family hold none. */
export function isInRange(address: Address, [network, length]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, length);
}
