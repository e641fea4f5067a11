import { AsyncLocalStorage } from 'node:async_hooks';
import { requirePeer } from '../../errors/require-peer.js';
import type { AxiosLike } from './axios-instance.js';
import type { Transport } from './transport.js';
import type { TransportOptions } from './undici-transport.js';

/** The options of a `LazyTransport`. */
export interface LazyTransportOptions extends TransportOptions {
  /** The app's own axios instance, if there is one. */
  readonly axios?: AxiosLike | undefined;
}

/**
 * A transport that is loaded when the first callback is sent, with undici, and with axios if the app has an instance.
 */
export class LazyTransport {
  readonly #options: LazyTransportOptions;
  /** The shared transport must not run in the async context of the first request. */
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
      // Loading fails without free file descriptors, so the next attempt tries again.
      this.#transport = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    // A transport that cannot be loaded holds nothing.
    const transport = await this.#transport?.catch(() => undefined);
    await transport?.close();
  }
}

async function loadAxiosTransport() {
  requirePeer('axios', 'CallbacksModule.forRoot({ axios })');
  const { throughAxios } = await import('./axios-transport.js');
  return throughAxios;
}
