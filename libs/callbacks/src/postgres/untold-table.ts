import type { QueueWorker, UntoldEvent } from '../delivery/queue/callback-queue.js';
import type { Queryable } from './postgres-database.js';
import { NOW } from './schema.js';
import type { Tables } from './schema.js';

/** How long a worker may take to announce an event before another one tries, in ms. */
const CLAIM_MS = 60_000;
const BATCH = 20;

/** An event that this worker announces. */
export interface ClaimedEvent {
  readonly number: number;
  readonly event: string;
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
        UPDATE ${untold} SET due = ${NOW} + ${CLAIM_MS} WHERE number = ANY(ARRAY(
          SELECT number FROM ${untold} WHERE due <= ${NOW} AND worker <> $1
          ORDER BY number LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
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
  async settle(told: readonly number[], untold: readonly number[]): Promise<void> {
    if (told.length > 0) await this.database.query(this.#sql.drop, [told]);
    if (untold.length > 0) await this.database.query(this.#sql.giveBack, [untold, this.worker]);
  }
}

/** @returns whether the event was announced, or can never be. */
export async function announce({ event }: ClaimedEvent, worker: QueueWorker): Promise<boolean> {
  let untold: UntoldEvent;
  try {
    // JSON.stringify() wrote it. If it was changed, the worker reports and drops it.
    untold = JSON.parse(event) as UntoldEvent;
  } catch {
    untold = null;
  }
  return worker.announce(untold);
}
