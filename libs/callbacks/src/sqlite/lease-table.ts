import type { AttemptOutcome } from '../delivery/queue/callback-queue.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';

/** How many rows that are due are made ready or forgotten at once: the event loop is blocked for a few ms at most. */
const BATCH = 200;

/** How long a worker that is not heard of keeps what it attempts, in ms. */
const LEASE = 10_000;

const SQL = {
  nextHost: `SELECT host FROM callback_deliveries WHERE state = 'ready' AND host > ? ORDER BY host LIMIT 1`,

  lease: `
    UPDATE callback_deliveries SET state = 'leased', due = ?, worker = ?, attempts = attempts + 1
    WHERE rowid IN (
      SELECT rowid FROM callback_deliveries WHERE state = 'ready' AND host = ? ORDER BY due LIMIT ?
    )
    RETURNING id, attempts AS attempt, delivery AS text`,

  renew: `
    UPDATE callback_deliveries SET due = ?
    WHERE id IN (SELECT value FROM json_each(?)) AND state = 'leased' AND worker = ?`,

  // A worker whose lease has expired and was taken over finds no row: the outcome is the other one's to tell.
  settle: `
    UPDATE callback_deliveries SET state = ?, due = ?, error = ?, worker = NULL
    WHERE id = ? AND state = 'leased' AND worker = ? AND attempts = ?`,
  settlePostponed: `
    UPDATE callback_deliveries SET state = 'waiting', due = ?, error = ?, worker = NULL, attempts = attempts - 1
    WHERE id = ? AND state = 'leased' AND worker = ? AND attempts = ?`,
  settleDelivered: `
    UPDATE callback_deliveries SET state = 'delivered', due = ?, error = NULL, worker = NULL, delivery = ''
    WHERE id = ? AND state = 'leased' AND worker = ? AND attempts = ?`,

  isOverdue: `
    SELECT EXISTS (SELECT 1 FROM callback_deliveries WHERE state = 'waiting' AND due <= ?)
      OR EXISTS (SELECT 1 FROM callback_deliveries WHERE state = 'leased' AND due <= ? AND worker <> ?)
      OR EXISTS (SELECT 1 FROM callback_deliveries WHERE state = 'delivered' AND due <= ?) AS is_overdue`,
  promote: `
    UPDATE callback_deliveries SET state = 'ready' WHERE rowid IN (
      SELECT rowid FROM callback_deliveries WHERE state = 'waiting' AND due <= ? ORDER BY due LIMIT ${BATCH}
    )`,
  // The worker that has it next makes the same attempt: a crash is none that the receiver refused.
  takeOver: `
    UPDATE callback_deliveries SET state = 'ready', worker = NULL, attempts = attempts - 1 WHERE rowid IN (
      SELECT rowid FROM callback_deliveries WHERE state = 'leased' AND due <= ? AND worker <> ?
      ORDER BY due LIMIT ${BATCH}
    )`,
  forget: `
    DELETE FROM callback_deliveries WHERE rowid IN (
      SELECT rowid FROM callback_deliveries WHERE state = 'delivered' AND due <= ? ORDER BY due LIMIT ${BATCH}
    )`,
  nextDue: `SELECT due FROM callback_deliveries WHERE state = 'waiting' ORDER BY due LIMIT 1`,
};

/** The right to make one attempt. */
export interface Lease {
  readonly id: string;
  readonly attempt: number;
  /** The delivery, as JSON. */
  readonly text: string;
}

/** An attempt that has ended. */
export interface Ended {
  readonly lease: Lease;
  readonly outcome: AttemptOutcome;
  /** When it ended, in ms since 1970. */
  readonly at: number;
}

/** What one worker asks of the table: leases, and what is due. */
export class LeaseTable {
  readonly #statements: Readonly<Record<keyof typeof SQL, SqliteStatement>>;

  /**
   * @param worker - names the worker in its leases.
   * @param remember - how long a delivered id is remembered, in ms.
   */
  constructor(
    readonly database: SqliteDatabase,
    private readonly worker: string,
    private readonly remember: number,
  ) {
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)] as const);
    // The names are those of SQL.
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof SQL, SqliteStatement>;
  }

  /**
   * The hosts that something is ready for, each once, beginning after the one that was served last. It goes from host to
   * host: what waits for a host without room, be it 100,000 rows, is never read.
   */
  *hostsAfter(served: string): Generator<string> {
    const next = (host: string) => rowsOf<{ host: string }>(this.#statements.nextHost, host)[0]?.host;
    for (let host = next(served); host !== undefined; host = next(host)) yield host;
    for (let host = next(''); host !== undefined && host <= served; host = next(host)) yield host;
  }

  /** Takes what has stood in a host's line for longest. */
  lease(host: string, most: number, now: number): readonly Lease[] {
    return rowsOf<Lease>(this.#statements.lease, now + LEASE, this.worker, host, most);
  }

  renew(leases: Iterable<Lease>, now: number): void {
    const ids = JSON.stringify(Array.from(leases, ({ id }) => id));
    this.#statements.renew.run(now + LEASE, ids, this.worker);
  }

  settle({ lease: { id, attempt }, outcome, at }: Ended): void {
    if (outcome.status === 'delivered') {
      this.#statements.settleDelivered.run(at + this.remember, id, this.worker, attempt);
    } else if (outcome.status === 'postponed') {
      this.#statements.settlePostponed.run(at + Math.ceil(outcome.delay), outcome.error, id, this.worker, attempt);
    } else {
      const [state, due] = outcome.status === 'retry' ? ['waiting', at + Math.ceil(outcome.delay)] : ['failed', at];
      this.#statements.settle.run(state, due, outcome.error, id, this.worker, attempt);
    }
  }

  /** Whether anything is due to be made ready, taken over or forgotten. */
  isOverdue(now: number): boolean {
    const [answer] = rowsOf<{ is_overdue: number }>(this.#statements.isOverdue, now, now, this.worker, now);
    return answer?.is_overdue === 1;
  }

  /** Makes ready what is due, with the leases of workers that are gone, and forgets what has been remembered enough. */
  moveOverdue(now: number): void {
    this.#statements.promote.run(now);
    // Not its own: that attempt still runs.
    this.#statements.takeOver.run(now, this.worker);
    this.#statements.forget.run(now);
  }

  /** When the next row that waits is due, in ms since 1970. */
  nextDue(): number {
    return rowsOf<{ due: number }>(this.#statements.nextDue)[0]?.due ?? Infinity;
  }
}
