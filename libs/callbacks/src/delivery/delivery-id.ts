import { createHash, randomBytes } from 'node:crypto';

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

/** A UUID of version 7: 48 bits of time in ms, then random ones but for version and variant (RFC 9562, section 5.7). */
function uuidV7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
