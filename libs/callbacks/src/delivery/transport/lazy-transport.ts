import type { TransportOptions } from './axios-transport.js';
import type { Transport, TransportReply, TransportRequest } from './transport.js';

/** A transport that loads axios and undici when the first callback is sent. */
export class LazyTransport implements Transport {
  #transport: Promise<Transport> | undefined;

  constructor(private readonly options: TransportOptions) {}

  async send(request: TransportRequest): Promise<TransportReply> {
    this.#transport ??= import('./axios-transport.js').then(({ createTransport }) => createTransport(this.options));
    return (await this.#transport).send(request);
  }

  async close(): Promise<void> {
    await (await this.#transport)?.close();
  }
}
