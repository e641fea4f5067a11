import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { CallbackStats, FailedDelivery, FailedPage } from '../delivery/queue/callback-queue.js';
import { describeFailed, describeLost } from '../delivery/queue/describe-failed.js';
import { readDelivery } from './read-delivery.js';
import { rowsOf, transact } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';

const INSERT = `
  INSERT INTO callback_deliveries (id, host, due, delivery) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;

const FAILED = `
  SELECT id, due, attempts, error, delivery FROM callback_deliveries WHERE state = 'failed'
  ORDER BY due DESC LIMIT ? OFFSET ?`;

const RETRY = `
  UPDATE callback_deliveries SET state = 'ready', due = ?, attempts = 0, error = NULL
  WHERE id = ? AND state = 'failed'`;

const count = (state: string) => `(SELECT COUNT(*) FROM callback_deliveries WHERE state = '${state}')`;
const STATS = `
  SELECT ${count('ready')} + ${count('waiting')} AS queued, ${count('leased')} AS inFlight,
    ${count('delivered')} AS delivered, ${count('failed')} AS failed`;

/** A delivery, as it is inserted. */
export interface NewRow {
  readonly id: string;
  readonly host: string;
  readonly text: string;
}

interface FailedRow {
  readonly id: string;
  readonly due: number;
  readonly attempts: number;
  readonly error: string;
  readonly delivery: string;
}

/** What the app asks of the table: takes deliveries in, and tells what became of them. */
export class DeliveryTable {
  readonly #insert: SqliteStatement;
  readonly #failed: SqliteStatement;
  readonly #retry: SqliteStatement;
  readonly #stats: SqliteStatement;

  constructor(readonly database: SqliteDatabase) {
    this.#insert = database.prepare(INSERT);
    this.#failed = database.prepare(FAILED);
    this.#retry = database.prepare(RETRY);
    this.#stats = database.prepare(STATS);
  }

  insertAll(rows: readonly NewRow[]): void {
    transact(this.database, () => {
      for (const row of rows) run(this.#insert, row);
    });
  }

  failed({ limit, offset }: FailedPage): readonly FailedDelivery[] {
    return rowsOf<FailedRow>(this.#failed, limit, offset).map(({ id, due, attempts, error, delivery }) => {
      const failure = { attempts, error, failedAt: new Date(due) };
      const read = readDelivery(id, delivery);
      return read ? describeFailed(read, failure) : describeLost(id, failure);
    });
  }

  retry(id: string): boolean {
    return this.#retry.run(Date.now(), id).changes > 0;
  }

  stats(): CallbackStats {
    const [{ queued, inFlight, delivered, failed }] = rowsOf(this.#stats) as readonly [CallbackStats];
    return { queued, inFlight, delivered, failed };
  }
}

export function rowOf(delivery: CallbackDelivery): NewRow {
  return { id: delivery.id, host: hostOf(delivery), text: JSON.stringify(delivery) };
}

/** Inserts a row by any connection, in the transaction that is open on it, if one is. */
export function insertRow(database: SqliteDatabase, row: NewRow): void {
  // Not kept: a connection of libsql stays open, even when it is closed, as long as one of its statements is held.
  run(database.prepare(INSERT), row);
}

function run(insert: SqliteStatement, { id, host, text }: NewRow): void {
  insert.run(id, host, Date.now(), text);
}
