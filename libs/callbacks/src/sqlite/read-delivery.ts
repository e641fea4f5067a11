import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { storedDelivery } from '../delivery/queue/stored-delivery.js';

/** The delivery that a row holds; `undefined` where the row is damaged. */
export function readDelivery(id: string, text: string): CallbackDelivery | undefined {
  try {
    return storedDelivery(id, JSON.parse(text));
  } catch {
    return undefined;
  }
}
