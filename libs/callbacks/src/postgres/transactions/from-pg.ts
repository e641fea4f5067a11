import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** The used part of a `Client` or a `PoolClient` of `pg`. */
export interface PgClient {
  query(sql: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Since pg 8.21: whether a transaction is open. */
  getTransactionStatus?(): string | null;
  /** Only pools have this member. */
  readonly totalCount?: never;
}

/**
 * Converts the open transaction of a `pg` client for `enqueue(..., { transaction })`.
 *
 * @throws TypeError for a pool, which runs each statement on another connection, and for a client that is known to have
 *   no transaction.
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
    fix: "pass the client of pool.connect(), after await client.query('BEGIN')",
    isOpen: () => !('totalCount' in client) && client.getTransactionStatus?.() !== 'I',
    query: async (sql, values) => (await client.query(sql, [...values])).rows,
  });
}
