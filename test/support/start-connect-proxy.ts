import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A request to the proxy. */
export interface ConnectRequest {
  /** The host and port to connect to. */
  readonly target: string;
  readonly authorization: string | undefined;
}

export interface ConnectProxy {
  readonly port: number;
  readonly asked: readonly ConnectRequest[];
  /** Every connection to it, open or closed. */
  readonly connections: readonly Socket[];
  close(): Promise<void>;
}

/** How the proxy answers a request. */
export type ProxyAnswer =
  /** Connects to this port on loopback for any name, since the proxy resolves names. */
  | { readonly port: number }
  /** Refuses, with this status. */
  | { readonly status: number }
  /** Connects to a server that speaks first, and passes this on together with its own reply. */
  | { readonly banner: string }
  | 'hang'
  | 'reset';

/** A real proxy on loopback that understands CONNECT and nothing else. */
export async function startConnectProxy(
  answer: (target: string) => ProxyAnswer,
  tls?: { key: string; cert: string },
): Promise<ConnectProxy> {
  const asked: ConnectRequest[] = [];
  const connections: Socket[] = [];
  const upstreams: Socket[] = [];
  const notAllowed: RequestListener = (_, response) => response.writeHead(405).end();
  const server: Server = tls ? createTlsServer(tls, notAllowed) : createServer(notAllowed);
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.on('connect', ({ url: target = '', headers }, client: Socket) => {
    asked.push({ target, authorization: headers['proxy-authorization'] });
    client.on('error', () => undefined);
    const given = answer(target);
    // It reads, and so learns that the client has gone.
    if (given === 'hang' || (typeof given === 'object' && 'banner' in given)) {
      client.resume().on('end', () => client.destroy());
    }
    if (given === 'hang') return;
    if (given === 'reset') return void client.destroy();
    if ('banner' in given) return void client.write(`HTTP/1.1 200 Connection established\r\n\r\n${given.banner}`);
    if ('status' in given) return void client.end(`HTTP/1.1 ${given.status} No\r\ncontent-length: 6\r\n\r\nSECRET`);
    const upstream = connect(given.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstreams.push(upstream);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    // It listens on a port.
    port: (server.address() as AddressInfo).port,
    asked,
    connections,
    async close() {
      if (!server.listening) return;
      for (const socket of [...connections, ...upstreams]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
