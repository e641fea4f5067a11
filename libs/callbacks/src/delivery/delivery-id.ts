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
  if (key === undefined) return `msg_${randomUUID()}`;
  // JSON keeps apart what a plain join would run together.
  const hash = createHash('sha256').update(JSON.stringify([callback, url, key]));
  return `msg_${hash.digest('base64url')}`;
}
