import { isIPv6 } from 'node:net';
import { types } from 'node:util';

/** The codes for a lack of file descriptors (of the process, of the machine), buffers, memory or local ports. */
const MACHINE_FAULTS = new Set<unknown>(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** Whether an error, or one of its causes, is a fault of this machine and not of the receiver. */
export function isMachineFault(error: unknown): boolean {
  const seen = new Set<unknown>();
  const isFault = (link: unknown): boolean => {
    if (!types.isNativeError(link) || seen.has(link)) return false;
    seen.add(link);
    // The error for a host with several addresses has one error for each, and the code of the first one.
    if ('errors' in link && Array.isArray(link.errors)) return link.errors.some(isFault);
    return hasFaultCode(link) || isFault(link.cause);
  };
  return isFault(error);
}

function hasFaultCode(error: Error & { code?: unknown; address?: unknown }): boolean {
  // A machine without IPv6 reports this for every IPv6 address too, and receivers choose their addresses.
  if (error.code === 'EADDRNOTAVAIL' && typeof error.address === 'string' && isIPv6(error.address)) return false;
  return MACHINE_FAULTS.has(error.code);
}
