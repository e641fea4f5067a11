import type { CallbackDelivery, PreparedCallback } from '../callback-delivery.js';
import { checkDelivery } from '../check-delivery.js';

/** What a queue finds where it stored a delivery; `undefined` where somebody has changed it, or put something else there. */
export function storedDelivery(id: string | undefined, stored: unknown): CallbackDelivery | undefined {
  try {
    // Checked in the next line.
    const delivery = stored as PreparedCallback;
    checkDelivery(delivery);
    return delivery.status === 'prepared' && delivery.id === id ? delivery : undefined;
  } catch {
    return undefined;
  }
}
