/** What a resolver is told beside the host name. */
export interface EgressResolverOptions {
  /** Aborted once no attempt needs the addresses any more. */
  readonly signal: AbortSignal;
}

/** An IP address: a string, or an object that has it, as `dns.promises.lookup()` gives. */
export type ResolvedAddress = string | { readonly address: string };

/**
 * Finds the addresses of a host name. It replaces the name look-up of the egress guard, which checks every address that
 * it gives. Addresses are tried in the order given, the families in turns.
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
