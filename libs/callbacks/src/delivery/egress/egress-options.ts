import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';
import { parseAddressRange, rangeWarning } from './ip-address.js';
import type { AddressRules } from './ip-address.js';
import { proxyIssue, parseProxy } from './proxy-tunnel.js';
import type { Proxy } from './proxy-tunnel.js';
import { createSecureContexts, tlsIssue } from './tls-options.js';
import type { EgressTlsOptions, SecureContexts } from './tls-options.js';
import { hostsIssue, parseHostPattern } from './host-pattern.js';
import type { HostPattern } from './host-pattern.js';

/**
 * Which URLs may be called. Callback URLs are untrusted, so by default only `https:` URLs on port 443 at public unicast
 * addresses are called.
 *
 * @example
 * const egress = { allow: ['127.0.0.1', '::1'], ports: [3001], http: true };
 */
export interface EgressOptions {
  /**
   * IP addresses and CIDR ranges that may be connected to although they are not public: `'10.0.0.0/8'`, `'127.0.0.1'`,
   * `'::1'`. Every address of a host name must be public or allowed, so `localhost` usually needs both `'127.0.0.1'`
   * and `'::1'`. An IPv4 range also applies to the IPv4-mapped form (`::ffff:10.0.0.1`), but not to other IPv6 forms of
   * IPv4 addresses. `'::/0'` allows none of these forms.
   *
   * @default []
   */
  allow?: readonly string[];

  /**
   * IP addresses and CIDR ranges that are never connected to: public ones that trust your server, or a part of the
   * ranges in `allow`.
   *
   * @default []
   */
  deny?: readonly string[];

  /**
   * The only hosts that may be called: `'hooks.example'`, or `'*.partner.example'` for every name below that one. The
   * list only restricts: a private address of such a host still needs `allow`, and another port still needs `ports`.
   * With an empty array, no host may be called.
   *
   * @default every host
   */
  hosts?: readonly string[];

  /**
   * Allowed ports besides the default of the scheme: 443 for `https:`, and 80 for `http:` if `http` is true. This
   * applies to allowed addresses too, so list the port of a receiver on your own machine.
   *
   * @default []
   */
  ports?: readonly number[];

  /**
   * Whether plain `http:` URLs may be called too. Their requests can be read and changed on the way.
   *
   * @default false
   */
  http?: boolean;

  /**
   * The proxy that every callback is sent through, with CONNECT: `'http://proxy.internal:3128'`, with credentials if it
   * needs them. It resolves the names of receivers, so `allow` and `deny` apply only to addresses in URLs: the proxy
   * must decide which addresses names may have.
   *
   * @default none (proxies in environment variables are not used)
   */
  proxy?: string;

  /** Certificate authorities to trust besides those of Node.js, and client certificates for certain hosts. */
  tls?: EgressTlsOptions;

  /**
   * Finds the addresses of host names. Every address is still checked. By default, names are looked up in the hosts
   * file and by the name servers and search domains of `/etc/resolv.conf`.
   *
   * @example
   * import { lookup } from 'node:dns/promises';
   *
   * // Uses the resolver of the operating system, which has only a few threads.
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
  resolver: (value) => (typeof value === 'function' ? undefined : 'is a function that returns the addresses of a name'),
};

/** Returns what `egress` must be, as the end of "must be …", or `undefined` if it is valid. */
export function egressIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, CHECKS);
}

function checkItems(value: unknown, isRight: (item: unknown) => boolean, what: string): string | undefined {
  if (!Array.isArray(value)) return `is an array of ${what}`;
  const wrong = value.filter((item) => !isRight(item)).map((item) => String(JSON.stringify(item)));
  return wrong.length > 0 ? `contains only ${what}, not ${wrong.join(', ')}` : undefined;
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

/** The options that a resolver gets besides the host name. */
export interface EgressResolverOptions {
  /** Aborted once no attempt needs the addresses. */
  readonly signal: AbortSignal;
}

/** An IP address: a string, or an object as `dns.promises.lookup()` returns it. */
export type ResolvedAddress = string | { readonly address: string };

/**
 * Finds the addresses of a host name. It replaces the name lookup of the egress guard, which still checks every
 * address. Addresses are tried in the given order, alternating between the families.
 *
 * @example
 * import { Resolver } from 'node:dns/promises';
 *
 * const names = new Resolver();
 * names.setServers(['10.0.0.53']);
 * const egress = { resolver: (hostname: string) => names.resolve4(hostname) };
 */
export type EgressResolver = (
  hostname: string,
  options: EgressResolverOptions,
) => Promise<readonly ResolvedAddress[]> | readonly ResolvedAddress[];

/** Parsed `EgressOptions`. */
export interface EgressPolicy extends AddressRules {
  /** The only hosts that may be called; all hosts if it is absent. */
  readonly hosts: readonly HostPattern[] | undefined;
  /** The allowed ports besides the default of the scheme, as strings. */
  readonly ports: ReadonlySet<string>;
  readonly http: boolean;
  readonly proxy: Proxy | undefined;
  readonly secureContextOf: SecureContexts;
  /** The app's own name lookup. */
  readonly resolver: EgressResolver | undefined;
  /** The options as the app wrote them. */
  readonly given: EgressOptions;
}

/**
 * Parses the options of the egress guard.
 *
 * @throws TypeError that names the option and what it expects.
 */
export function createEgressPolicy(options: EgressOptions = {}): EgressPolicy {
  const expected = egressIssue(options);
  if (expected !== undefined) throw new TypeError(`The option \`egress\` must be ${expected}.`);
  const { allow = [], deny = [], hosts, ports = [], http = false, proxy, tls = {}, resolver } = options;
  return {
    allow: allow.map(parseAddressRange).filter((range) => range !== undefined),
    deny: deny.map(parseAddressRange).filter((range) => range !== undefined),
    hosts: hosts?.map(parseHostPattern).filter((pattern) => pattern !== undefined),
    ports: new Set(ports.map(String)),
    http,
    proxy: proxy === undefined ? undefined : parseProxy(proxy),
    secureContextOf: createSecureContexts(tls),
    resolver,
    given: options,
  };
}

/** Likely mistakes in the options, as sentences. */
export function egressWarnings({ given }: Pick<EgressPolicy, 'given'>): string[] {
  return (['allow', 'deny'] as const).flatMap((name) =>
    (given[name] ?? []).flatMap((range) => {
      const warning = rangeWarning(range);
      return warning === undefined ? [] : [`The range ${range} of \`egress.${name}\` ${warning}.`];
    }),
  );
}
