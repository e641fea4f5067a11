import type { RememberSettings } from '../delivery/queue/remember.options.js';
import { LEASE_MS } from './lease-table.js';
import { IS_NEWER } from './schema.js';
import { prepareAll, rowsOf, transact } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement, SqliteBlob } from './sqlite-database.js';
import { SUMMARY, textOf } from './blob-row.js';
import type { SqliteSummaryRow } from './blob-row.js';
import type { ClaimedEvent, ToldEvent } from '../delivery/queue/work-in-hand.js';

/** The most rows that are changed at once, so that the event loop is blocked for a few ms at most. */
const MAX_BATCH_SIZE = 200;

/** The number of free pages at which the file is shrunk, and the number of pages that are released at once. */
const FREE_PAGES = { least: 1_000, atOnce: 1_000 };

/** Times that are too far in the future: somebody changed the row or set the clock. */
const NONSENSE_MS = { lease: 10 * LEASE_MS, wait: 366 * 24 * 3_600_000 };

// A lease or a wait of years is ended now.
const WAITS_NO_LONGER = `state = 'waiting' AND (due <= ?1 OR due > ?1 + ${NONSENSE_MS.wait})`;
const IS_LOST = `state = 'leased' AND worker <> ?2 AND (due <= ?1 OR due > ?1 + ${NONSENSE_MS.lease})`;
const isOld = (state: string, age: string) => `state = '${state}' AND due <= ?1 - ${age}`;

const some = (condition: string) =>
  `sequence IN (SELECT sequence FROM callback_deliveries WHERE ${condition} ORDER BY due LIMIT ${MAX_BATCH_SIZE})`;
const exists = (condition: string) => `EXISTS (SELECT 1 FROM callback_deliveries WHERE ${condition})`;

/**
 * The work that one worker does for all: it makes rows ready, takes over expired leases, forgets old deliveries and
 * releases space.
 */
export class UpkeepTable {
  readonly #sql: Readonly<
    Record<'isOverdue' | 'promote' | 'takeOver' | 'nextDue' | 'newer' | 'pages', SqliteStatement>
  >;
  readonly #forget: readonly SqliteStatement[];

  /** @param worker - the name of the worker in its leases. */
  constructor(
    readonly database: SqliteDatabase,
    private readonly worker: string,
    { remember, rememberFailed }: RememberSettings,
  ) {
    const old = [
      isOld('delivered', String(remember)),
      isOld('cancelled', String(remember)),
      isOld('failed', String(rememberFailed)),
    ];
    this.#forget = old.map((condition) => database.prepare(`DELETE FROM callback_deliveries WHERE ${some(condition)}`));
    this.#sql = prepareAll(database, {
      isOverdue: `SELECT ${[WAITS_NO_LONGER, IS_LOST, ...old].map(exists).join(' OR ')} AS is_overdue`,
      promote: `UPDATE callback_deliveries SET state = 'ready', due = min(due, ?1) WHERE ${some(WAITS_NO_LONGER)}`,
      // A crashed attempt does not count: the receiver did not reject it.
      takeOver: `
        UPDATE callback_deliveries SET state = iif(is_cancelled, 'cancelled', 'ready'), worker = NULL, is_cancelled = 0,
          due = ?1, updated_at = iif(is_cancelled, ?1, updated_at)
        WHERE ${some(IS_LOST)} RETURNING ${SUMMARY}`,
      nextDue: `SELECT due FROM callback_deliveries WHERE state = 'waiting' ORDER BY due LIMIT 1`,
      newer: `SELECT version FROM callback_deliveries WHERE ${IS_NEWER} LIMIT 1`,
      pages: 'SELECT freelist_count AS free, page_count AS total FROM pragma_freelist_count, pragma_page_count',
    });
  }

  /** Whether there are rows to make ready, take over or forget. */
  isOverdue(now: number): boolean {
    const [answer] = rowsOf<{ is_overdue: number }>(this.#sql.isOverdue, now, this.worker);
    return answer?.is_overdue === 1;
  }

  /**
   * Makes due rows and those with expired leases ready, and forgets old deliveries.
   *
   * @returns deliveries of expired leases that are now cancelled.
   */
  moveOverdue(now: number): readonly SqliteSummaryRow[] {
    this.#sql.promote.run(now);
    // Not its own leases, since these attempts still run.
    const taken = rowsOf<SqliteSummaryRow>(this.#sql.takeOver, now, this.worker);
    for (const forget of this.#forget) forget.run(now);
    return taken.filter(({ state }) => state === 'cancelled');
  }

  /** Returns when the next waiting row is due, in ms since 1970. */
  nextDue(): number {
    return rowsOf<{ due: number }>(this.#sql.nextDue)[0]?.due ?? Infinity;
  }

  /** Returns the version of a row of a newer process, if there is one. */
  newerVersion(): number | undefined {
    return rowsOf<{ version: number }>(this.#sql.newer)[0]?.version;
  }

  /** Releases space to the disk in small steps, once much of the file is free. */
  shrink(): void {
    const [pages] = rowsOf<{ free: number; total: number }>(this.#sql.pages);
    if (!pages || pages.free < Math.max(FREE_PAGES.least, pages.total / 4)) return;
    transact(this.database, () => this.database.exec(`PRAGMA incremental_vacuum(${FREE_PAGES.atOnce})`));
  }
}

/** How long a worker may take to announce an event before another one tries, in ms. */
const CLAIM_MS = 60_000;
const CLAIMED_AT_ONCE = 20;

// The worker that stored the event is shutting down.
const IS_OPEN = `due <= ? AND worker <> ?`;

const UNTOLD = {
  isAny: `SELECT EXISTS (SELECT 1 FROM callback_deliveries_untold WHERE ${IS_OPEN}) AS is_any`,
  claim: `
    UPDATE callback_deliveries_untold SET due = ? WHERE number IN (
      SELECT number FROM callback_deliveries_untold WHERE ${IS_OPEN} ORDER BY number LIMIT ${CLAIMED_AT_ONCE}
    ) RETURNING number, CAST(event AS BLOB) AS event`,
  drop: `DELETE FROM callback_deliveries_untold WHERE number = ?`,
  giveBack: `UPDATE callback_deliveries_untold SET due = ?, worker = ? WHERE number = ?`,
};

/** The events that listeners missed when their process ended. */
export class UntoldTable {
  readonly #sql: Readonly<Record<keyof typeof UNTOLD, SqliteStatement>>;

  constructor(
    database: SqliteDatabase,
    private readonly worker: string,
  ) {
    this.#sql = prepareAll(database, UNTOLD);
  }

  isAny(now: number): boolean {
    return rowsOf<{ is_any: number }>(this.#sql.isAny, now, this.worker)[0]?.is_any === 1;
  }

  /** Takes some events, so that no other worker announces them. */
  claim(now: number): readonly ClaimedEvent[] {
    const claimed = rowsOf<{ number: number; event: SqliteBlob }>(this.#sql.claim, now + CLAIM_MS, now, this.worker);
    return claimed.map(({ number, event }) => ({ number, event: textOf(event) }));
  }

  /** Removes an announced event, or leaves it to another worker. */
  settle({ number, isTold }: ToldEvent, now: number): void {
    if (isTold) this.#sql.drop.run(number);
    else this.#sql.giveBack.run(now, this.worker, number);
  }
}
