import { AsyncLocalStorage } from 'node:async_hooks';
import { requirePeer } from '../../errors/require-peer.js';
import type { AxiosLike } from './axios-issue.js';
import type { Transport } from './transport.js';
import type { TransportOptions } from './undici-transport.js';

/** The options of a `LazyTransport`. */
export interface LazyTransportOptions extends TransportOptions {
  /** The app's own axios instance, if it has given one. */
  readonly axios?: AxiosLike | undefined;
}

/** A transport that is loaded when the first callback is sent: with undici, and with axios if the app has given an instance. */
export class LazyTransport {
  readonly #options: LazyTransportOptions;
  /** What is made once must not belong to the request that sends first. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #transport: Promise<Transport> | undefined;

  constructor(options: LazyTransportOptions) {
    this.#options = options;
  }

  load(): Promise<Transport> {
    return (this.#transport ??= this.#inOwnContext(() => this.#create()));
  }

  async #create(): Promise<Transport> {
    const { axios, ...options } = this.#options;
    try {
      const throughAxios = axios && (await loadAxiosTransport());
      const { createTransport } = await import('./undici-transport.js');
      const transport = createTransport(options);
      return throughAxios ? throughAxios(axios, transport) : transport;
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

async function loadAxiosTransport() {
  requirePeer('axios', 'CallbacksModule.forRoot({ axios })');
  const { throughAxios } = await import('./axios-transport.js');
  return throughAxios;
}
