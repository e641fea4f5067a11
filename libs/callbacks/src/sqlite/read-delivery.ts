import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { checkDelivery } from '../delivery/check-delivery.js';

/** The delivery that a row holds; `undefined` where the row is damaged. */
export function readDelivery(id: string, text: string): CallbackDelivery | undefined {
  try {
    // Checked in the next line.
    const delivery = JSON.parse(text) as CallbackDelivery;
    checkDelivery(delivery);
    // It throws where the URL is none.
    return delivery.id === id && hostOf(delivery) ? delivery : undefined;
  } catch {
    return undefined;
  }
}
