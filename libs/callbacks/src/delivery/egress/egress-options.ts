import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';
import { parseAddressRange } from './address-range.js';
import type { EgressResolver } from './names/egress-resolver.js';
import { proxyIssue } from './proxy-options.js';
import { hostsIssue, tlsIssue } from './tls-options.js';
import type { EgressTlsOptions } from './tls-options.js';

/**
 * What may be connected to. A callback URL comes from a stranger, so by default only `https:` URLs on port 443 are
 * called back, and only at public unicast addresses.
 *
 * @example
 * const egress = { allow: ['127.0.0.1', '::1'], ports: [3001], http: true };
 */
export interface EgressOptions {
  /**
   * IP addresses and CIDR ranges that are connected to although they are not public: `'10.0.0.0/8'`, `'127.0.0.1'`,
   * `'::1'`. A host name is called if each of its addresses is public or allowed, so `localhost` mostly needs
   * both `'127.0.0.1'` and `'::1'`. A range of IPv4 also holds for the IPv4-mapped form (`::ffff:10.0.0.1`), and for
   * no other form of IPv6 that leads to it. `'::/0'` opens none of these forms.
   *
   * @default []
   */
  allow?: readonly string[];

  /**
   * IP addresses and CIDR ranges that are never connected to: public ones that trust your server, or a part of what
   * `allow` opens.
   *
   * @default []
   */
  deny?: readonly string[];

  /**
   * The only hosts that are called: `'hooks.example'`, or `'*.partner.example'` for every name below that one. It narrows
   * only: a private address of such a host still needs `allow`, and another port still needs `ports`. An empty array lets
   * nothing be called.
   *
   * @default every host
   */
  hosts?: readonly string[];

  /**
   * Ports that are connected to beside the default of the scheme: 443 for `https:`, and 80 for `http:` where `http` is
   * true. They hold for allowed addresses too, so list the port of a receiver on your own machine.
   *
   * @default []
   */
  ports?: readonly number[];

  /**
   * Whether plain `http:` URLs are called back too. What is sent to them can be read and changed on its way.
   *
   * @default false
   */
  http?: boolean;

  /**
   * The one proxy that every callback goes through, by CONNECT: `'http://proxy.internal:3128'`, with credentials if it wants
   * some. It resolves the names of receivers, so `allow` and `deny` hold for addresses in URLs only: what names may lead to
   * is for the proxy to say.
   *
   * @default none: the proxies of the environment are not used
   */
  proxy?: string;

  /** Authorities to trust beside those of Node, and client certificates for named hosts. */
  tls?: EgressTlsOptions;

  /**
   * Finds the addresses of host names, every one of which is still checked. By default they are looked up in the hosts
   * file and by the name servers of `/etc/resolv.conf`, with its search domains.
   *
   * @example
   * import { lookup } from 'node:dns/promises';
   *
   * // Whatever the operating system knows, on the few threads of `getaddrinfo`.
   * const egress = { resolver: (hostname: string) => lookup(hostname, { all: true }) };
   */
  resolver?: EgressResolver;
}

const CHECKS: OptionChecks<EgressOptions> = {
  allow: rangesIssue,
  deny: rangesIssue,
  hosts: hostsIssue,
  ports: (value) => checkItems(value, isPort, 'whole numbers from 1 to 65535'),
  http: (value) => (typeof value === 'boolean' ? undefined : 'is true or false'),
  proxy: proxyIssue,
  tls: tlsIssue,
  resolver: (value) => (typeof value === 'function' ? undefined : 'is a function that gives the addresses of a name'),
};

/** Says what `egress` must be, as the end of "must be …", or `undefined` if it is that. */
export function egressIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, CHECKS);
}

function checkItems(value: unknown, isRight: (item: unknown) => boolean, what: string): string | undefined {
  if (!Array.isArray(value)) return `is an array of ${what}`;
  const wrong = value.filter((item) => !isRight(item)).map((item) => String(JSON.stringify(item)));
  return wrong.length > 0 ? `has only ${what}, and not ${wrong.join(', ')}` : undefined;
}

function rangesIssue(value: unknown): string | undefined {
  return checkItems(value, isRange, 'IP addresses and CIDR ranges ("10.0.0.0/8")');
}

function isRange(item: unknown): boolean {
  return typeof item === 'string' && parseAddressRange(item) !== undefined;
}

function isPort(item: unknown): boolean {
  return typeof item === 'number' && Number.isInteger(item) && item >= 1 && item <= 65_535;
}
