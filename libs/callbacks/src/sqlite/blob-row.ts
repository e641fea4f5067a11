import { isUtf8 } from 'node:buffer';
import { types } from 'node:util';
import * as stored from '../delivery/queue/stored-row.js';
import type { DeliveryAttempt, DeliveryDetails, DeliverySummary } from '../delivery/queue/deliveries.js';
import type { StoredDelivery } from '../delivery/read-delivery.js';
import type { SqliteBlob } from './sqlite-database.js';

/** Text is read as a BLOB, since libsql aborts the process at text that is not UTF-8. */
const text = (...columns: string[]) => columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(', ');

/** The columns of `SummaryRow`. */
export const SUMMARY = `sequence, state, due, enqueued_at, updated_at, attempts,
  ${text('id', 'callback', 'receiver', 'key', 'error', 'delivery')}`;

/** The columns of `DetailsRow`. */
export const DETAILS = `${SUMMARY}, ${text('history', 'body')}`;

/** The columns of `DeliveryRow`. */
export const DELIVERY = `sequence, attempts, ${text('id', 'history', 'delivery', 'body')}`;

type TextColumn = 'id' | 'callback' | 'receiver' | 'key' | 'error' | 'delivery' | 'history' | 'body';

/** A row with text in BLOBs. */
type InBlobs<Row> = {
  readonly [Column in keyof Row]: Column extends TextColumn ? SqliteBlob | Extract<Row[Column], null> : Row[Column];
};

export type SqliteSummaryRow = InBlobs<stored.SummaryRow>;
export type SqliteDetailsRow = InBlobs<stored.DetailsRow>;
export type SqliteDeliveryRow = InBlobs<stored.DeliveryRow>;

/** Returns the text of a BLOB. Invalid UTF-8 becomes U+FFFD. */
export function textOf(blob: SqliteBlob): string {
  return bytesOf(blob).toString();
}

export function bytesOf(blob: SqliteBlob): Buffer {
  return blob instanceof Uint8Array ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength) : Buffer.from(blob);
}

/**
 * Reads the delivery in a row, or what is wrong with it.
 *
 * @param receiver - the receiver in the row.
 */
export function readDelivery(row: SqliteDeliveryRow, receiver: string): StoredDelivery {
  const isText = [row.id, row.delivery, row.body].every((blob) => blob === null || isUtf8(bytesOf(blob)));
  if (!isText) return { damage: 'it is not UTF-8' };
  const read = stored.deliveryIn(readable<stored.DeliveryRow>(row));
  if ('delivery' in read && read.delivery.receiver !== receiver) {
    return { damage: 'its `receiver` differs from that of its row' };
  }
  return read;
}

export function readSummary(row: SqliteSummaryRow): DeliverySummary {
  return stored.summaryIn(readable<stored.SummaryRow>(row));
}

export function readDetails(row: SqliteDetailsRow): DeliveryDetails {
  return stored.detailsIn(readable<stored.DetailsRow>(row));
}

export function readHistory({ history }: Pick<SqliteDetailsRow, 'history'>): readonly DeliveryAttempt[] {
  return stored.historyIn({ history: history && textOf(history) });
}

function readable<Row extends object>(row: InBlobs<Row>): Row {
  const columns = Object.entries(row).map(([column, value]) => [column, isBlob(value) ? textOf(value) : value]);
  // The columns are the same, with text instead of BLOBs.
  return Object.fromEntries(columns) as Row;
}

function isBlob(value: unknown): value is SqliteBlob {
  return types.isUint8Array(value) || types.isAnyArrayBuffer(value);
}
