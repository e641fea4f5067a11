import type { TransportOptions } from './axios-transport.js';
import type { Transport } from './transport.js';

/** A transport that is loaded, with axios and undici, when the first callback is sent. */
export class LazyTransport {
  #transport: Promise<Transport> | undefined;

  constructor(private readonly options: TransportOptions) {}

  load(): Promise<Transport> {
    return (this.#transport ??= import('./axios-transport.js').then(({ createTransport }) =>
      createTransport(this.options),
    ));
  }

  async close(): Promise<void> {
    await (await this.#transport)?.close();
  }
}
