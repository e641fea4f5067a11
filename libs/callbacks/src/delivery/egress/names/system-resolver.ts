import { getDefaultResultOrder } from 'node:dns';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { EgressResolver } from './egress-resolver.js';
import { parseHosts } from './hosts-file.js';
import { codeOf, queryAddresses } from './query-addresses.js';
import type { FoundAddresses } from './query-addresses.js';
import { candidateNames, parseSearchDomains } from './search-domains.js';
import { WatchedFile } from './watched-file.js';

/** The files that configure name lookups. */
export interface SystemResolverOptions {
  readonly hostsFile?: string;
  readonly resolvConf?: string;
  /** The name servers, as `127.0.0.1:53`; by default those of the system. */
  readonly servers?: readonly string[];
}

const HOSTS_FILE =
  process.platform === 'win32'
    ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';

const LOCALHOST = /^(?:.+\.)?localhost$/;
const LOOPBACK = ['127.0.0.1', '::1'];

/** A name server failed, but another name of the list may still be found. */
const TRY_NEXT = new Set<unknown>(['ESERVFAIL', 'EREFUSED']);

/**
 * Creates a resolver that looks up names as the system does: in the hosts file, then by the name servers, with the
 * search domains. It does not use the threads of `getaddrinfo`.
 */
export function createSystemResolver({
  hostsFile = HOSTS_FILE,
  resolvConf = '/etc/resolv.conf',
  servers,
}: SystemResolverOptions = {}): EgressResolver {
  const hosts = new WatchedFile(hostsFile, parseHosts);
  const domains = new WatchedFile(resolvConf, parseSearchDomains);
  return async (hostname, { signal }) => {
    const name = hostname.toLowerCase();
    const written = hosts.read().get(name.replace(/\.$/, ''));
    if (written) return inOrder({ ipv4: written.filter(isIPv4), ipv6: written.filter((each) => !isIPv4(each)) });
    // RFC 6761, 6.3: name servers are not asked for localhost.
    if (LOCALHOST.test(name.replace(/\.$/, '')))
      return inOrder({ ipv4: LOOPBACK.slice(0, 1), ipv6: LOOPBACK.slice(1) });
    let failure: unknown;
    for (const candidate of candidateNames(name, domains.read())) {
      try {
        const found = await queryAddresses(candidate, signal, servers);
        if (found.ipv4.length + found.ipv6.length > 0) return inOrder(found);
      } catch (error) {
        failure ??= error;
        if (signal.aborted || !TRY_NEXT.has(codeOf(error))) break;
      }
    }
    if (failure !== undefined) throw failure;
    return [];
  };
}

/** The family that Node.js is configured to prefer comes first, or else IPv6 if this machine has it. */
function inOrder({ ipv4, ipv6 }: FoundAddresses): readonly string[] {
  const order = getDefaultResultOrder();
  const isIpv6First = order === 'ipv6first' || (order === 'verbatim' && hasIpv6());
  return isIpv6First ? [...ipv6, ...ipv4] : [...ipv4, ...ipv6];
}

function hasIpv6(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.some(({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe80:/i.test(address));
}
