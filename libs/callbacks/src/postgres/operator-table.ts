import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import type { CancelledDeliveries } from '../delivery/queue/callback-queue.js';
import type { CallbackStats, DeliveryDetails } from '../delivery/queue/deliveries.js';
import { HAS_ENDED, dateOf, ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import type { Queryable } from './postgres-database.js';
import { IS_READY, NOW } from './schema.js';
import type { Tables } from './schema.js';
import { DETAILS, foundDetails } from './stored-row.js';
import type { FoundRow } from './stored-row.js';

interface StatsRow extends Readonly<Record<RowState, number | null>> {
  readonly overdue: number;
  readonly oldest: number | null;
}

/** The statements for operators: on one delivery, on several ids, or on the counts. */
export class OperatorTable {
  readonly #sql: Readonly<Record<'find' | 'retry' | 'cancel' | 'forget' | 'stats', string>>;

  constructor(
    private readonly database: Queryable,
    { deliveries, untold, counts }: Tables,
  ) {
    // Locked in order, so that two statements on the same rows do not deadlock. Rows of a newer version are not
    // changed.
    const those = (condition: string) => `sequence = ANY(ARRAY(
      SELECT sequence FROM ${deliveries} WHERE id = ANY($1::text[]) AND version <= ${FORMAT_VERSION} AND ${condition}
      ORDER BY sequence FOR UPDATE
    ))`;
    this.#sql = {
      find: `SELECT ${DETAILS} FROM ${deliveries} WHERE id = $1`,
      retry: `
        UPDATE ${deliveries} SET due = CASE WHEN state = 'ready' THEN due ELSE ${NOW} END, updated_at = ${NOW},
          attempts = CASE WHEN ${HAS_ENDED} THEN 0 ELSE attempts END, state = 'ready'
        WHERE ${those(`(state IN ('ready', 'waiting') OR ${HAS_ENDED} AND NOT is_body_dropped)`)} RETURNING id`,
      cancel: `
        UPDATE ${deliveries} SET is_cancelled = state = 'leased',
          state = CASE WHEN state = 'leased' THEN state ELSE 'cancelled' END,
          due = CASE WHEN state = 'leased' THEN due ELSE ${NOW} END,
          updated_at = CASE WHEN state = 'leased' THEN updated_at ELSE ${NOW} END
        WHERE ${those(`state IN ('ready', 'waiting', 'leased')`)} RETURNING id, state`,
      forget: `
        WITH gone AS (DELETE FROM ${deliveries} WHERE ${those(HAS_ENDED)} RETURNING id),
          events AS (DELETE FROM ${untold} USING gone WHERE delivery = gone.id)
        SELECT id FROM gone`,
      stats: `
        SELECT ${ROW_STATES.map((state) => `sum(${state})::bigint AS ${state}`).join(', ')},
          (SELECT count(*) FROM ${deliveries} WHERE state = 'waiting' AND due <= ${NOW}) AS overdue,
          least(
            (SELECT due FROM ${deliveries} WHERE ${IS_READY} ORDER BY due LIMIT 1),
            (SELECT due FROM ${deliveries} WHERE state = 'waiting' AND due <= ${NOW} ORDER BY due LIMIT 1)
          ) AS oldest
        FROM ${counts}`,
    };
  }

  async find(id: string): Promise<DeliveryDetails | undefined> {
    const [row] = await this.database.query<FoundRow>(this.#sql.find, [id]);
    return row && foundDetails(row);
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    return inGivenOrder(ids, await this.database.query<{ id: string }>(this.#sql.retry, [ids]));
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    const changed = await this.database.query<{ id: string; state: RowState }>(this.#sql.cancel, [ids]);
    const [inFlight, cancelled] = [true, false].map((isLeased) =>
      changed.filter(({ state }) => (state === 'leased') === isLeased),
    );
    return { cancelled: inGivenOrder(ids, cancelled!), inFlight: inGivenOrder(ids, inFlight!) };
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    return inGivenOrder(ids, await this.database.query<{ id: string }>(this.#sql.forget, [ids]));
  }

  async stats(): Promise<CallbackStats> {
    const [row] = await this.database.query<StatsRow>(this.#sql.stats);
    // It always returns one row, whose sums are NULL if there are no counts.
    const { oldest, overdue, ...counts } = row!;
    const of = (state: RowState) => counts[state] ?? 0;
    return {
      queued: of('ready') + of('waiting'),
      due: of('ready') + overdue,
      ...(oldest !== null && { oldestDueAt: dateOf(oldest) }),
      inFlight: of('leased'),
      delivered: of('delivered'),
      failed: of('failed'),
      cancelled: of('cancelled'),
    };
  }
}

/** In the given order. */
function inGivenOrder(ids: readonly string[], rows: readonly { readonly id: string }[]): string[] {
  const found = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => found.has(id));
}
