import ipaddr from 'ipaddr.js';
import { isInRange, parseAddressRange } from './address-range.js';
import type { AddressRange } from './address-range.js';

/** A kind of IPv6 address that leads to an IPv4 host. */
export interface TransitionForm {
  /** The kind, as the end of "is …". */
  readonly kind: string;
  /** The number of bits that identify this kind. A wider range is not meant for it. */
  readonly prefix: number;
  /** The IPv4 address inside, for kinds that are public if that address is. All other kinds are blocked. */
  readonly ipv4?: ipaddr.IPv4;
}

interface Form {
  readonly kind: string;
  readonly range: AddressRange;
  readonly isUnwrapped?: boolean;
}

/** RFC 4291, 2.5.5 (mapped, compatible); RFC 6052 and 8215 (NAT64); RFC 3056; RFC 4380; RFC 2765, 2.1. */
const FORMS: readonly Form[] = [
  { kind: 'an IPv4-mapped address', range: range('::ffff:0:0/96'), isUnwrapped: true },
  { kind: 'a NAT64 address', range: range('64:ff9b::/96'), isUnwrapped: true },
  { kind: 'a local NAT64 address', range: range('64:ff9b:1::/48') },
  { kind: 'a 6to4 address', range: range('2002::/16') },
  { kind: 'a Teredo address', range: range('2001::/32') },
  { kind: 'an IPv4-compatible address', range: range('::/96') },
  { kind: 'an IPv4-translated address', range: range('::ffff:0:0:0/96') },
];

/** Returns the form of an address with an IPv4 address inside; `undefined` for any other address. */
export function transitionFormOf(address: ipaddr.IPv6): TransitionForm | undefined {
  // `::` and `::1` are in ::/96, but contain no IPv4 address.
  if (address.range() === 'unspecified' || address.range() === 'loopback') return undefined;
  const form = FORMS.find((candidate) => isInRange(address, candidate.range));
  if (form === undefined) return isIsatap(address) ? { kind: 'an ISATAP address', prefix: 96 } : undefined;
  const { kind, isUnwrapped } = form;
  const ipv4 = isUnwrapped && new ipaddr.IPv4(address.toByteArray().slice(12));
  return { kind, prefix: form.range[1], ...(ipv4 && { ipv4 }) };
}

/** RFC 5214, 6.1: any prefix, then `0:5efe` or `200:5efe`, then the IPv4 address. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high, low] = address.parts.slice(4, 6);
  return (high === 0 || high === 0x200) && low === 0x5efe;
}

function range(cidr: string): AddressRange {
  const parsed = parseAddressRange(cidr);
  if (parsed === undefined) throw new Error(`${cidr} is not a CIDR range`);
  return parsed;
}
