import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import { STATE_OF } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { textOf } from './stored-row.js';

// With OR FAIL the trigger costs a third: SQLite keeps no journal of what one statement did. It is in a transaction.
const INSERT = `
  INSERT OR FAIL INTO callback_deliveries
    (id, version, due, enqueued_at, updated_at, callback, host, receiver, key, digest, delivery, body)
  VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING`;

const KNOWN = `SELECT state, CAST(digest AS BLOB) AS digest FROM callback_deliveries WHERE id = ?`;

/** A delivery, as it is inserted. */
export type NewRow = readonly SqliteValue[];

/** What deliveries are added with, on one connection. */
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

/** Inserts a row, in the transaction that is open on the connection, if one is. */
export function insertRow({ insert, known }: Intake, row: NewRow): AddedDelivery {
  if (insert.run(...row).changes > 0) return { status: 'queued' };
  const [held] = rowsOf<{ state: RowState; digest: SqliteBlob }>(known, row[0]!);
  // The id was in the way of the insert, in the same transaction or under the same lock.
  const { state, digest } = held!;
  return { status: 'duplicate', state: STATE_OF[state], digest: textOf(digest) };
}
