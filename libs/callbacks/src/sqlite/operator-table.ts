import { setImmediate as endOfTurn } from 'node:timers/promises';
import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import type { CancelledDeliveries } from '../delivery/queue/callback-queue.js';
import type { CallbackStats, DeliveryDetails } from '../delivery/queue/deliveries.js';
import { IS_READY } from './schema.js';
import type { RowState } from './schema.js';
import { prepareAll, rowsOf, transact } from './sqlite-database.js';
import type { SqliteBlob, SqliteDatabase, SqliteStatement } from './sqlite-database.js';
import { bytesOf, dateOf, DETAILS, detailsIn } from './stored-row.js';
import type { DetailsRow } from './stored-row.js';
import { untilFree } from './until-free.js';

/** How many receivers are asked at once since when their oldest delivery is due. */
const LANES_AT_ONCE = 2_000;
/** How many deliveries one transaction changes. */
const CHANGED_AT_ONCE = 100;

// What a newer version wrote is left alone.
const IS_KNOWN = `id = ? AND version <= ${FORMAT_VERSION}`;
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
  overdue: `
    SELECT COUNT(*) AS count, min(due) AS oldest FROM callback_deliveries WHERE state = 'waiting' AND due <= ?`,
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

  count(): Readonly<Record<RowState, number>> {
    const [counts] = rowsOf<Readonly<Record<RowState, number>>>(this.#sql.counts);
    // It has one row, from the beginning.
    return counts!;
  }

  async stats(): Promise<CallbackStats> {
    const { ready, waiting, leased, delivered, failed, cancelled } = this.count();
    const now = Date.now();
    const [overdue] = rowsOf<{ count: number; oldest: number | null }>(this.#sql.overdue, now);
    const oldest = Math.min(overdue?.oldest ?? Infinity, ready > 0 ? await this.#oldestReady() : Infinity);
    return {
      queued: ready + waiting,
      due: ready + (overdue?.count ?? 0),
      ...(oldest !== Infinity && { oldestDueAt: dateOf(oldest) }),
      inFlight: leased,
      delivered,
      failed,
      cancelled,
    };
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

  /** Some at a time, each part of them in one transaction. @returns what came of each, in their order. */
  async #change<Outcome>(
    ids: readonly string[],
    change: (id: string, now: number) => Outcome,
  ): Promise<readonly (readonly [id: string, outcome: Outcome])[]> {
    const outcomes: [string, Outcome][] = [];
    for (let first = 0; first < ids.length; first += CHANGED_AT_ONCE) {
      if (first > 0) await endOfTurn();
      const some = ids.slice(first, first + CHANGED_AT_ONCE);
      const now = Date.now();
      const made = () => transact(this.database, () => some.map((id): [string, Outcome] => [id, change(id, now)]));
      outcomes.push(...(await untilFree(made)));
    }
    return outcomes;
  }
}

function idsOf<Outcome>(outcomes: readonly (readonly [id: string, outcome: Outcome])[], wanted: Outcome): string[] {
  return outcomes.filter(([, outcome]) => outcome === wanted).map(([id]) => id);
}
