import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isInRange, parseAddress, parseAddressRange } from './address-range.js';
import type { Address, AddressRange } from './address-range.js';
import { transitionFormOf } from './transition-form.js';

/** What ipaddr.js calls the special ranges, by the registries of IANA, as the end of "is …". */
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

/** Azure answers every virtual machine from this public address, with its configuration. */
const AZURE_PLATFORM = '168.63.129.16';
const GLOBAL_UNICAST = parseAddressRange('2000::/3')!;

/** What the app says of addresses. */
export interface AddressRules {
  /** Ranges that are connected to although they are not public. */
  readonly allow: readonly AddressRange[];
  /** Ranges that are never connected to. */
  readonly deny: readonly AddressRange[];
}

const NO_RULES: AddressRules = { allow: [], deny: [] };

/**
 * Says why an IP address may not be connected to: `127.0.0.1 is a loopback address`. Public unicast addresses, and
 * those in `allow`, may be: they give `undefined`. What is not an IP literal is blocked, and so is an IPv6 zone id.
 */
export function addressIssue(literal: string, { allow, deny }: AddressRules = NO_RULES): string | undefined {
  const address = parseAddress(literal);
  if (address === undefined) {
    const hasZone = isIPv6(literal) && literal.includes('%');
    return `${literal} ${hasZone ? 'has a zone id, which means something on one machine only' : 'is not an IP address'}`;
  }
  if (isDenied(address, deny)) return `${literal} is in a range of \`egress.deny\``;
  const kind = isAllowed(address, allow) ? undefined : specialKind(address);
  return kind === undefined ? undefined : `${literal} is ${kind}`;
}

/** Whether an address is in one of the ranges, in itself or by the IPv4 address that it leads to. */
export function isDenied(address: Address, deny: readonly AddressRange[]): boolean {
  const ipv4 = address instanceof ipaddr.IPv6 ? transitionFormOf(address)?.ipv4 : undefined;
  return deny.some((range) => isInRange(address, range) || (ipv4 !== undefined && isInRange(ipv4, range)));
}

/** Whoever opens `::/0` means IPv6, and not the IPv4 addresses behind it. */
function isAllowed(address: Address, allow: readonly AddressRange[]): boolean {
  if (address instanceof ipaddr.IPv4) return allow.some((range) => isInRange(address, range));
  const prefix = transitionFormOf(address)?.prefix ?? 0;
  // An IPv4-mapped address is the IPv4 address itself, spelled for an IPv6 socket.
  const mapped = address.isIPv4MappedAddress() ? address.toIPv4Address() : undefined;
  return allow.some(
    (range) => (range[1] >= prefix && isInRange(address, range)) || (mapped !== undefined && isInRange(mapped, range)),
  );
}

/** What makes an address other than a public unicast one. */
function specialKind(address: Address): string | undefined {
  const range: string = address.range();
  if (address instanceof ipaddr.IPv4) {
    if (address.toString() === AZURE_PLATFORM) return 'the platform address of Azure';
    return range === 'unicast' ? undefined : nameOf(range);
  }
  const form = transitionFormOf(address);
  if (form) {
    if (!form.ipv4) return form.kind;
    const kind = specialKind(form.ipv4);
    return kind === undefined ? undefined : `${form.kind} of ${form.ipv4.toString()}, ${kind}`;
  }
  if (range !== 'unicast') return nameOf(range);
  // ipaddr.js calls everything unicast that no registry names; only this part of it is given out.
  return isInRange(address, GLOBAL_UNICAST) ? undefined : 'outside of 2000::/3, where public IPv6 addresses are';
}

function nameOf(range: string): string {
  return KINDS[range] ?? `a special-purpose address (${range})`;
}
