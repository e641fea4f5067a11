import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** The used part of a TypeORM `EntityManager`. */
export interface TypeOrmManager {
  readonly queryRunner?: TypeOrmQueryRunner | undefined;
}

interface TypeOrmQueryRunner {
  readonly isReleased: boolean;
  readonly isTransactionActive: boolean;
  query(sql: string, values: unknown[], useStructuredResult: true): Promise<{ records: Record<string, unknown>[] }>;
}

/**
 * Converts the transaction of a TypeORM entity manager for `enqueue(..., { transaction })`.
 *
 * @param manager - the argument of the function in `dataSource.transaction()`, or the `manager` of a query runner with
 *   an open transaction.
 * @throws TypeError for a manager without an open transaction.
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
    fix: 'pass the manager of dataSource.transaction(async (manager) => ...)',
    isOpen: () => queryRunner !== undefined && queryRunner.isTransactionActive && !queryRunner.isReleased,
    // Without `true`, the type of the result depends on the statement.
    query: async (sql, values) => (await queryRunner!.query(sql, [...values], true)).records,
  });
}
