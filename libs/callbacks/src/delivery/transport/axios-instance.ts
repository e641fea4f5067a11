import type { AxiosRequestConfig } from 'axios';
import type { SignedDelivery } from '../signing.js';

/** The used part of an axios instance, of any version of axios. */
export interface AxiosLike {
  request(config: object): Promise<unknown>;
}

/** Options of axios' own adapters. The adapter of this package, which uses the egress guard, ignores them. */
const OF_OTHER_ADAPTERS = [
  'proxy',
  'httpAgent',
  'httpsAgent',
  'socketPath',
  'transport',
  'lookup',
  'auth',
] as const satisfies readonly (keyof AxiosRequestConfig)[];

/** Returns what `axios` must be, as the end of "must be …", or `undefined` if it is valid. */
export function axiosIssue(value: unknown): string | undefined {
  const instance = (value ?? {}) as Partial<AxiosLike> & { defaults?: AxiosRequestConfig };
  if (typeof instance.request !== 'function') return 'an axios instance';
  // `proxy: false` is the default here.
  const ignored = OF_OTHER_ADAPTERS.filter((name) => (instance.defaults?.[name] ?? false) !== false).map(
    (name) => `\`${name}\``,
  );
  if (ignored.length === 0) return undefined;
  return `an axios instance without ${ignored.join(', ')}: this module sends callbacks through its own connections and egress guard, which would ignore these options. Create a separate instance for callbacks, with credentials in its \`headers\``;
}

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
