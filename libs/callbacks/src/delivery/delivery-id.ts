import { createHash, randomUUID } from 'node:crypto';

/** The parts that identify a delivery. */
export interface DeliveryIdentity {
  readonly callback: string;
  readonly url: string;
  readonly key: string | undefined;
}

/**
 * Returns the id of a delivery. The same key, callback and URL always give the same id, so the queue recognizes the
 * delivery, and so does the receiver, by its `webhook-id`.
 */
export function deliveryId({ callback, url, key }: DeliveryIdentity): string {
  // Ordered by time: an index over random ids costs twice as much, and even more with many rows.
  if (key === undefined) return `msg_${uuidV7()}`;
  // JSON separates the parts unambiguously.
  const hash = createHash('sha256').update(JSON.stringify([callback, url, key]));
  return `msg_${hash.digest('base64url')}`;
}

/**
 * Returns a UUID of version 7: 48 bits of time in ms, the version, the variant and random bits (RFC 9562, section 5.7).
 * The random bits come from a UUID of version 4, because Node.js caches random bytes for these. Asking the system for
 * 16 bytes costs more than everything else here.
 */
function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
