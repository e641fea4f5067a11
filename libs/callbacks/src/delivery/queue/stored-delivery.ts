import { hostOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { checkDelivery } from '../check-delivery.js';

/** What a queue finds where it stored a delivery; `undefined` where somebody has changed it, or put something else there. */
export function storedDelivery(id: string | undefined, stored: unknown): CallbackDelivery | undefined {
  try {
    // Checked in the next line.
    const delivery = stored as CallbackDelivery;
    checkDelivery(delivery);
    // It throws where the URL is none.
    return delivery.id === id && hostOf(delivery) ? delivery : undefined;
  } catch {
    return undefined;
  }
}
