import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** What is needed of a transaction of Drizzle for Postgres, with any of its drivers. */
export interface DrizzleTransaction {
  execute(statement: never): PromiseLike<unknown>;
  rollback(): never;
}

type Rows = readonly Record<string, unknown>[];

/**
 * A transaction of Drizzle, for `enqueue(..., { transaction })`.
 *
 * @param tx - what `db.transaction()` hands to its function.
 * @throws TypeError for a database of Drizzle, which has no transaction.
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
    fix: 'give it what db.transaction(async (tx) => ...) hands to its function',
    isOpen: () => typeof Reflect.get(tx, 'rollback') === 'function',
    query: async (sql, values) => {
      // An `SQLWrapper`, whose SQL is complete: Drizzle's own would have to be imported, and is built of fragments.
      const statement = { getSQL: () => ({ toQuery: () => ({ sql, params: [...values] }) }) };
      // The type of a statement is one of Drizzle's.
      const result = (await tx.execute(statement as never)) as Rows | { readonly rows: Rows };
      // postgres-js gives the rows, the other drivers an object that has them.
      return 'rows' in result ? result.rows : result;
    },
  });
}
