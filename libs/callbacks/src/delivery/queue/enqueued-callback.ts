import { CallbackContractError } from '../../errors/contract.errors.js';
import type { CallbackDelivery, EnqueuedCallback } from '../callback-delivery.js';
import type { AddedDelivery } from './callback-queue.js';

/**
 * Returns the result of `enqueue()` for a delivery that was added.
 *
 * @throws CallbackContractError if its key was used before for another body.
 */
export function enqueuedCallback(
  { id, callback, key, digest }: Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'digest'>,
  added: AddedDelivery,
): EnqueuedCallback {
  if (added.status === 'queued') return { status: 'queued', id };
  if (added.digest !== digest) {
    const message = `its key '${key}' was used before for another body. Fix: give each callback its own key, and the same body whenever you enqueue it again`;
    throw new CallbackContractError(callback, [{ path: '', message }], 'CALLBACK_KEY_REUSED');
  }
  return { status: 'duplicate', id, state: added.state === 'inFlight' ? 'queued' : added.state };
}
