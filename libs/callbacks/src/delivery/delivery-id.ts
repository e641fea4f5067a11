import { createHash, randomUUID } from 'node:crypto';

/** What makes two deliveries one. */
export interface DeliveryIdentity {
  readonly callback: string;
  readonly url: string;
  readonly key: string | undefined;
}

/**
 * The id of a delivery. One key, callback and URL give one id wherever and whenever it is made: the queue that knows the
 * id, and the receiver that has seen it as `webhook-id`, both know the delivery again.
 */
export function deliveryId({ callback, url, key }: DeliveryIdentity): string {
  // In the order of time: an index over random ids costs twice as much, and more the more there are.
  if (key === undefined) return `msg_${uuidV7()}`;
  // JSON keeps apart what a plain join would run together.
  const hash = createHash('sha256').update(JSON.stringify([callback, url, key]));
  return `msg_${hash.digest('base64url')}`;
}

/**
 * A UUID of version 7: 48 bits of time in ms, then random ones but for version and variant (RFC 9562, section 5.7). The random ones
 * are those of a version 4, for which Node.js keeps a supply: asking the system for 16 bytes costs more than all else here.
 */
function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
