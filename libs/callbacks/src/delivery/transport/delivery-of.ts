import type { SignedDelivery } from '../signing/signing-options.js';

/** Where the config of axios has the delivery: a string, which every version of axios hands on. */
export const DELIVERY_KEY = 'nestjs-callbacks:delivery';

/** The delivery in a config: axios does not copy it, and no logger that is given the config prints it. */
export class DeliveryOfConfig {
  readonly #delivery: SignedDelivery;

  constructor(delivery: SignedDelivery) {
    this.#delivery = delivery;
  }

  static read(value: object): SignedDelivery | undefined {
    return #delivery in value ? value.#delivery : undefined;
  }
}

/**
 * The delivery that a request of the app's axios instance belongs to: for interceptors that sign by a scheme of your own, or
 * that add a header for each tenant.
 *
 * @param config - what axios gives to a request interceptor, or the `config` of a response.
 * @returns `undefined` if it is not the request of a callback.
 * @example
 * import axios from 'axios';
 *
 * const http = axios.create();
 * http.interceptors.request.use((config) => {
 *   const delivery = deliveryOf(config);
 *   if (delivery) config.headers.set('x-delivery', delivery.id);
 *   return config;
 * });
 */
export function deliveryOf(config: object): SignedDelivery | undefined {
  const carried: unknown = Reflect.get(config, DELIVERY_KEY);
  return typeof carried === 'object' && carried !== null ? DeliveryOfConfig.read(carried) : undefined;
}
