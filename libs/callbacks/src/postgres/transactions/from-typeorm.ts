import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** What is needed of an `EntityManager` of TypeORM. */
export interface TypeOrmManager {
  readonly queryRunner?: TypeOrmQueryRunner | undefined;
}

interface TypeOrmQueryRunner {
  readonly isReleased: boolean;
  readonly isTransactionActive: boolean;
  query(sql: string, values: unknown[], useStructuredResult: true): Promise<{ records: Record<string, unknown>[] }>;
}

/**
 * The transaction of an entity manager of TypeORM, for `enqueue(..., { transaction })`.
 *
 * @param manager - what `dataSource.transaction()` hands over, or the `manager` of a query runner whose transaction is open.
 * @throws TypeError for a manager that has no open transaction.
 * @example
 * await dataSource.transaction(async (manager) => {
 *   await manager.query('UPDATE invoices SET paid = true WHERE id = $1', ['2expen51ve']);
 *   const transaction = fromTypeOrm(manager);
 *   await callbacks.enqueue(InvoiceCallbacks, urls, { transaction }).invoiceNotification(event);
 * });
 */
export function fromTypeOrm({ queryRunner }: TypeOrmManager): QueueTransaction {
  return openTransaction({
    user: 'fromTypeOrm()',
    fix: 'give it the manager that dataSource.transaction() hands to its function',
    isOpen: () => queryRunner !== undefined && queryRunner.isTransactionActive && !queryRunner.isReleased,
    // Without `true` the shape of the result depends on the statement.
    query: async (sql, values) => (await queryRunner!.query(sql, [...values], true)).records,
  });
}
