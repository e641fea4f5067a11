import type { RememberSettings } from '../delivery/queue/remember-options.js';
import { LEASE_MS } from './lease-table.js';
import { IS_NEWER } from './schema.js';
import { prepareAll, rowsOf, transact } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';
import { SUMMARY } from './stored-row.js';
import type { SummaryRow } from './stored-row.js';

/** How many rows that are due are made ready or forgotten at once: the event loop is blocked for a few ms at most. */
const BATCH = 200;

/** From how many free pages on the file is made smaller, and by how many at once. */
const FREE_PAGES = { least: 1_000, atOnce: 1_000 };

/** Times that no clock of ours can have written: somebody changed the row, or set the clock. */
const NONSENSE_MS = { lease: 10 * LEASE_MS, wait: 366 * 24 * 3_600_000 };

// A lease that ends in years, or a wait of years, is ended now.
const WAITS_NO_LONGER = `state = 'waiting' AND (due <= ?1 OR due > ?1 + ${NONSENSE_MS.wait})`;
const IS_LOST = `state = 'leased' AND worker <> ?2 AND (due <= ?1 OR due > ?1 + ${NONSENSE_MS.lease})`;
const isOld = (state: string, age: string) => `state = '${state}' AND due <= ?1 - ${age}`;

const some = (condition: string) =>
  `sequence IN (SELECT sequence FROM callback_deliveries WHERE ${condition} ORDER BY due LIMIT ${BATCH})`;
const exists = (condition: string) => `EXISTS (SELECT 1 FROM callback_deliveries WHERE ${condition})`;

/** What one worker does for all: what is due is made ready, taken over, forgotten; space is given back. */
export class UpkeepTable {
  readonly #sql: Readonly<
    Record<'isOverdue' | 'promote' | 'takeOver' | 'nextDue' | 'newer' | 'pages', SqliteStatement>
  >;
  readonly #forget: readonly SqliteStatement[];

  /** @param worker - names the worker in its leases. */
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

  /** Whether anything is due to be made ready, taken over or forgotten. */
  isOverdue(now: number): boolean {
    const [answer] = rowsOf<{ is_overdue: number }>(this.#sql.isOverdue, now, this.worker);
    return answer?.is_overdue === 1;
  }

  /**
   * Makes ready what is due, with the leases of workers that are gone, and forgets what was remembered for long enough.
   *
   * @returns what those workers were to attempt for the last time: it is cancelled now.
   */
  moveOverdue(now: number): readonly SummaryRow[] {
    this.#sql.promote.run(now);
    // Not its own: that attempt still runs.
    const taken = rowsOf<SummaryRow>(this.#sql.takeOver, now, this.worker);
    for (const forget of this.#forget) forget.run(now);
    return taken.filter(({ state }) => state === 'cancelled');
  }

  /** When the next row that waits is due, in ms since 1970. */
  nextDue(): number {
    return rowsOf<{ due: number }>(this.#sql.nextDue)[0]?.due ?? Infinity;
  }

  /** The version of a row that a newer process wrote, if there is one. */
  newerVersion(): number | undefined {
    return rowsOf<{ version: number }>(this.#sql.newer)[0]?.version;
  }

  /** Gives space back to the disk, a little at a time, once much of the file is free. */
  shrink(): void {
    const [pages] = rowsOf<{ free: number; total: number }>(this.#sql.pages);
    if (!pages || pages.free < Math.max(FREE_PAGES.least, pages.total / 4)) return;
    transact(this.database, () => this.database.exec(`PRAGMA incremental_vacuum(${FREE_PAGES.atOnce})`));
  }
}
