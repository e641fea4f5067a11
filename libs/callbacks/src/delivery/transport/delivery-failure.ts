import { types } from 'node:util';
import { isIPv6 } from 'node:net';
import { parseUrl } from '../../expression/parse-url.js';
import { CallbackDeliveryError, CallbackUrlError } from '../../errors/callback.errors.js';
import type { CallbackDeliveryErrorDetails } from '../../errors/callback.errors.js';
import { ProxyError } from '../egress/proxy-tunnel.js';

/** The two parts of a request that a message may contain: path and query can be secrets. */
export interface RequestTarget {
  readonly method: string;
  readonly url: string;
}

const CONNECTION_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before the reply was complete',
  UND_ERR_CLOSED: 'the transport has been closed',
  UND_ERR_DESTROYED: 'the transport has been closed',
  ENOTFOUND: 'the host name has no address',
  ENODATA: 'the host name has no address',
  EAI_AGAIN: 'the host name could not be resolved',
};

const HAS_NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA']);

/** Creates an error that names the HTTP method and the origin of a request, and what went wrong. */
export function deliveryError(
  { method, url }: RequestTarget,
  what: string,
  details: CallbackDeliveryErrorDetails,
): CallbackDeliveryError {
  return new CallbackDeliveryError(`${method.toUpperCase()} to ${originOf(url)} failed: ${what}.`, details);
}

/** Creates the error for too many bytes before a status. */
export function tooLargeError(target: RequestTarget, limit: number): CallbackDeliveryError {
  return deliveryError(target, `the reply is larger than ${limit} bytes`, { reason: 'reply-too-large' });
}

/** Converts an error of undici or Node.js to one of a delivery. An error of the egress guard is returned unchanged. */
export function exchangeError(target: RequestTarget, error: unknown): Error {
  if (!types.isNativeError(error)) return deliveryError(target, 'the connection failed', { reason: 'connection' });
  if (error instanceof CallbackDeliveryError || error instanceof CallbackUrlError) return error;
  if (error.cause instanceof CallbackUrlError) return error.cause;
  const cause = cleanCause(error);
  const code = codeOrNameOf(error);
  if (code === 'UND_ERR_INVALID_ARG') {
    return deliveryError(target, 'the request cannot be sent as HTTP', { reason: 'request', cause });
  }
  if (isMachineFault(error)) {
    const what = `this machine has no file descriptors, memory or ports left (${code})`;
    return deliveryError(target, what, { reason: 'machine', cause });
  }
  if ('syscall' in error && String(error.syscall).startsWith('query') && !HAS_NO_ADDRESS.has(code)) {
    return deliveryError(target, `the host name could not be resolved (${code})`, { reason: 'connection', cause });
  }
  if (error instanceof ProxyError) return deliveryError(target, error.message, { reason: 'connection', cause });
  return deliveryError(target, connectionFault(error), { reason: 'connection', cause });
}

/** Describes the failure of a connection, as the end of a sentence. */
export function connectionFault(error: Error): string {
  const code = codeOrNameOf(error);
  return CONNECTION_FAULTS[code] ?? `the connection failed (${code})`;
}

function codeOrNameOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function originOf(url: string): string {
  return parseUrl(url)?.origin ?? 'a URL that cannot be read';
}

/** The most bytes of a reply in an error. */
const MAX_EXCERPT_BYTES = 1024;

/** Returns the first 1 KiB of a reply, without a partial character at the end. */
export function replyExcerpt(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body.slice(0, MAX_EXCERPT_BYTES)) : body;
  return new TextDecoder().decode(bytes.subarray(0, MAX_EXCERPT_BYTES), { stream: true });
}

/** Members of errors of axios and of undici's parser that contain headers, bodies and whole URLs. */
const CARRIED = ['config', 'request', 'response', 'data'];

/**
 * Returns an error that is safe to print as the `cause` of another: the error itself, or, if it or one of its causes
 * contains an HTTP message, a new error with the same name, message and code.
 */
export function cleanCause(error: unknown): Error {
  if (!types.isNativeError(error)) return new Error(`A value of type ${typeof error} was thrown`);
  if (!carriesMessage(error)) return error;
  const clean = new Error(error.message);
  clean.name = error.name;
  return 'code' in error && typeof error.code === 'string' ? Object.assign(clean, { code: error.code }) : clean;
}

function carriesMessage(error: Error): boolean {
  const seen = new Set<unknown>();
  for (let link: unknown = error; types.isNativeError(link) && !seen.has(link); link = link.cause) {
    if (Object.keys(link).some((key) => CARRIED.includes(key))) return true;
    seen.add(link);
  }
  return false;
}

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
