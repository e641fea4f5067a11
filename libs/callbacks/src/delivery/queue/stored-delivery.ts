import type { CallbackDelivery } from '../callback-delivery.js';
import { checkDelivery } from '../check-delivery.js';

/** What a queue finds where it stored a delivery; `undefined` where somebody has changed it, or put something else there. */
export function storedDelivery(id: string | undefined, stored: unknown): CallbackDelivery | undefined {
  try {
    checkDelivery(stored);
    return stored.status === 'prepared' && stored.id === id ? stored : undefined;
  } catch {
    return undefined;
  }
}
