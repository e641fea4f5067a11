import type { QueueWorker, UntoldEvent } from '../delivery/queue/callback-queue.js';
import { prepareAll, rowsOf } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement } from './sqlite-database.js';
import { textOf } from './stored-row.js';

/** How long a worker may take to announce an event before another one tries, in ms. */
const CLAIM_MS = 60_000;
const BATCH = 20;

// The worker that stored the event is shutting down.
const IS_OPEN = `due <= ? AND worker <> ?`;

const SQL = {
  isAny: `SELECT EXISTS (SELECT 1 FROM callback_deliveries_untold WHERE ${IS_OPEN}) AS is_any`,
  claim: `
    UPDATE callback_deliveries_untold SET due = ? WHERE number IN (
      SELECT number FROM callback_deliveries_untold WHERE ${IS_OPEN} ORDER BY number LIMIT ${BATCH}
    ) RETURNING number, CAST(event AS BLOB) AS event`,
  drop: `DELETE FROM callback_deliveries_untold WHERE number = ?`,
  giveBack: `UPDATE callback_deliveries_untold SET due = ?, worker = ? WHERE number = ?`,
};

/** An event that this worker announces. */
export interface ClaimedEvent {
  readonly number: number;
  readonly event: SqliteBlob;
}

/** The events that listeners missed when their process ended. */
export class UntoldTable {
  readonly #sql: Readonly<Record<keyof typeof SQL, SqliteStatement>>;

  constructor(
    database: SqliteDatabase,
    private readonly worker: string,
  ) {
    this.#sql = prepareAll(database, SQL);
  }

  isAny(now: number): boolean {
    return rowsOf<{ is_any: number }>(this.#sql.isAny, now, this.worker)[0]?.is_any === 1;
  }

  /** Takes some events, so that no other worker announces them. */
  claim(now: number): readonly ClaimedEvent[] {
    return rowsOf<ClaimedEvent>(this.#sql.claim, now + CLAIM_MS, now, this.worker);
  }

  /** @param isTold - whether it was announced; otherwise it is left to another worker. */
  settle({ number }: ClaimedEvent, isTold: boolean, now: number): void {
    if (isTold) this.#sql.drop.run(number);
    else this.#sql.giveBack.run(now, this.worker, number);
  }
}

/** @returns whether the event was announced, or can never be. */
export async function announce({ event }: ClaimedEvent, worker: QueueWorker): Promise<boolean> {
  let untold: UntoldEvent;
  try {
    // JSON.stringify() wrote it. If it was changed, the worker reports and drops it.
    untold = JSON.parse(textOf(event)) as UntoldEvent;
  } catch {
    untold = null;
  }
  return worker.announce(untold);
}
