import ipaddr from 'ipaddr.js';
import { isInRange, parseAddressRange } from './address-range.js';
import type { AddressRange } from './address-range.js';

/** A kind of IPv6 address that leads to a host of IPv4. */
export interface Ipv4Carrier {
  /** The kind, as the end of "is …". */
  readonly kind: string;
  /** The IPv4 addresses inside. */
  readonly ipv4: readonly ipaddr.IPv4[];
  /** Whether the address is public as soon as the addresses inside are. */
  readonly translated: boolean;
}

interface Form {
  readonly kind: string;
  readonly range: AddressRange;
  /** Where the four bytes of each IPv4 address begin; `~` in front: they are inverted. */
  readonly at: readonly (number | `~${number}`)[];
  readonly translated: boolean;
}

const LAST = [12] as const;

/** RFC 4291, 2.5.5 (mapped, compatible); RFC 6052 and 8215 (NAT64); RFC 3056; RFC 4380, 4; RFC 2765, 2.1. */
const FORMS: readonly Form[] = [
  { kind: 'an IPv4-mapped address', range: range('::ffff:0:0/96'), at: LAST, translated: true },
  { kind: 'a NAT64 address', range: range('64:ff9b::/96'), at: LAST, translated: true },
  { kind: 'a 6to4 address', range: range('2002::/16'), at: [2], translated: true },
  { kind: 'a Teredo address', range: range('2001::/32'), at: [4, '~12'], translated: true },
  { kind: 'an IPv4-compatible address', range: range('::/96'), at: LAST, translated: false },
  { kind: 'an IPv4-translated address', range: range('::ffff:0:0:0/96'), at: LAST, translated: false },
  // Every network has its own prefix length here, so the bytes can stand anywhere: no such address is public.
  { kind: 'a local NAT64 address', range: range('64:ff9b:1::/48'), at: LAST, translated: false },
];

/** The IPv4 addresses that an IPv6 address carries, or `undefined` where it carries none. */
export function ipv4Inside(address: ipaddr.IPv6): Ipv4Carrier | undefined {
  const form = FORMS.find((candidate) => isInRange(address, candidate.range)) ?? isatap(address);
  if (form === undefined) return undefined;
  const bytes = address.toByteArray();
  const ipv4 = form.at.map((place) => ipv4At(bytes, place));
  return { kind: form.kind, ipv4, translated: form.translated };
}

function ipv4At(bytes: readonly number[], place: number | `~${number}`): ipaddr.IPv4 {
  const inverted = typeof place === 'string';
  const start = inverted ? Number(place.slice(1)) : place;
  const four = bytes.slice(start, start + 4);
  return new ipaddr.IPv4(inverted ? four.map((byte) => byte ^ 0xff) : four);
}

/** RFC 5214, 6.1: any prefix, then `0:5efe` or `200:5efe`, then the IPv4 address. */
function isatap(address: ipaddr.IPv6): Omit<Form, 'range'> | undefined {
  const [high, low] = address.parts.slice(4, 6);
  const isIsatap = (high === 0 || high === 0x200) && low === 0x5efe;
  return isIsatap ? { kind: 'an ISATAP address', at: LAST, translated: false } : undefined;
}

function range(cidr: string): AddressRange {
  const parsed = parseAddressRange(cidr);
  if (parsed === undefined) throw new Error(`${cidr} is no CIDR range`);
  return parsed;
}
