import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** What is needed of a `Client` or a `PoolClient` of `pg`. */
export interface PgClient {
  query(sql: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Since pg 8.21: whether a transaction is open. */
  getTransactionStatus?(): string | null;
  /** Pools have it. */
  readonly totalCount?: never;
}

/**
 * The transaction that is open on a client of `pg`, for `enqueue(..., { transaction })`.
 *
 * @throws TypeError for a pool, whose statements are each on a connection of their own, and for a client that is known to
 *   have no transaction.
 * @example
 * const client = await pool.connect();
 * await client.query('BEGIN');
 * await client.query('UPDATE invoices SET paid = true WHERE id = $1', ['2expen51ve']);
 * await callbacks.enqueue(InvoiceCallbacks, urls, { transaction: fromPg(client) }).invoiceNotification(event);
 * await client.query('COMMIT');
 */
export function fromPg(client: PgClient): QueueTransaction {
  return openTransaction({
    user: 'fromPg()',
    fix: "give it the client that pool.connect() gave, after await client.query('BEGIN')",
    isOpen: () => !('totalCount' in client) && client.getTransactionStatus?.() !== 'I',
    query: async (sql, values) => (await client.query(sql, [...values])).rows,
  });
}
