/** How many connections are kept open for the next request to their receiver. */
export const MAX_IDLE_CONNECTIONS = 256;

/** What is kept open without a request. */
interface IdleConnection {
  disconnect(): void;
}

/** The connections that carry no request. Beyond the limit, the one that was used longest ago is closed. */
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
