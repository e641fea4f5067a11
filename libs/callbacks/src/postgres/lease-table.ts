import type { EndedAttempt } from '../delivery/queue/callback-queue.js';
import type { LanePage, LaneRequest } from '../delivery/queue/lane-walker.js';
import { historyIn, storeHistory } from '../delivery/queue/stored-row.js';
import type { SummaryRow } from '../delivery/queue/stored-row.js';
import type { Ended } from '../delivery/queue/work-in-hand.js';
import type { Queryable } from './postgres-database.js';
import { IS_READY, NOW } from './schema.js';
import type { Tables } from './schema.js';
import { laneOf, LEASED, MAX_RECEIVER, storable, SUMMARY } from './stored-row.js';
import type { LeasedRow } from './stored-row.js';

/** How long a lease lasts without a renewal, in ms. */
export const LEASE_MS = 15_000;
/** The most receivers that are read at once, and how many more than there are slots. */
const LANES = { most: 100, spare: 20 };

/** The exclusive right to make one attempt. */
export type Lease = LeasedRow;

/** A receiver with ready deliveries. */
interface LaneRow {
  /** The value in its column. */
  readonly receiver: string;
  /** The number of ready deliveries, counted up to a limit. */
  readonly ready: number;
  /** One of its deliveries, if the column contains only a hash of the receiver. */
  readonly sample: string | null;
}

/** The changes of one row. */
interface Settlement {
  readonly state: 'delivered' | 'failed' | 'waiting';
  /** The time until it is due, in ms. */
  readonly delay: number;
  /** Absent if the count is damaged and must not change. */
  readonly attempts?: number;
  /** Absent if the history and the error must not change. */
  readonly history?: string;
  readonly error?: string | undefined;
}

/** The statements of one worker: they take leases and store the outcomes. */
export class LeaseTable {
  readonly #sql: Readonly<Record<'lanes' | 'lease' | 'renew' | 'settle' | 'newer', string>>;

