import type { ClaimedEvent, ToldEvent } from '../delivery/queue/work-in-hand.js';
import type { Queryable } from './postgres-database.js';
import { NOW } from './schema.js';
import type { Tables } from './schema.js';

/** How long a worker may take to announce an event before another one tries, in ms. */
const CLAIM_MS = 60_000;
const BATCH = 20;

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
  async settle(events: readonly ToldEvent[]): Promise<void> {
    const numbers = (isTold: boolean) => events.filter((one) => one.isTold === isTold).map(({ number }) => number);
    const [told, untold] = [numbers(true), numbers(false)];
    if (told.length > 0) await this.database.query(this.#sql.drop, [told]);
    if (untold.length > 0) await this.database.query(this.#sql.giveBack, [untold, this.worker]);
  }
}
