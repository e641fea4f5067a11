import { getDefaultResultOrder } from 'node:dns';
import { isIPv4, isIP } from 'node:net';
import { networkInterfaces, devNull } from 'node:os';
import { readFileSync, statSync, closeSync, openSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { types } from 'node:util';
import type { EgressResolver } from '../egress.options.js';
import { isLocalhost } from '../host-pattern.js';

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
    if (written)
      return inPreferredOrder({ ipv4: written.filter(isIPv4), ipv6: written.filter((each) => !isIPv4(each)) });
    // RFC 6761, 6.3: name servers are not asked for localhost.
    if (isLocalhost(name)) return inPreferredOrder({ ipv4: LOOPBACK.slice(0, 1), ipv6: LOOPBACK.slice(1) });
    let failure: unknown;
    for (const candidate of candidateNames(name, domains.read())) {
      try {
        const found = await queryAddresses(candidate, signal, servers);
        if (found.ipv4.length + found.ipv6.length > 0) return inPreferredOrder(found);
      } catch (error) {
        failure ??= error;
        if (signal.aborted || !TRY_NEXT.has(systemCodeOf(error))) break;
      }
    }
    if (failure !== undefined) throw failure;
    return [];
  };
}

/** The family that Node.js is configured to prefer comes first, or else IPv6 if this machine has it. */
function inPreferredOrder({ ipv4, ipv6 }: FoundAddresses): readonly string[] {
  const order = getDefaultResultOrder();
  const isIpv6First = order === 'ipv6first' || (order === 'verbatim' && hasIpv6());
  return isIpv6First ? [...ipv6, ...ipv4] : [...ipv4, ...ipv6];
}

function hasIpv6(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.some(({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe80:/i.test(address));
}

/** Parses `/etc/hosts`: the addresses of each name, in the order of the file. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      hosts.set(key, [...(hosts.get(key) ?? []), address]);
    }
  }
  return hosts;
}

/** The rules of `/etc/resolv.conf` for completing names. */
export interface SearchDomains {
  readonly search: readonly string[];
  /** A name with at least this many dots is first tried without completion. */
  readonly ndots: number;
}

/** Parses the lines `search`, `domain` and `options ndots:` of `/etc/resolv.conf`: the last one of each counts. */
export function parseSearchDomains(text: string): SearchDomains {
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'search') search = values;
    if (keyword === 'domain') search = values.slice(0, 1);
    const option = keyword === 'options' ? values.findLast((value) => /^ndots:\d+$/.test(value)) : undefined;
    // resolv.conf(5) caps the value at this.
    if (option !== undefined) ndots = Math.min(15, Number(option.slice('ndots:'.length)));
  }
  return { search: search.map((domain) => domain.replace(/^\.|\.$/g, '')).filter((domain) => domain !== ''), ndots };
}

/** Returns the possible full names of a host name, in the order in which they are tried. */
export function candidateNames(hostname: string, { search, ndots }: SearchDomains): readonly string[] {
  if (hostname.endsWith('.')) return [hostname.slice(0, -1)];
  const completed = search.map((domain) => `${hostname}.${domain}`);
  const dots = hostname.split('.').length - 1;
  return dots >= ndots ? [hostname, ...completed] : [...completed, hostname];
}

/**
 * The parsed contents of a small system file, read again after changes. It is read synchronously, since the
 * asynchronous functions of `fs` share their threads with `getaddrinfo`, which a silent name server can block.
 */
class WatchedFile<Content> {
  #version = '';
  #content: Content;

  constructor(
    private readonly path: string,
    private readonly parse: (text: string) => Content,
  ) {
    this.#content = parse('');
  }

  /** @throws the error of the system if the file exists but cannot be read. */
  read(): Content {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    const version = stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    if (version !== this.#version) {
      this.#content = this.parse(stats === undefined ? '' : readFileSync(this.path, 'utf8'));
      this.#version = version;
    }
    return this.#content;
  }
}

/** The reply of the name servers for a name. */
export interface FoundAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** How long to wait for the second family once the first has addresses, in ms: some servers ignore AAAA. */
const SECOND_FAMILY_MS = 1_000;

/** The name has no such record, or does not exist. */
const HAS_NONE = new Set<unknown>(['ENODATA', 'ENOTFOUND']);

/**
 * Asks the name servers for both families of addresses of a name at once. Each call has its own resolver, so that it
 * can be cancelled alone.
 *
 * @param servers - the name servers; those of the system if it is absent.
 * @returns an empty array if the name has no address.
 * @throws the error of c-ares if no server answers, or `signal` is aborted.
 */
async function queryAddresses(
  name: string,
  signal: AbortSignal,
  servers: readonly string[] | undefined,
): Promise<FoundAddresses> {
  const resolver = new Resolver();
  if (servers) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel);
  let impatience: NodeJS.Timeout | undefined;
  const query = async (asked: Promise<string[]>): Promise<{ addresses: string[]; error?: unknown }> => {
    try {
      const addresses = await asked;
      impatience ??= setTimeout(cancel, SECOND_FAMILY_MS);
      return { addresses };
    } catch (error) {
      return HAS_NONE.has(systemCodeOf(error)) ? { addresses: [] } : { addresses: [], error };
    }
  };
  try {
    const [a, aaaa] = await Promise.all([query(resolver.resolve4(name)), query(resolver.resolve6(name))]);
    const found = { ipv4: a.addresses, ipv6: aaaa.addresses };
    if (found.ipv4.length + found.ipv6.length > 0) return found;
    const failed = [a, aaaa].find(({ error }) => error !== undefined);
    if (failed) throw serverError(failed.error);
    return found;
  } finally {
    clearTimeout(impatience);
    signal.removeEventListener('abort', cancel);
  }
}

/** c-ares also reports ECONNREFUSED if this process cannot open a socket. Opening a file shows which it is. */
function serverError(error: unknown): unknown {
  if (systemCodeOf(error) !== 'ECONNREFUSED') return error;
  try {
    closeSync(openSync(devNull, 'r'));
    return error;
  } catch (fault) {
    return fault;
  }
}

/** Returns the code of an error of the system or of c-ares. */
function systemCodeOf(error: unknown): unknown {
  return types.isNativeError(error) && 'code' in error ? error.code : undefined;
}
