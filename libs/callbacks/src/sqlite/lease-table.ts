import type { EndedAttempt } from '../delivery/queue/callback-queue.js';
import type { LanePage, LaneRequest } from '../delivery/queue/lane-walker.js';
import { storeHistory } from '../delivery/queue/stored-row.js';
import type { Ended } from '../delivery/queue/work-in-hand.js';
import { IS_READY } from './schema.js';
import { prepareAll, rowsOf } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { bytesOf, DELIVERY, readHistory, SUMMARY, textOf } from './blob-row.js';
import type { SqliteDeliveryRow, SqliteSummaryRow } from './blob-row.js';

/** How long a lease lasts without a renewal, in ms. */
export const LEASE_MS = 10_000;
/** The most receivers that are read at once. */
const MAX_LANES = 50;

/** Matches a row that this worker holds. */
const IS_HELD = `sequence = ? AND state = 'leased' AND worker = ?`;
/** A worker that lost its lease matches no row, because the new holder stores the outcome. */
const IS_MINE = `${IS_HELD} AND attempts = ?`;

// OR FAIL cuts the cost of the triggers to a third, since SQLite needs no journal for a statement. All of them run in a
// transaction.
const SQL = {
  // It seeks from receiver to receiver, so it never reads the rows of a receiver without slots, even if there are
  // 100,000.
  lanes: `
    WITH RECURSIVE lane (receiver) AS (
      SELECT min(receiver) FROM callback_deliveries WHERE ${IS_READY} AND receiver >= CAST(? AS TEXT)
      UNION ALL
      SELECT (SELECT min(receiver) FROM callback_deliveries WHERE ${IS_READY} AND receiver > lane.receiver)
      FROM lane WHERE lane.receiver IS NOT NULL
    )
    SELECT CAST(receiver AS BLOB) AS receiver, (
      SELECT COUNT(*) FROM (SELECT 1 FROM callback_deliveries WHERE ${IS_READY} AND receiver = lane.receiver LIMIT ?)
    ) AS ready
    FROM lane WHERE receiver IS NOT NULL LIMIT ?`,

  lease: `
    UPDATE OR FAIL callback_deliveries SET state = 'leased', due = ?2, worker = ?3
    WHERE sequence IN (
      SELECT sequence FROM callback_deliveries WHERE ${IS_READY} AND receiver = CAST(?1 AS TEXT) ORDER BY due LIMIT ?4
    )
    RETURNING ${DELIVERY}`,

  renew: `
    UPDATE callback_deliveries SET due = ?
    WHERE sequence IN (SELECT value FROM json_each(?)) AND state = 'leased' AND worker = ?`,

  settle: `
    UPDATE OR FAIL callback_deliveries SET worker = NULL, is_cancelled = 0, attempts = ?, error = ?, history = ?, updated_at = ?,
      due = iif(is_cancelled, ?4, ?), state = iif(is_cancelled, 'cancelled', ?)
    WHERE ${IS_MINE} RETURNING ${SUMMARY}`,
  postpone: `
    UPDATE OR FAIL callback_deliveries SET worker = NULL, is_cancelled = 0, updated_at = ?1,
      due = iif(is_cancelled, ?1, ?), state = iif(is_cancelled, 'cancelled', 'waiting')
    WHERE ${IS_MINE} RETURNING ${SUMMARY}`,
  settleDelivered: `
    UPDATE OR FAIL callback_deliveries SET state = 'delivered', worker = NULL, is_cancelled = 0, attempts = ?,
      error = NULL, history = ?, updated_at = ?, due = ?, is_body_dropped = body IS NOT NULL, body = NULL
    WHERE ${IS_MINE}`,
  settleWithBody: `
    UPDATE OR FAIL callback_deliveries SET state = 'delivered', worker = NULL, is_cancelled = 0, attempts = ?,
      error = NULL, history = ?, updated_at = ?, due = ?
    WHERE ${IS_MINE}`,
  damage: `
    UPDATE callback_deliveries SET state = 'failed', worker = NULL, is_cancelled = 0, error = ?, updated_at = ?, due = ?
    WHERE ${IS_HELD}`,
  newer: `UPDATE callback_deliveries SET state = 'ready', worker = NULL, version = ? WHERE ${IS_HELD}`,
  keepUntold: `INSERT INTO callback_deliveries_untold (delivery, event, due, worker) VALUES (?, ?, ?, ?)`,
};

