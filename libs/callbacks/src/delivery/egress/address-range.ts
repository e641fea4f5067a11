import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address of either family, parsed. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A CIDR range: an address in it and the length of its prefix in bits. */
export type AddressRange = readonly [Address, number];

/** Reads an address or a CIDR range; `undefined` where the text is neither. An address is a range of one. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, literal = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  // ipaddr.js would also read 127.1, 0x7f000001 and 017700000001: an option that is spelled like that is a mistake.
  const family = isIP(literal);
  if (family === 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  return length > bits ? undefined : [ipaddr.parse(literal), length];
}

/** Whether an address lies in a range; ranges of the other family hold none. */
export function isInRange(address: Address, [network, length]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, length);
}
