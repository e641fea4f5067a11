import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { Client } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';
import type { IdleConnections } from './idle-connections.js';

/** What the guarded agent is told of a request, beside what undici wants to know. */
export interface GuardedDispatchOptions extends Dispatcher.DispatchOptions {
  /** A signal that is aborted once the attempt has ended: what it still waits for then, a name or a connection, is let go. */
  ended(): AbortSignal;
}

/** Makes connections, each for one attempt, and gives up once that has ended. */
export type GuardedConnector = (target: buildConnector.Options, ended: AbortSignal) => Promise<Socket>;

/** What a connection is made with. */
export interface GuardedConnectionOptions {
  readonly connector: GuardedConnector;
  readonly idle: IdleConnections;
  /** How many bytes of one reply are taken from the wire, whatever they are. */
  readonly maxWireBytes: number;
}

/** A reply took more bytes on the wire than are read of one, in whatever part of it. */
export class WireLimitError extends Error {
  override readonly name = 'WireLimitError';
}

/** One connection to a receiver. It carries one request at a time: who it is made for, and what it has read, is known. */
export class GuardedConnection extends Client {
  readonly #idle: IdleConnections;
  #ended: GuardedDispatchOptions['ended'] | undefined;
  #socket: Socket | undefined;
  /** Bytes that were read before the request that is on its way. */
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
    // Agent and pool hand on what they are given: whoever dispatches through the guarded agent says when it ends.
    this.#ended = (options as GuardedDispatchOptions).ended;
    this.#readBefore = this.#socket?.bytesRead ?? 0;
    return super.dispatch(options, handler);
  }

  /** Closes the socket of a connection that is idle. The next request opens another. */
  disconnect(): void {
    this.#socket?.destroy();
  }

  /** undici tells of a body's bytes only: not of chunk extensions, trailers and what announces a reply. */
  #watch(socket: Socket, maxWireBytes: number): void {
    this.#socket = socket;
    // A proxy has answered on it before.
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
