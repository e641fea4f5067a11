import type { RememberSettings } from '../delivery/queue/remember-options.js';
import { ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState, SummaryRow } from '../delivery/queue/stored-row.js';
import type { Queryable } from './postgres-database.js';
import { LEASE_MS } from './lease-table.js';
import { IS_NEWER, NOW } from './schema.js';
import type { Tables } from './schema.js';
import { SUMMARY } from './stored-row.js';

/** How many rows are made ready, taken over or forgotten at once. */
const BATCH = 500;
/** From how many rows on the counts are added up, and how many at once. */
const COUNTS = { many: 200, atOnce: 10_000 };

/** Times that no clock of ours can have written: somebody changed the row, or set the clock. */
const NONSENSE_MS = { lease: 10 * LEASE_MS, wait: 366 * 24 * 3_600_000 };

/** What there is to do. */
export interface Chores {
  readonly is_incoming: boolean;
  readonly is_waiting_over: boolean;
  readonly is_lease_over: boolean;
  readonly is_old: boolean;
  readonly is_untold: boolean;
  readonly are_many_counts: boolean;
  /** In how many ms the next row is due that waits. */
  readonly next_due: number | null;
  /** The version of a row that a newer process wrote, if there is one. */
  readonly newer: number | null;
}

/** What one worker does for all: what is due is made ready, taken over, forgotten; counts are added up. */
export class UpkeepTable {
  readonly #chores: string;
  readonly #promote: readonly string[];
  readonly #takeOver: readonly string[];
  readonly #forget: readonly string[];
  readonly #addUp: string;

  /** @param worker - names the worker in its leases. */
  constructor(
    private readonly database: Queryable,
    { deliveries, incoming, untold, counts }: Tables,
    private readonly worker: string,
    { remember, rememberFailed }: RememberSettings,
  ) {
    const memory = { delivered: remember, cancelled: remember, failed: rememberFailed };
    // Always by the index of states, whatever Postgres guesses: the first of an order, and never whether there is any.
    const end = (state: RowState, order: 'ASC' | 'DESC') =>
      `(SELECT due FROM ${deliveries} WHERE state = '${state}' ORDER BY due ${order} LIMIT 1)`;
    const isOver = (state: RowState, nonsense: number) =>
      `coalesce(${end(state, 'ASC')} <= ${NOW} OR ${end(state, 'DESC')} > ${NOW} + ${nonsense}, false)`;
    const some = (state: RowState, condition: string, order: 'ASC' | 'DESC' = 'ASC') =>
      `sequence = ANY(ARRAY(
        SELECT sequence FROM ${deliveries} WHERE state = '${state}' AND ${condition}
        ORDER BY due ${order} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
      ))`;
    // A lease that ends in years, or a wait of years, is ended now.
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
    // What it attempts is its own; what it never knew that it had been given is not.
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
    // Those who do so at once take different rows.
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
    // It is one row, always.
    return chores!;
  }

  /** Makes ready what has waited for long enough. */
  async promote(): Promise<void> {
    for (const sql of this.#promote) await this.database.query(sql);
  }

  /**
   * Makes ready what workers had that are gone.
   *
   * @param held - what this worker attempts.
   * @returns what those workers were to attempt for the last time: it is cancelled now.
   */
  async takeOver(held: readonly number[]): Promise<readonly SummaryRow[]> {
    const cancelled: SummaryRow[] = [];
    for (const sql of this.#takeOver) {
      const taken = await this.database.query<SummaryRow>(sql, [this.worker, held]);
      cancelled.push(...taken.filter(({ state }) => state === 'cancelled'));
    }
    return cancelled;
  }

  /** Forgets what was remembered for long enough. */
  async forget(): Promise<void> {
    for (const sql of this.#forget) await this.database.query(sql);
  }

  async addUpCounts(): Promise<void> {
    await this.database.query(this.#addUp);
  }
}
