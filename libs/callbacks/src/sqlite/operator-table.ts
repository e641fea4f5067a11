import { setImmediate as endOfTurn } from 'node:timers/promises';
import { HAS_ENDED, dateOf } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import type { CancelledDeliveries } from '../delivery/queue/callback-queue.js';
import type { CallbackStats, DeliveryDetails } from '../delivery/queue/deliveries.js';
import { IS_READY } from './schema.js';
import { prepareAll, rowsOf, transact } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement } from './sqlite-database.js';
import { bytesOf, DETAILS, readDetails } from './blob-row.js';
import type { SqliteDetailsRow } from './blob-row.js';
import { untilFree } from './sqlite-error.js';

/** The number of receivers whose oldest due delivery is read at once. */
const LANES_AT_ONCE = 2_000;
/** The number of overdue deliveries that are counted at once. */
const COUNTED_AT_ONCE = 50_000;
/** How long one transaction may change deliveries before it is committed and yields to the event loop, in ms. */
const CHANGING_MS = 5;

// Rows of a newer version are not changed.
const IS_KNOWN = `id = ? AND version <= ${FORMAT_VERSION}`;
const IS_OVERDUE = `state = 'waiting' AND due <= ?1 AND (due, sequence) > (?2, ?3)`;

const SQL = {
  find: `SELECT ${DETAILS} FROM callback_deliveries WHERE id = ?`,
  retryWaiting: `
    UPDATE OR FAIL callback_deliveries SET due = iif(state = 'waiting', ?1, due), state = 'ready', updated_at = ?1
    WHERE ${IS_KNOWN} AND state IN ('ready', 'waiting')`,
  retryEnded: `
    UPDATE OR FAIL callback_deliveries SET due = ?1, state = 'ready', updated_at = ?1, attempts = 0
    WHERE ${IS_KNOWN} AND ${HAS_ENDED} AND NOT is_body_dropped`,
  cancelWaiting: `
    UPDATE OR FAIL callback_deliveries SET due = ?1, state = 'cancelled', updated_at = ?1
    WHERE ${IS_KNOWN} AND state IN ('ready', 'waiting')`,
  cancelLeased: `UPDATE callback_deliveries SET is_cancelled = 1 WHERE ${IS_KNOWN} AND state = 'leased'`,
  forget: `DELETE FROM callback_deliveries WHERE ${IS_KNOWN} AND ${HAS_ENDED}`,
  forgetUntold: `DELETE FROM callback_deliveries_untold WHERE delivery = ?`,
  counts: `SELECT ready, waiting, leased, delivered, failed, cancelled FROM callback_deliveries_counts WHERE number = 1`,
  oldestWaiting: `SELECT min(due) AS due FROM callback_deliveries WHERE state = 'waiting'`,
  overdue: `SELECT COUNT(*) AS count FROM callback_deliveries WHERE ${IS_OVERDUE}`,
  lastOverdue: `
    SELECT due, sequence FROM callback_deliveries WHERE ${IS_OVERDUE}
    ORDER BY due, sequence LIMIT 1 OFFSET ${COUNTED_AT_ONCE - 1}`,
  // It seeks from receiver to receiver, and reads the oldest delivery of each.
  oldest: `
    WITH RECURSIVE lane (receiver) AS (
      SELECT min(receiver) FROM callback_deliveries WHERE ${IS_READY} AND receiver > CAST(? AS TEXT)
      UNION ALL
      SELECT (SELECT min(receiver) FROM callback_deliveries WHERE ${IS_READY} AND receiver > lane.receiver)
      FROM lane WHERE lane.receiver IS NOT NULL LIMIT ?
    )
    SELECT COUNT(receiver) AS count, CAST(max(receiver) AS BLOB) AS last,
      min((SELECT min(due) FROM callback_deliveries WHERE ${IS_READY} AND receiver = lane.receiver)) AS oldest
    FROM lane WHERE receiver IS NOT NULL`,
};

/** The statements for operators: on one delivery, on several ids, or on the counts. */
export class OperatorTable {
  readonly #sql: Readonly<Record<keyof typeof SQL, SqliteStatement>>;

  constructor(readonly database: SqliteDatabase) {
    this.#sql = prepareAll(database, SQL);
  }

