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
