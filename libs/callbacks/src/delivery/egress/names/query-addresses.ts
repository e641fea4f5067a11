import { Resolver } from 'node:dns/promises';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { types } from 'node:util';

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
export async function queryAddresses(
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
export function systemCodeOf(error: unknown): unknown {
  return types.isNativeError(error) && 'code' in error ? error.code : undefined;
}
