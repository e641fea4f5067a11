import { renderRequest } from '../client/render-request.js';
import type { UndeclaredProperties } from '../client/undeclared-properties.js';
import { storedNameOf } from '../contract/callback-contract.js';
import type { CallbackOperation } from '../contract/callback-contract.js';
import type { PreparedCallback } from './callback-delivery.js';
import { deliveryId } from './delivery-id.js';

/** What `enqueue()` and `prepare()` can be told of a delivery. */
export interface EnqueueOptions {
  /**
   * An idempotency key: one key, callback and URL is one delivery, however often it is enqueued, as long as the queue
   * remembers it. Its `webhook-id` is the same even after that.
   */
  key?: string;
}

/** One call of a callback's method. */
export interface CallbackCall {
  readonly operation: CallbackOperation;
  /** Where it goes; nothing where nobody asked for it. */
  readonly url: string | null | undefined;
  /** The arguments, as the method declares them. */
  readonly values: readonly unknown[];
}

/**
 * Validates and renders a callback, and stores nothing.
 *
 * @throws CallbackContractError with every argument that does not fit what the method declares.
 */
export async function prepareDelivery(
  { operation, url, values }: CallbackCall,
  undeclared: UndeclaredProperties,
  { key }: EnqueueOptions = {},
): Promise<PreparedCallback> {
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw new TypeError('The `key` of a callback has to be a string that is not empty.');
  }
  // A database gives back `null` for what was not there.
  if (url === undefined || url === null) return { status: 'skipped' };
  const request = await renderRequest(operation, url, values, undeclared);
  const callback = storedNameOf(operation);
  const id = deliveryId({ callback, url: request.url, key });
  return { status: 'prepared', id, callback, ...(key === undefined ? {} : { key }), request };
}
