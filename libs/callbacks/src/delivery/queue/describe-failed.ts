import type { CallbackDelivery } from '../callback-delivery.js';
import type { FailedDelivery } from './callback-queue.js';

/** A failed delivery as a queue lists it. */
export function describeFailed(
  { id, callback, key, request }: CallbackDelivery,
  failure: Pick<FailedDelivery, 'attempts' | 'error' | 'failedAt'>,
): FailedDelivery {
  return { id, callback, ...(key === undefined ? {} : { key }), url: request.url, ...failure };
}
