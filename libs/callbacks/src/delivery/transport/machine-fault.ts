import { isIPv6 } from 'node:net';
import { types } from 'node:util';

/** No file descriptors (of the process, of the machine), no buffers, no memory, no local ports. */
const MACHINE_FAULTS = new Set<unknown>(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/**
 * Whether an error, or one of its causes, is a fault of this machine: the receiver has no part in it, and it says nothing
 * about the receiver.
 */
export function isMachineFault(error: unknown): boolean {
  const seen = new Set<unknown>();
  const isFault = (link: unknown): boolean => {
    if (!types.isNativeError(link) || seen.has(link)) return false;
    seen.add(link);
    // The error of a host with several addresses has one error for each, and the code of the first.
    if ('errors' in link && Array.isArray(link.errors)) return link.errors.some(isFault);
    return hasFaultCode(link) || isFault(link.cause);
  };
  return isFault(error);
}

function hasFaultCode(error: Error & { code?: unknown; address?: unknown }): boolean {
  // It is also what a machine without IPv6 says of every IPv6 address, and a receiver chooses its addresses.
  if (error.code === 'EADDRNOTAVAIL' && typeof error.address === 'string' && isIPv6(error.address)) return false;
  return MACHINE_FAULTS.has(error.code);
}
