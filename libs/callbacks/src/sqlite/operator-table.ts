import { dateOf } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import type { CancelledDeliveries } from '../delivery/queue/callback-queue.js';
import type { CallbackStats, DeliveryDetails } from '../delivery/queue/deliveries.js';
import { IS_READY } from './schema.js';
import { prepareAll, rowsOf, transact } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement } from './sqlite-database.js';
import { bytesOf, DETAILS, detailsIn } from './stored-row.js';
import type { DetailsRow } from './stored-row.js';
import { untilFree } from './until-free.js';

/** How many receivers are asked at once since when their oldest delivery is due. */
const LANES_AT_ONCE = 2_000;
/** How many deliveries that are overdue are counted at once. */
const COUNTED_AT_ONCE = 50_000;
/** How long one transaction changes deliveries before it is committed and the event loop goes on, in ms. */
const CHANGING_MS = 5;

// What a newer version wrote is left alone.
const IS_KNOWN = `id = ? AND version <= ${FORMAT_VERSION}`;
const IS_OVERDUE = `state = 'waiting' AND due <= ?1 AND (due, sequence) > (?2, ?3)`;
const HAS_ENDED = `state IN ('delivered', 'failed', 'cancelled')`;

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
  // The first of each receiver's line, from receiver to receiver.
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

/** What an operator asks of one delivery, of some by their ids, or of all in numbers. */
export class OperatorTable {
  readonly #sql: Readonly<Record<keyof typeof SQL, SqliteStatement>>;

  constructor(readonly database: SqliteDatabase) {
    this.#sql = prepareAll(database, SQL);
  }

  find(id: string): DeliveryDetails | undefined {
    const [row] = rowsOf<DetailsRow>(this.#sql.find, id);
    return row && detailsIn(row);
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    const { retryWaiting, retryEnded } = this.#sql;
    const outcomes = await this.#change(ids, (id, now) =>
      [retryWaiting, retryEnded].some((sql) => sql.run(now, id).changes > 0),
    );
    return idsOf(outcomes, true);
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    const { cancelLeased, cancelWaiting } = this.#sql;
    const outcomes = await this.#change(ids, (id, now) => {
      if (cancelWaiting.run(now, id).changes > 0) return 'cancelled';
      return cancelLeased.run(id).changes > 0 ? 'inFlight' : undefined;
    });
    return { cancelled: idsOf(outcomes, 'cancelled'), inFlight: idsOf(outcomes, 'inFlight') };
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    const { forget, forgetUntold } = this.#sql;
    const outcomes = await this.#change(ids, (id) => {
      if (forget.run(id).changes === 0) return false;
      forgetUntold.run(id);
      return true;
    });
    return idsOf(outcomes, true);
  }

  async stats(): Promise<CallbackStats> {
    const [counts] = rowsOf<Readonly<Record<RowState, number>>>(this.#sql.counts);
    // It has one row, from the beginning.
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

  /** What a worker has not made ready yet: all that waits, if no process has sent for a while. */
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

  /** However many receivers there are, the event loop goes on meanwhile. */
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

  /** As many in one transaction as are changed quickly: rows that are not in memory are read from the disk. */
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

function idsOf<Outcome>(outcomes: readonly (readonly [id: string, outcome: Outcome])[], wanted: Outcome): string[] {
  return outcomes.filter(([, outcome]) => outcome === wanted).map(([id]) => id);
}
