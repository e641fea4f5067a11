import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import { STATE_OF } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { textOf } from './blob-row.js';

// OR FAIL cuts the cost of the trigger to a third, since SQLite needs no journal for the statement. It runs in a
// transaction.
const INSERT = `
  INSERT OR FAIL INTO callback_deliveries
    (id, version, due, enqueued_at, updated_at, callback, host, receiver, key, digest, delivery, body)
  VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING`;

const KNOWN = `SELECT state, CAST(digest AS BLOB) AS digest FROM callback_deliveries WHERE id = ?`;

/** The values of a delivery, in the order of INSERT. */
export type NewRow = readonly SqliteValue[];

/** The statements that add deliveries, on one connection. */
export interface Intake {
  readonly insert: SqliteStatement;
  readonly known: SqliteStatement;
}

export function prepareIntake(database: SqliteDatabase): Intake {
  return { insert: database.prepare(INSERT), known: database.prepare(KNOWN) };
}

export function rowOf(delivery: CallbackDelivery): NewRow {
  const { id, version, callback, receiver, key, digest } = delivery;
  const { body, ...request } = delivery.request;
  const parts = JSON.stringify({ ...delivery, request });
  const now = Date.now();
  return [id, version, now, callback, hostOf(delivery), receiver, key ?? null, digest, parts, body ?? null];
}

/** Inserts a row, in the open transaction of the connection, if there is one. */
export function insertRow({ insert, known }: Intake, row: NewRow): AddedDelivery {
  if (insert.run(...row).changes > 0) return { status: 'queued' };
  const [held] = rowsOf<{ state: RowState; digest: SqliteBlob }>(known, row[0]!);
  // The insert conflicted with this id under the same lock, so the row exists.
  const { state, digest } = held!;
  return { status: 'duplicate', state: STATE_OF[state], digest: textOf(digest) };
}
