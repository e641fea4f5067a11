import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server that only this machine can reach. */
export interface LoopbackServer {
  readonly port: number;
  /** The URL without a path: `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Closes the server with all its connections, including those that wait for an answer. */
  close(): Promise<void>;
}

/** Listens on a free port of loopback, with HTTPS if there is a certificate in PEM. */
export async function listenOnLoopback(
  listener: RequestListener,
  tls: { readonly key: string; readonly cert: string } | undefined,
): Promise<LoopbackServer> {
  const server = tls ? createTlsServer({ ...tls }, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
