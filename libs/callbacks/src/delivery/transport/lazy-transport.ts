import type { TransportOptions } from './axios-transport.js';
import type { Transport } from './transport.js';

/** A transport that is loaded, with axios and undici, when the first callback is sent. */
export class LazyTransport {
  #transport: Promise<Transport> | undefined;

  constructor(private readonly options: TransportOptions) {}

  load(): Promise<Transport> {
    return (this.#transport ??= this.#create());
  }

  async #create(): Promise<Transport> {
    try {
      const { createTransport } = await import('./axios-transport.js');
      return createTransport(this.options);
    } catch (error) {
      // Without file descriptors left it cannot be loaded: the next attempt tries again.
      this.#transport = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await (await this.#transport)?.close();
  }
}
