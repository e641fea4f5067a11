import type { CallbackDelivery } from '../callback-delivery.js';
import type { FailedDelivery } from './callback-queue.js';

type Failure = Pick<FailedDelivery, 'attempts' | 'error' | 'failedAt'>;

/** What failed as a queue lists it that no longer finds the delivery. */
export function describeLost(id: string, failure: Failure): FailedDelivery {
  return { id, callback: 'unknown', url: 'unknown', ...failure };
}

/** A failed delivery as a queue lists it. */
export function describeFailed({ id, callback, key, request }: CallbackDelivery, failure: Failure): FailedDelivery {
  return { id, callback, ...(key === undefined ? {} : { key }), url: request.url, ...failure };
}
