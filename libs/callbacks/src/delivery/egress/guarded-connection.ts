import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { Client } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';

/** The options of a request through the guarded agent, besides those of undici. */
export interface GuardedDispatchOptions extends Dispatcher.DispatchOptions {
  /** A signal that is aborted once the attempt has ended. A pending lookup or connection is then given up. */
  ended(): AbortSignal;
}

/** Makes a connection for one attempt, and gives up once the attempt has ended. */
export type GuardedConnector = (target: buildConnector.Options, ended: AbortSignal) => Promise<Socket>;

/** The options of a connection. */
export interface GuardedConnectionOptions {
  readonly connector: GuardedConnector;
  readonly idle: IdleConnections;
  /** The most bytes that one reply may have on the wire. */
  readonly maxWireBytes: number;
}

/** A reply has too many bytes on the wire, in any part of it. */
export class WireLimitError extends Error {
  override readonly name = 'WireLimitError';
}

/**
 * One connection to a receiver. It carries one request at a time, so its attempt and the bytes of the reply are known.
 */
export class GuardedConnection extends Client {
  readonly #idle: IdleConnections;
  #ended: GuardedDispatchOptions['ended'] | undefined;
  #socket: Socket | undefined;
  /** Bytes that were read before the current request. */
  #readBefore = 0;

  constructor(
    origin: string | URL,
    options: Client.Options,
    { connector, idle, maxWireBytes }: GuardedConnectionOptions,
  ) {
    const connect = callbackify(connector);
    super(origin, {
      ...options,
      connect: (target, callback) => {
        connect(target, this.#ended?.() ?? AbortSignal.abort(), (error, socket) => {
          if (error) return callback(error, null);
          this.#watch(socket, maxWireBytes);
          return callback(null, socket);
        });
      },
    });
    this.#idle = idle;
    this.on('drain', () => this.#socket && idle.add(this));
    this.on('disconnect', () => idle.remove(this));
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#idle.remove(this);
    // Agent and pool pass on the options of the request, which has the signal.
    this.#ended = (options as GuardedDispatchOptions).ended;
    this.#readBefore = this.#socket?.bytesRead ?? 0;
    return super.dispatch(options, handler);
  }

  /** Closes the socket of an idle connection. The next request opens another one. */
  disconnect(): void {
    this.#socket?.destroy();
  }

  /** undici reports only the bytes of a body, not chunk extensions, trailers and 1xx responses. */
  #watch(socket: Socket, maxWireBytes: number): void {
    this.#socket = socket;
    // A proxy may have replied on the socket before.
    this.#readBefore = socket.bytesRead;
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.on('readable', () => {
      if (socket.bytesRead - this.#readBefore <= maxWireBytes) return;
      socket.destroy(new WireLimitError(`The reply takes more than ${maxWireBytes} bytes on the wire`));
    });
  }
}

/** The most connections that are kept open for a next request to their receiver. */
export const MAX_IDLE_CONNECTIONS = 256;

/** A connection without a request. */
interface IdleConnection {
  disconnect(): void;
}

/** The idle connections. Beyond the limit, the least recently used one is closed. */
export class IdleConnections {
  readonly #connections = new Set<IdleConnection>();

  add(connection: IdleConnection): void {
    this.#connections.add(connection);
    if (this.#connections.size <= MAX_IDLE_CONNECTIONS) return;
    const [oldest] = this.#connections;
    this.#connections.delete(oldest!);
    oldest!.disconnect();
  }

  remove(connection: IdleConnection): void {
    this.#connections.delete(connection);
  }
}