/** The exclusive right to make one attempt. */
export type Lease = SqliteDeliveryRow;

/** The statements of one worker: they take leases and store the outcomes. */
export class LeaseTable {
  readonly #sql: Readonly<Record<keyof typeof SQL, SqliteStatement>>;

  /** @param worker - the name of the worker in its leases. */
  constructor(
    readonly database: SqliteDatabase,
    private readonly worker: string,
    private readonly keepBodies: boolean,
  ) {
    this.#sql = prepareAll(database, SQL);
  }

  /** Returns the next receivers with ready deliveries, in the order of their bytes. */
  lanes({ after, counted }: LaneRequest<Buffer>): LanePage<Buffer> {
    const most = Math.min(counted, MAX_LANES);
    const from = after === undefined ? Buffer.alloc(0) : successorOf(after);
    const rows = rowsOf<{ receiver: SqliteBlob; ready: number }>(this.#sql.lanes, from, counted, most);
    const lanes = rows.map(({ receiver, ready }) => ({
      receiver: bytesOf(receiver),
      name: textOf(receiver),
      ready,
    }));
    return { lanes, isLast: lanes.length < most };
  }

  /** Takes the oldest deliveries of a receiver. */
  lease(receiver: Buffer, most: number, now: number): readonly Lease[] {
    return rowsOf<Lease>(this.#sql.lease, receiver, now + LEASE_MS, this.worker, most);
  }

  renew(leases: Iterable<Lease>, now: number): void {
    const sequences = JSON.stringify(Array.from(leases, ({ sequence }) => sequence));
    this.#sql.renew.run(now + LEASE_MS, sequences, this.worker);
  }

  /** @returns the row, if its delivery is now cancelled. */
  settle({ lease, outcome, at: endedAt }: Ended<Lease>): SqliteSummaryRow | undefined {
    const at = Date.now() - Math.floor(performance.now() - endedAt);
    const held = [lease.sequence, this.worker] as const;
    if (outcome.status === 'damaged') this.#sql.damage.run(outcome.error, at, at, ...held);
    else if (outcome.status === 'newer') this.#sql.newer.run(outcome.version, ...held);
    else if (outcome.status === 'delivered') this.#settleDelivered(lease, outcome, at);
    else {
      const [row] =
        outcome.status === 'postponed'
          ? rowsOf<SqliteSummaryRow>(this.#sql.postpone, at, dueAfter(outcome.delay, at), ...held, lease.attempts)
          : rowsOf<SqliteSummaryRow>(this.#sql.settle, ...this.#changesOf(lease, outcome, at), ...held, lease.attempts);
      return row?.state === 'cancelled' ? row : undefined;
    }
    return undefined;
  }

  #changesOf(lease: Lease, outcome: EndedAttempt, at: number): SqliteValue[] {
    const { record } = outcome;
    const [due, state] = outcome.status === 'retry' ? [dueAfter(outcome.delay, at), 'waiting'] : [at, 'failed'];
    return [lease.attempts + 1, record.error ?? null, this.#note(lease, outcome, at), at, due, state];
  }

  #settleDelivered(lease: Lease, outcome: EndedAttempt, at: number): void {
    const history = this.#note(lease, outcome, at);
    const settle = this.keepBodies ? this.#sql.settleWithBody : this.#sql.settleDelivered;
    settle.run(lease.attempts + 1, history, at, at, lease.sequence, this.worker, lease.attempts);
  }

  /** Stores the events, and returns the history with the ended attempt. */
  #note(lease: Lease, { record, untold = [] }: EndedAttempt, at: number): string {
    for (const event of untold) {
      this.#sql.keepUntold.run(textOf(lease.id), JSON.stringify(event), at, this.worker);
    }
    return storeHistory(readHistory(lease), record);
  }
}

function dueAfter(delay: number, at: number): number {
  return at + Math.ceil(delay);
}

/** Returns the next string in the order of bytes. */
function successorOf(receiver: Buffer): Buffer {
  return Buffer.concat([receiver, Buffer.from([0])]);
}
