import type { RememberSettings } from '../delivery/queue/remember.options.js';
import { ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState, SummaryRow } from '../delivery/queue/stored-row.js';
import type { ClaimedEvent, ToldEvent } from '../delivery/queue/work-in-hand.js';
import type { Queryable } from './postgres-database.js';
import { LEASE_MS } from './lease-table.js';
import { IS_NEWER, NOW } from './schema.js';
import type { Tables } from './schema.js';
import { SUMMARY } from './stored-row.js';

/** The most rows that are changed at once. */
const MAX_BATCH_SIZE = 500;
/** The number of rows of counts at which they are merged, and how many are merged at once. */
const COUNTS = { many: 200, atOnce: 10_000 };

/** How long a worker may take to announce events before another one tries, and how many it takes. */
const CLAIM = { ms: 60_000, most: 20 };

/** Times that are too far in the future: somebody changed the row or set the clock. */
const NONSENSE_MS = { lease: 10 * LEASE_MS, wait: 366 * 24 * 3_600_000 };

/** The work to do. */
export interface Chores {
  readonly is_incoming: boolean;
  readonly is_waiting_over: boolean;
  readonly is_lease_over: boolean;
  readonly is_old: boolean;
  readonly is_untold: boolean;
  readonly are_many_counts: boolean;
  /** The time until the next waiting row is due, in ms. */
  readonly next_due: number | null;
  /** The version of a row of a newer process, if there is one. */
  readonly newer: number | null;
}

/**
 * The work that one worker does for all: it makes rows ready, takes over expired leases, forgets old deliveries and
 * merges counts.
 */
export class UpkeepTable {
  readonly #chores: string;
  readonly #promote: readonly string[];
  readonly #takeOver: readonly string[];
  readonly #forget: readonly string[];
  readonly #addUp: string;

