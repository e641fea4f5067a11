import type { SignedDelivery } from '../signing/signing-options.js';

/** The key of the delivery in the config of axios. It is a string, since every version of axios keeps these. */
export const DELIVERY_KEY = 'nestjs-callbacks:delivery';

/** A delivery in a config. axios does not copy it, and loggers of the config do not print it. */
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
 * Returns the delivery that a request of the app's axios instance belongs to. Use it in interceptors that sign by your
 * own scheme or add a header for each tenant.
 *
 * @param config - the argument of a request interceptor, or the `config` of a response.
 * @returns `undefined` if the request is not a callback.
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