  /** @param worker - the name of the worker in its leases. */
  constructor(
    private readonly database: Queryable,
    { deliveries, untold }: Tables,
    private readonly worker: string,
    keepBodies: boolean,
  ) {
    const isDropped = keepBodies ? 'false' : `ended.state = 'delivered' AND row.body IS NOT NULL`;
    this.#sql = {
      // It seeks from receiver to receiver, so it never reads the rows of a receiver without slots, even if there are
      // 100,000.
      lanes: `
        WITH RECURSIVE lane (receiver) AS (
          (SELECT receiver FROM ${deliveries}
           WHERE ${IS_READY} AND ($1::text IS NULL OR receiver > $1) ORDER BY receiver LIMIT 1)
          UNION ALL
          SELECT (SELECT receiver FROM ${deliveries}
            WHERE ${IS_READY} AND receiver > lane.receiver ORDER BY receiver LIMIT 1)
          FROM lane WHERE lane.receiver IS NOT NULL
        )
        SELECT receiver, (
          SELECT count(*) FROM (
            SELECT 1 FROM ${deliveries} WHERE ${IS_READY} AND receiver = lane.receiver LIMIT $2
          ) AS counted
        ) AS ready, CASE WHEN length(receiver) > ${MAX_RECEIVER} THEN (
          SELECT delivery FROM ${deliveries} WHERE ${IS_READY} AND receiver = lane.receiver LIMIT 1
        ) END AS sample
        FROM lane WHERE receiver IS NOT NULL LIMIT $3`,

      lease: `
        UPDATE ${deliveries} SET state = 'leased', due = ${NOW} + ${LEASE_MS}, worker = $3
        WHERE sequence = ANY(ARRAY(
          SELECT first.sequence FROM unnest($1::text[], $2::integer[]) AS lane (receiver, slots), LATERAL (
            SELECT sequence FROM ${deliveries} WHERE ${IS_READY} AND receiver = lane.receiver
            ORDER BY due LIMIT lane.slots FOR UPDATE SKIP LOCKED
          ) AS first
        ))
        RETURNING ${LEASED}`,

      renew: `
        UPDATE ${deliveries} SET due = ${NOW} + ${LEASE_MS}
        WHERE sequence = ANY($1::bigint[]) AND state = 'leased' AND worker = $2`,

      // A worker that lost its lease matches no row, because the new holder stores the outcome.
      settle: `
        WITH ended AS (
          SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::text[], $9::text[]) AS ended (sequence, held, state, age, delay, attempts, history, error)
        ), settled AS (
          UPDATE ${deliveries} AS row SET
            state = CASE WHEN ended.state <> 'delivered' AND row.is_cancelled THEN 'cancelled' ELSE ended.state END,
            due = ${NOW} - ended.age + CASE WHEN row.is_cancelled THEN 0 ELSE ended.delay END,
            updated_at = ${NOW} - ended.age,
            attempts = coalesce(ended.attempts, row.attempts),
            history = coalesce(ended.history, row.history),
            error = CASE WHEN ended.history IS NULL THEN coalesce(ended.error, row.error) ELSE ended.error END,
            is_body_dropped = ${isDropped},
            body = CASE WHEN ${isDropped} THEN NULL ELSE row.body END,
            worker = NULL, is_cancelled = false
          FROM ended WHERE row.sequence = ended.sequence AND row.state = 'leased' AND row.worker = $1
            AND row.attempts = coalesce(ended.held, row.attempts)
          RETURNING ${SUMMARY.split(', ')
            .map((column) => `row.${column}`)
            .join(', ')}
        ), kept AS (
          INSERT INTO ${untold} (delivery, event, due, worker)
          SELECT event.delivery, event.event, ${NOW}, $1
          FROM unnest($10::text[], $11::text[]) AS event (delivery, event) JOIN settled ON settled.id = event.delivery
        )
        SELECT * FROM settled WHERE state = 'cancelled'`,

      newer: `
        UPDATE ${deliveries} SET state = 'ready', due = ${NOW}, worker = NULL, version = $3
        WHERE sequence = $2 AND state = 'leased' AND worker = $1`,
    };
  }

  /** Returns the next receivers with ready deliveries, in the order of their bytes. */
  async lanes({ after, counted }: LaneRequest<string>): Promise<LanePage<string>> {
    const most = Math.min(counted + LANES.spare, LANES.most);
    const rows = await this.database.query<LaneRow>(this.#sql.lanes, [after, counted, most]);
    const lanes = rows.map((row) => ({ receiver: row.receiver, name: receiverIn(row), ready: row.ready }));
    return { lanes, isLast: lanes.length < most };
  }

  /** Takes the oldest deliveries of receivers. */
  async lease(lanes: readonly { readonly receiver: string; readonly slots: number }[]): Promise<readonly Lease[]> {
    const leases = await this.database.query<Lease>(this.#sql.lease, [
      lanes.map(({ receiver }) => receiver),
      lanes.map(({ slots }) => slots),
      this.worker,
    ]);
    return leases.toSorted((one, other) => one.sequence - other.sequence);
  }

  async renew(leases: Iterable<Lease>): Promise<void> {
    await this.database.query(this.#sql.renew, [Array.from(leases, ({ sequence }) => sequence), this.worker]);
  }

  /** @returns the rows whose deliveries are now cancelled. */
  async settle(all: readonly Ended<Lease>[]): Promise<readonly SummaryRow[]> {
    const settled: [Ended<Lease>, Settlement][] = [];
    for (const ended of all) {
      const settlement = settlementOf(ended);
      if (settlement) settled.push([ended, settlement]);
      else if (ended.outcome.status === 'newer') {
        await this.database.query(this.#sql.newer, [this.worker, ended.lease.sequence, ended.outcome.version]);
      }
    }
    if (settled.length === 0) return [];
    // Ordered, so that two statements that change the same rows do not deadlock.
    settled.sort(([one], [other]) => one.lease.sequence - other.lease.sequence);
    const now = performance.now();
    const events = settled.flatMap(([{ lease, outcome }]) =>
      ('untold' in outcome ? (outcome.untold ?? []) : []).map((event) => [lease.id, JSON.stringify(event)] as const),
    );
    return this.database.query<SummaryRow>(this.#sql.settle, [
      this.worker,
      settled.map(([{ lease }]) => lease.sequence),
      settled.map(([{ lease }, { attempts }]) => (attempts === undefined ? undefined : lease.attempts)),
      settled.map(([, { state }]) => state),
      settled.map(([{ at }]) => Math.round(now - at)),
      settled.map(([, { delay }]) => Math.ceil(delay)),
      settled.map(([, { attempts }]) => attempts),
      settled.map(([, { history }]) => history),
      settled.map(([, { error }]) => error && storable(error)),
      events.map(([id]) => id),
      events.map(([, event]) => event),
    ]);
  }
}

function settlementOf({ lease, outcome }: Ended<Lease>): Settlement | undefined {
  const { attempts } = lease;
  switch (outcome.status) {
    case 'newer':
      return undefined;
    case 'damaged':
      return { state: 'failed', delay: 0, error: outcome.error };
    case 'postponed':
      return { state: 'waiting', delay: outcome.delay, attempts };
    case 'retry':
      return { state: 'waiting', delay: outcome.delay, ...noted(lease, outcome) };
    case 'delivered':
    case 'failed':
      return { state: outcome.status, delay: 0, ...noted(lease, outcome) };
  }
}

/** Returns the columns that store an attempt. */
function noted(lease: Lease, { record }: EndedAttempt): Pick<Settlement, 'attempts' | 'history' | 'error'> {
  const history = storeHistory(historyIn(lease), record);
  return { attempts: lease.attempts + 1, history, error: record.error };
}

/** Returns the receiver of a lane; `undefined` if its delivery is damaged. */
function receiverIn({ receiver: column, sample }: LaneRow): string | undefined {
  if (sample === null) return column;
  try {
    const { receiver } = JSON.parse(sample) as { readonly receiver?: unknown };
    return typeof receiver === 'string' && laneOf(receiver) === column ? receiver : undefined;
  } catch {
    return undefined;
  }
}
