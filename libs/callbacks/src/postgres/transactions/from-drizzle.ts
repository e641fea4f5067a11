import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** The used part of a Drizzle transaction for Postgres, with any of its drivers. */
export interface DrizzleTransaction {
  execute(statement: never): PromiseLike<unknown>;
  rollback(): never;
}

type Rows = readonly Record<string, unknown>[];

/**
 * Converts a Drizzle transaction for `enqueue(..., { transaction })`.
 *
 * @param tx - the argument of the function in `db.transaction()`.
 * @throws TypeError for a Drizzle database, which is not a transaction.
 * @example
 * await drizzle.transaction(async (tx) => {
 *   await tx.execute(`UPDATE invoices SET paid = true WHERE id = '2expen51ve'`);
 *   const transaction = fromDrizzle(tx);
 *   await callbacks.enqueue(InvoiceCallbacks, urls, { transaction }).invoiceNotification(event);
 * });
 */
export function fromDrizzle(tx: DrizzleTransaction): QueueTransaction {
  return openTransaction({
    user: 'fromDrizzle()',
    fix: 'pass the tx of db.transaction(async (tx) => ...)',
    isOpen: () => typeof Reflect.get(tx, 'rollback') === 'function',
    query: async (sql, values) => {
      // An `SQLWrapper` with complete SQL. Drizzle's own class would need an import, and builds SQL from fragments.
      const statement = { getSQL: () => ({ toQuery: () => ({ sql, params: [...values] }) }) };
      // The type of statements belongs to Drizzle.
      const result = (await tx.execute(statement as never)) as Rows | { readonly rows: Rows };
      // postgres-js returns the rows, the other drivers return an object with the rows.
      return 'rows' in result ? result.rows : result;
    },
  });
}
