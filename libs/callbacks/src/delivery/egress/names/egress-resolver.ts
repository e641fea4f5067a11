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
