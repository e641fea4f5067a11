import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isInRange, parseAddress, parseAddressRange } from './address-range.js';
import type { Address, AddressRange } from './address-range.js';
import { ipv4Inside } from './ipv4-in-ipv6.js';

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

/**
 * Says why an IP address may not be connected to: `127.0.0.1 is a loopback address`. Public unicast addresses, and
 * those in `allow`, may be: they give `undefined`. What is no IP literal is blocked, and so is an IPv6 zone id.
 */
export function addressIssue(literal: string, allow: readonly AddressRange[] = []): string | undefined {
  const address = parseAddress(literal);
  if (address === undefined) {
    const hasZone = isIPv6(literal) && literal.includes('%');
    return `${literal} ${hasZone ? 'has a zone id, which means something on one machine only' : 'is not an IP address'}`;
  }
  const kind = isAllowed(address, allow) ? undefined : specialKind(address);
  return kind === undefined ? undefined : `${literal} is ${kind}`;
}

/** An IPv4-mapped address is the IPv4 address itself, spelled for an IPv6 socket. */
function isAllowed(address: Address, allow: readonly AddressRange[]): boolean {
  const spellings = [address];
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) spellings.push(address.toIPv4Address());
  return allow.some((range) => spellings.some((spelling) => isInRange(spelling, range)));
}

/** What makes an address no public unicast address. */
function specialKind(address: Address): string | undefined {
  const range: string = address.range();
  if (address instanceof ipaddr.IPv4) {
    if (address.toString() === AZURE_PLATFORM) return 'the platform address of Azure';
    return range === 'unicast' ? undefined : nameOf(range);
  }
  // These two stand in ::/96, and carry nothing.
  if (range === 'loopback' || range === 'unspecified') return nameOf(range);
  const carrier = ipv4Inside(address);
  if (carrier) {
    for (const ipv4 of carrier.ipv4) {
      const kind = specialKind(ipv4);
      if (kind !== undefined) return `${carrier.kind} of ${ipv4.toString()}, ${kind}`;
    }
    if (carrier.translated) return undefined;
  }
  if (range !== 'unicast') return nameOf(range);
  // ipaddr.js calls everything unicast that no registry names; only this part of it is given out.
  return isInRange(address, GLOBAL_UNICAST) ? undefined : 'outside of 2000::/3, where public IPv6 addresses are';
}

function nameOf(range: string): string {
  return KINDS[range] ?? `a special-purpose address (${range})`;
}