  find(id: string): DeliveryDetails | undefined {
    const [row] = rowsOf<SqliteDetailsRow>(this.#sql.find, id);
    return row && readDetails(row);
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    const { retryWaiting, retryEnded } = this.#sql;
    const outcomes = await this.#change(ids, (id, now) =>
      [retryWaiting, retryEnded].some((sql) => sql.run(now, id).changes > 0),
    );
    return idsWithOutcome(outcomes, true);
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    const { cancelLeased, cancelWaiting } = this.#sql;
    const outcomes = await this.#change(ids, (id, now) => {
      if (cancelWaiting.run(now, id).changes > 0) return 'cancelled';
      return cancelLeased.run(id).changes > 0 ? 'inFlight' : undefined;
    });
    return { cancelled: idsWithOutcome(outcomes, 'cancelled'), inFlight: idsWithOutcome(outcomes, 'inFlight') };
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    const { forget, forgetUntold } = this.#sql;
    const outcomes = await this.#change(ids, (id) => {
      if (forget.run(id).changes === 0) return false;
      forgetUntold.run(id);
      return true;
    });
    return idsWithOutcome(outcomes, true);
  }

  async stats(): Promise<CallbackStats> {
    const [counts] = rowsOf<Readonly<Record<RowState, number>>>(this.#sql.counts);
    // The table always has one row.
    const { ready, waiting, leased, delivered, failed, cancelled } = counts!;
    const now = Date.now();
    const [oldestWaiting] = rowsOf<{ due: number | null }>(this.#sql.oldestWaiting);
    const overdue = await this.#countOverdue(now);
    const oldest = Math.min(
      overdue > 0 ? (oldestWaiting?.due ?? Infinity) : Infinity,
      ready > 0 ? await this.#oldestReady() : Infinity,
    );
    return {
      queued: ready + waiting,
      due: ready + overdue,
      ...(oldest !== Infinity && { oldestDueAt: dateOf(oldest) }),
      inFlight: leased,
      delivered,
      failed,
      cancelled,
    };
  }

  /** Counts waiting deliveries that are due but not ready yet, for example because no process has been sending. */
  async #countOverdue(now: number): Promise<number> {
    let last = { due: Number.MIN_SAFE_INTEGER, sequence: 0 };
    for (let counted = 0; ; counted += COUNTED_AT_ONCE) {
      const [next] = rowsOf<typeof last>(this.#sql.lastOverdue, now, last.due, last.sequence);
      if (!next) {
        const [rest] = rowsOf<{ count: number }>(this.#sql.overdue, now, last.due, last.sequence);
        return counted + (rest?.count ?? 0);
      }
      last = next;
      await endOfTurn();
    }
  }

  /** In steps, so that many receivers do not block the event loop. */
  async #oldestReady(): Promise<number> {
    let oldest = Infinity;
    let last: Uint8Array = Buffer.alloc(0);
    for (;;) {
      const [lanes] = rowsOf<{ count: number; last: SqliteBlob | null; oldest: number | null }>(
        this.#sql.oldest,
        last,
        LANES_AT_ONCE,
      );
      oldest = Math.min(oldest, lanes?.oldest ?? Infinity);
      if (!lanes?.last || lanes.count < LANES_AT_ONCE) return oldest;
      last = bytesOf(lanes.last);
      await endOfTurn();
    }
  }

  /** Limited by time, since rows that are not in memory must be read from the disk. */
  async #change<Outcome>(
    ids: readonly string[],
    change: (id: string, now: number) => Outcome,
  ): Promise<readonly (readonly [id: string, outcome: Outcome])[]> {
    const outcomes: [string, Outcome][] = [];
    const changeSome = () => {
      const now = Date.now();
      const begin = performance.now();
      const some: [string, Outcome][] = [];
      for (const id of ids.slice(outcomes.length)) {
        some.push([id, change(id, now)]);
        if (performance.now() - begin > CHANGING_MS) break;
      }
      return some;
    };
    while (outcomes.length < ids.length) {
      outcomes.push(...(await untilFree(() => transact(this.database, changeSome))));
      await endOfTurn();
    }
    return outcomes;
  }
}

function idsWithOutcome<Outcome>(
  outcomes: readonly (readonly [id: string, outcome: Outcome])[],
  wanted: Outcome,
): string[] {
  return outcomes.filter(([, outcome]) => outcome === wanted).map(([id]) => id);
}
