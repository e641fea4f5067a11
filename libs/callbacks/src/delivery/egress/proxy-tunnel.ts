import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Proxy } from './proxy-options.js';

/** The proxy could not be asked, or refused. Its URL is not in the message: that can have a password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/** What a tunnel is opened with. */
export interface TunnelOptions {
  /** Finds the address of the proxy. */
  readonly lookup: LookupFunction;
  readonly secureContext: SecureContext | undefined;
  /** Aborted once nobody needs the tunnel. */
  readonly ended: AbortSignal;
}

/**
 * Asks a proxy by CONNECT for a connection to `host:port` (RFC 9110, section 9.3.6).
 *
 * @throws ProxyError if the proxy cannot be reached, or refuses.
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
      // Else TLS would ask the proxy for the certificate of the receiver, which `host` names.
      ...(isIP(hostname) === 0 && { servername: hostname }),
      agent: false,
      lookup,
      ...(secureContext && { secureContext }),
      signal: ended,
    });
    request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode >= 300) {
        socket.on('error', () => undefined).destroy();
        return reject(new ProxyError(`the proxy refused to connect (${statusCode})`));
      }
      if (head.length > 0) socket.unshift(head);
      return resolve(socket.setKeepAlive(true, 60_000).setNoDelay(true));
    });
    // A proxy that does not know CONNECT may reply to it as to any other request.
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
