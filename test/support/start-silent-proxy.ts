import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A proxy on loopback whose open connections can go silent: neither closed nor answered, as when a machine freezes. */
export interface SilentProxy {
  readonly port: number;
  /** From now on nothing passes on the connections that are open; new ones work. */
  silence(): void;
  /** From now on the connections that are open pass on requests, but no replies. */
  dropReplies(): void;
  /** Passes new connections on to another port, as a name does that is moved to another machine. */
  redirect(target: number): void;
  close(): void;
}

/** @param target - the port on loopback that it passes everything on to. */
export async function startSilentProxy(target: number): Promise<SilentProxy> {
  const sockets = new Set<Socket>();
  const upstreams = new WeakSet<Socket>();
  const silent = new WeakSet<Socket>();
  let port = target;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    upstreams.add(upstream);
    const pass = (from: Socket, to: Socket) => {
      sockets.add(from);
      from.on('data', (data) => silent.has(from) || to.write(data));
      from.on('error', () => undefined);
      from.on('close', () => (sockets.delete(from), silent.has(from) || to.destroy()));
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    // It listens on a port.
    port: (server.address() as AddressInfo).port,
    silence() {
      for (const socket of sockets) silent.add(socket);
    },
    dropReplies() {
      for (const socket of sockets) if (upstreams.has(socket)) silent.add(socket);
    },
    redirect(other) {
      port = other;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
