import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

/**
 * Returns what `proxy` must be, as the end of "an object whose `proxy` …", or `undefined` if it is valid. It never
 * prints the password.
 */
export function proxyIssue(value: unknown): string | undefined {
  return typeof value === 'string' && parseProxy(value) !== undefined
    ? undefined
    : 'is the http: or https: URL of a proxy, without a path, such as "http://proxy.internal:3128"';
}

/** A parsed proxy URL. */
export interface Proxy {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number;
  /** The `Proxy-Authorization`, if the URL has credentials. */
  readonly authorization: string | undefined;
}

/** Parses the URL of a proxy, or returns `undefined`. */
export function parseProxy(text: string): Proxy | undefined {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
    if ((protocol !== 'http:' && protocol !== 'https:') || pathname + search + hash !== '/') return undefined;
    const credentials = [username, password].map(decodeURIComponent).join(':');
    return {
      isTls: protocol === 'https:',
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
    };
  } catch {
    return undefined;
  }
}

/** The proxy is unreachable or refused to connect. The message does not contain its URL, which may have a password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/** The options of a tunnel. */
export interface TunnelOptions {
  /** Finds the address of the proxy. */
  readonly lookup: LookupFunction;
  readonly secureContext: SecureContext | undefined;
  /** Aborted once the tunnel is not needed. */
  readonly ended: AbortSignal;
}

/**
 * Opens a connection to `host:port` through a proxy with CONNECT (RFC 9110, section 9.3.6).
 *
 * @throws ProxyError if the proxy is unreachable or refuses.
 */
export function openTunnel(
  { isTls, hostname, port, authorization }: Proxy,
  target: string,
  { lookup, secureContext, ended }: TunnelOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).request({
      method: 'CONNECT',
      host: hostname,
      port,
      path: target,
      headers: { host: target, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
      // Otherwise TLS would expect the certificate of the receiver, which `host` names, from the proxy.
      ...(isIP(hostname) === 0 && { servername: hostname }),
      agent: false,
      lookup,
      ...(secureContext && { secureContext }),
      signal: ended,
    });
    request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      const refuse = (why: string) => {
        socket.on('error', () => undefined).destroy();
        reject(new ProxyError(why));
      };
      if (statusCode < 200 || statusCode >= 300) return refuse(`the proxy refused to connect (${statusCode})`);
      // Neither HTTP nor TLS lets a server begin, and undici would connect again and again until the deadline.
      if (head.length > 0) return refuse('the receiver sent bytes before the request');
      return resolve(socket.setKeepAlive(true, 60_000).setNoDelay(true));
    });
    // A proxy without support for CONNECT may reply to it as to any other request.
    request.once('response', ({ statusCode }) => {
      request.destroy();
      reject(new ProxyError(`the proxy did not connect (${statusCode})`));
    });
    request.on('error', (cause: NodeJS.ErrnoException) => {
      reject(new ProxyError(`the proxy cannot be reached (${cause.code ?? cause.name})`, { cause }));
    });
    request.end();
  });
}
