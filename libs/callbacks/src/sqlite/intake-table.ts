import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import { STATE_OF } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { textOf } from './blob-row.js';
import { isBusy, PATIENCE_MS, pauseOfBusy } from './sqlite-error.js';

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

/** The most rows in one commit, which blocks the event loop for about 20 ms at most. */
const MAX_BATCH_SIZE = 500;

/** The options of a group commit. */
export interface GroupCommitOptions {
  /** Writes all rows or none, and returns the result of each. */
  readonly write: (rows: readonly NewRow[]) => readonly AddedDelivery[];
  /** Creates the error for users. */
  readonly explain: (error: unknown) => Error;
}

interface WaitingRow {
  readonly row: NewRow;
  readonly giveUpAt: number;
  readonly resolve: (added: AddedDelivery) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes everything that is added in one turn of the event loop in one commit, so that the disk is waited for only
 * once.
 */
export class GroupCommit {
  readonly #waiting: WaitingRow[] = [];
  #writing: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions) {}

  /** Resolves once the row is committed. */
  add(row: NewRow): Promise<AddedDelivery> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, giveUpAt: performance.now() + PATIENCE_MS, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once no row waits to be written. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await endOfTurn();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, MAX_BATCH_SIZE);
      try {
        const added = this.options.write(group.map(({ row }) => row));
        for (const [index, { resolve }] of this.#waiting.splice(0, group.length).entries()) resolve(added[index]!);
        await endOfTurn();
      } catch (error) {
        const now = performance.now();
        const refused = isBusy(error) ? group.filter(({ giveUpAt }) => giveUpAt <= now) : group;
        // The oldest rows are first.
        for (const { reject } of this.#waiting.splice(0, refused.length)) reject(this.options.explain(error));
        await sleep(pauseOfBusy());
      }
    }
    this.#writing = undefined;
  }
}
