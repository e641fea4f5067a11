import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { DeliveryDetails } from '../delivery/queue/deliveries.js';
import { deliveryIn, detailsIn } from '../delivery/queue/stored-row.js';
import type { DeliveryRow, DetailsRow, SummaryRow } from '../delivery/queue/stored-row.js';
import type { StoredDelivery } from '../delivery/read-delivery.js';

/** The columns of `SummaryRow`. */
export const SUMMARY =
  'sequence, state, due, enqueued_at, updated_at, attempts, id, callback, receiver, key, error, delivery';
/** The columns of `DetailsRow`. */
export const DETAILS = `${SUMMARY}, history, body`;
/** The columns of `LeasedRow`. */
export const LEASED = 'sequence, attempts, id, receiver, history, delivery, body';

/** The row of one delivery, as `pg` returns it. */
export interface FoundRow extends Omit<DetailsRow, 'body'> {
  readonly body: Uint8Array | null;
}

/** The columns for an attempt, as `pg` returns them. */
export interface LeasedRow extends Omit<DeliveryRow, 'body'>, Pick<SummaryRow, 'receiver'> {
  readonly body: Uint8Array | null;
}

/** The longest receiver that is stored without a hash, in characters: the size of index entries is limited. */
export const MAX_RECEIVER = 800;

/** Returns the value of the receiver column. */
export function laneOf(receiver: string): string {
  if (receiver.length <= MAX_RECEIVER) return receiver;
  return `${receiver.slice(0, MAX_RECEIVER)}#${createHash('sha256').update(receiver).digest('hex')}`;
}

/** Invalid UTF-8 in the body becomes U+FFFD. */
export function foundDetails(row: FoundRow): DeliveryDetails {
  return detailsIn({ ...row, body: row.body && Buffer.from(row.body).toString() });
}

/** Reads the delivery in a row, or what is wrong with it. */
export function leasedDelivery({ body, receiver, ...row }: LeasedRow): StoredDelivery {
  if (body !== null && !isUtf8(body)) return { damage: 'its body is not UTF-8' };
  const read = deliveryIn({ ...row, body: body && Buffer.from(body).toString() });
  if ('delivery' in read && laneOf(read.delivery.receiver) !== receiver) {
    return { damage: 'its `receiver` differs from that of its row' };
  }
  return read;
}

/** Replaces the character NUL, which Postgres cannot store. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