  /** @param worker - the name of the worker in its leases. */
  constructor(
    private readonly database: Queryable,
    { deliveries, incoming, untold, counts }: Tables,
    private readonly worker: string,
    { remember, rememberFailed }: RememberSettings,
  ) {
    const memory = { delivered: remember, cancelled: remember, failed: rememberFailed };
    // Ordered with a limit instead of EXISTS, so that Postgres always uses the index of states.
    const end = (state: RowState, order: 'ASC' | 'DESC') =>
      `(SELECT due FROM ${deliveries} WHERE state = '${state}' ORDER BY due ${order} LIMIT 1)`;
    const isOver = (state: RowState, nonsense: number) =>
      `coalesce(${end(state, 'ASC')} <= ${NOW} OR ${end(state, 'DESC')} > ${NOW} + ${nonsense}, false)`;
    const some = (state: RowState, condition: string, order: 'ASC' | 'DESC' = 'ASC') =>
      `sequence = ANY(ARRAY(
        SELECT sequence FROM ${deliveries} WHERE state = '${state}' AND ${condition}
        ORDER BY due ${order} LIMIT ${MAX_BATCH_SIZE} FOR UPDATE SKIP LOCKED
      ))`;
    // A lease or a wait of years is ended now.
    const over = (state: RowState, nonsense: number, more = 'true') => [
      some(state, `due <= ${NOW} AND ${more}`),
      some(state, `due > ${NOW} + ${nonsense} AND ${more}`, 'DESC'),
    ];
    this.#chores = `
      SELECT EXISTS (SELECT 1 FROM ${incoming}) AS is_incoming,
        ${isOver('waiting', NONSENSE_MS.wait)} AS is_waiting_over,
        ${isOver('leased', NONSENSE_MS.lease)} AS is_lease_over,
        ${Object.entries(memory)
          .map(([state, age]) => `coalesce(${end(state as RowState, 'ASC')} <= ${NOW} - ${age}, false)`)
          .join(' OR ')} AS is_old,
        EXISTS (SELECT 1 FROM ${untold} WHERE due <= ${NOW} AND worker <> $1) AS is_untold,
        (SELECT count(*) FROM (SELECT 1 FROM ${counts} LIMIT ${COUNTS.many}) AS counted) = ${COUNTS.many} AS are_many_counts,
        ${end('waiting', 'ASC')} - ${NOW} AS next_due,
        (SELECT version FROM ${deliveries} WHERE ${IS_NEWER} LIMIT 1) AS newer`;
    this.#promote = over('waiting', NONSENSE_MS.wait).map(
      (rows) => `UPDATE ${deliveries} SET state = 'ready', due = least(due, ${NOW}) WHERE ${rows}`,
    );
    // Its own leases are kept, except those that it does not know of, because the reply was lost.
    const isLost = `(worker IS DISTINCT FROM $1 OR sequence <> ALL($2::bigint[]))`;
    // A crashed attempt does not count: the receiver did not reject it.
    this.#takeOver = over('leased', NONSENSE_MS.lease, isLost).map(
      (rows) => `
        UPDATE ${deliveries} SET state = CASE WHEN is_cancelled THEN 'cancelled' ELSE 'ready' END,
          updated_at = CASE WHEN is_cancelled THEN ${NOW} ELSE updated_at END,
          due = ${NOW}, worker = NULL, is_cancelled = false
        WHERE ${rows} RETURNING ${SUMMARY}`,
    );
    this.#forget = Object.entries(memory).map(
      ([state, age]) => `DELETE FROM ${deliveries} WHERE ${some(state as RowState, `due <= ${NOW} - ${age}`)}`,
    );
    // Concurrent statements take different rows.
    this.#addUp = `
      WITH taken AS (
        DELETE FROM ${counts} WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM ${counts} LIMIT ${COUNTS.atOnce} FOR UPDATE SKIP LOCKED
        )) RETURNING *
      )
      INSERT INTO ${counts} (${ROW_STATES.join(', ')})
      SELECT ${ROW_STATES.map((state) => `sum(${state})`).join(', ')} FROM taken HAVING count(*) > 0`;
  }

  async chores(): Promise<Chores> {
    const [chores] = await this.database.query<Chores>(this.#chores, [this.worker]);
    // It always returns one row.
    return chores!;
  }

  /** Makes due rows ready. */
  async promote(): Promise<void> {
    for (const sql of this.#promote) await this.database.query(sql);
  }

  /**
   * Makes rows with expired leases ready.
   *
   * @param held - the rows that this worker attempts.
   * @returns deliveries of expired leases that are now cancelled.
   */
  async takeOver(held: readonly number[]): Promise<readonly SummaryRow[]> {
    const cancelled: SummaryRow[] = [];
    for (const sql of this.#takeOver) {
      const taken = await this.database.query<SummaryRow>(sql, [this.worker, held]);
      cancelled.push(...taken.filter(({ state }) => state === 'cancelled'));
    }
    return cancelled;
  }

  /** Forgets old deliveries. */
  async forget(): Promise<void> {
    for (const sql of this.#forget) await this.database.query(sql);
  }

  async addUpCounts(): Promise<void> {
    await this.database.query(this.#addUp);
  }
}

/** The events that listeners missed when their process ended. */
export class UntoldTable {
  readonly #sql: Readonly<Record<'claim' | 'drop' | 'giveBack', string>>;

  constructor(
    private readonly database: Queryable,
    { untold }: Tables,
    private readonly worker: string,
  ) {
    this.#sql = {
      // The worker that stored the event is shutting down.
      claim: `
        UPDATE ${untold} SET due = ${NOW} + ${CLAIM.ms} WHERE number = ANY(ARRAY(
          SELECT number FROM ${untold} WHERE due <= ${NOW} AND worker <> $1
          ORDER BY number LIMIT ${CLAIM.most} FOR UPDATE SKIP LOCKED
        )) RETURNING number, event`,
      drop: `DELETE FROM ${untold} WHERE number = ANY($1::bigint[])`,
      giveBack: `UPDATE ${untold} SET due = ${NOW}, worker = $2 WHERE number = ANY($1::bigint[])`,
    };
  }

  /** Takes some events, so that no other worker announces them. */
  claim(): Promise<readonly ClaimedEvent[]> {
    return this.database.query<ClaimedEvent>(this.#sql.claim, [this.worker]);
  }

  /** Removes announced events, and leaves the rest to another worker. */
  async settle(events: readonly ToldEvent[]): Promise<void> {
    const numbers = (isTold: boolean) => events.filter((one) => one.isTold === isTold).map(({ number }) => number);
    const [told, untold] = [numbers(true), numbers(false)];
    if (told.length > 0) await this.database.query(this.#sql.drop, [told]);
    if (untold.length > 0) await this.database.query(this.#sql.giveBack, [untold, this.worker]);
  }
}
