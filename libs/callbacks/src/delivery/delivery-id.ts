import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

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
  if (key === undefined) return `msg_${v7()}`;
  // JSON keeps apart what a plain join would run together.
  const hash = createHash('sha256').update(JSON.stringify([callback, url, key]));
  return `msg_${hash.digest('base64url')}`;
}
