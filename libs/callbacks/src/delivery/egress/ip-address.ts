import { isIP, isIPv6 } from 'node:net';
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
function isInRange(address: Address, [network, length]: AddressRange): boolean {
  return address.kind() === network.kind() && address.match(network, length);
}

/** Describes the special ranges of ipaddr.js, which are those of IANA's registries, as the end of "is …". */
const KINDS: Readonly<Record<string, string>> = {
  unspecified: 'an unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  private: 'a private address',
  carrierGradeNat: 'a carrier-grade NAT address',
  uniqueLocal: 'a unique local address',
  deprecatedSiteLocal: 'a site-local address',
  discard: 'a discard-only address',
  benchmarking: 'a benchmarking address',
  segmentRouting: 'a segment routing address',
  reserved: 'a reserved address',
};

/** Azure serves the configuration of every virtual machine at this public address. */
const AZURE_PLATFORM = '168.63.129.16';
const GLOBAL_UNICAST = parseAddressRange('2000::/3')!;

/** The address ranges in the options of the app. */
export interface AddressRules {
  /** Ranges that may be connected to although they are not public. */
  readonly allow: readonly AddressRange[];
  /** Ranges that are never connected to, even if they are public or allowed. */
  readonly deny: readonly AddressRange[];
}

const NO_RULES: AddressRules = { allow: [], deny: [] };

/**
 * Returns why an IP address may not be connected to: `127.0.0.1 is a loopback address`. Public unicast addresses and
 * those in `allow` give `undefined`. A string that is not an IP literal is blocked, and so is an IPv6 zone id.
 */
export function addressIssue(literal: string, { allow, deny }: AddressRules = NO_RULES): string | undefined {
  const address = parseAddress(literal);
  if (address === undefined) {
    const hasZone = isIPv6(literal) && literal.includes('%');
    return `${literal} ${hasZone ? 'has a zone id, which is valid on one machine only' : 'is not an IP address'}`;
  }
  if (isDenied(address, deny)) return `${literal} is in a range of \`egress.deny\``;
  const kind = isAllowed(address, allow) ? undefined : specialKind(address);
  return kind === undefined ? undefined : `${literal} is ${kind}`;
}

/** Whether an address, or the IPv4 address inside it, is in one of the ranges. */
export function isDenied(address: Address, deny: readonly AddressRange[]): boolean {
  const ipv4 = address instanceof ipaddr.IPv6 ? transitionFormOf(address)?.ipv4 : undefined;
  return deny.some((range) => isInRange(address, range) || (ipv4 !== undefined && isInRange(ipv4, range)));
}

/** `::/0` allows IPv6 addresses, but not the IPv4 addresses that some of them lead to. */
function isAllowed(address: Address, allow: readonly AddressRange[]): boolean {
  if (address instanceof ipaddr.IPv4) return allow.some((range) => isInRange(address, range));
  const prefix = transitionFormOf(address)?.prefix ?? 0;
  // An IPv4-mapped address is an IPv4 address in the notation of IPv6 sockets.
  const mapped = address.isIPv4MappedAddress() ? address.toIPv4Address() : undefined;
  return allow.some(
    (range) => (range[1] >= prefix && isInRange(address, range)) || (mapped !== undefined && isInRange(mapped, range)),
  );
}

/** Returns the kind of an address that is not public unicast. */
function specialKind(address: Address): string | undefined {
  const range: string = address.range();
  if (address instanceof ipaddr.IPv4) {
    if (address.toString() === AZURE_PLATFORM) return "Azure's platform address";
    return range === 'unicast' ? undefined : nameOf(range);
  }
  const form = transitionFormOf(address);
  if (form) {
    if (!form.ipv4) return form.kind;
    const kind = specialKind(form.ipv4);
    return kind === undefined ? undefined : `${form.kind} of ${form.ipv4.toString()}, ${kind}`;
  }
  if (range !== 'unicast') return nameOf(range);
  // ipaddr.js reports every unregistered address as unicast, but only this range is allocated.
  return isInRange(address, GLOBAL_UNICAST) ? undefined : 'outside of 2000::/3, the range of public IPv6 addresses';
}

function nameOf(range: string): string {
  return KINDS[range] ?? `a special-purpose address (${range})`;
}

/** A kind of IPv6 address that leads to an IPv4 host. */
interface TransitionForm {
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

const LOCAL_NAT64 = cidrRange('64:ff9b:1::/48');

/** RFC 4291, 2.5.5 (mapped, compatible); RFC 6052 and 8215 (NAT64); RFC 3056; RFC 4380; RFC 2765, 2.1. */
const FORMS: readonly Form[] = [
  { kind: 'an IPv4-mapped address', range: cidrRange('::ffff:0:0/96'), isUnwrapped: true },
  { kind: 'a NAT64 address', range: cidrRange('64:ff9b::/96'), isUnwrapped: true },
  { kind: 'a local NAT64 address', range: LOCAL_NAT64 },
  { kind: 'a 6to4 address', range: cidrRange('2002::/16') },
  { kind: 'a Teredo address', range: cidrRange('2001::/32') },
  { kind: 'an IPv4-compatible address', range: cidrRange('::/96') },
  { kind: 'an IPv4-translated address', range: cidrRange('::ffff:0:0:0/96') },
];

/** Returns the form of an address with an IPv4 address inside; `undefined` for any other address. */
function transitionFormOf(address: ipaddr.IPv6): TransitionForm | undefined {
  // `::` and `::1` are in ::/96, but contain no IPv4 address.
  if (address.range() === 'unspecified' || address.range() === 'loopback') return undefined;
  const form = FORMS.find((candidate) => isInRange(address, candidate.range));
  if (form === undefined) return isIsatap(address) ? { kind: 'an ISATAP address', prefix: 96 } : undefined;
  const { kind, isUnwrapped } = form;
  const ipv4 = isUnwrapped && new ipaddr.IPv4(address.toByteArray().slice(12));
  return { kind, prefix: form.range[1], ...(ipv4 && { ipv4 }) };
}

/**
 * Returns what one customer usually has as a whole: an IPv4 address, also of the IPv6 address that leads to it, or the
 * /64 of an IPv6 address.
 */
export function networkOf(literal: string): string {
  const address = parseAddress(literal);
  if (!(address instanceof ipaddr.IPv6)) return literal;
  // Each address leads to another IPv4 host, and the network decides where in it the IPv4 address is.
  if (isInRange(address, LOCAL_NAT64)) return address.toString();
  const ipv4 = transitionFormOf(address)?.ipv4;
  return ipv4?.toString() ?? ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/64`).toString();
}

/** RFC 5214, 6.1: any prefix, then `0:5efe` or `200:5efe`, then the IPv4 address. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high, low] = address.parts.slice(4, 6);
  return (high === 0 || high === 0x200) && low === 0x5efe;
}

function cidrRange(cidr: string): AddressRange {
  const parsed = parseAddressRange(cidr);
  if (parsed === undefined) throw new Error(`${cidr} is not a CIDR range`);
  return parsed;
}
