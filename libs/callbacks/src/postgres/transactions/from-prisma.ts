import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** The used part of the client in an interactive Prisma transaction. */
export interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<unknown>;
}

/**
 * Converts an interactive Prisma transaction for `enqueue(..., { transaction })`.
 *
 * @param tx - the argument of the function in `prisma.$transaction()`.
 * @throws TypeError for a PrismaClient.
 * @example
 * await prisma.$transaction(async (tx) => {
 *   await tx.invoice.update({ where: { id: '2expen51ve' }, data: { paid: true } });
 *   const transaction = fromPrisma(tx);
 *   await callbacks.enqueue(InvoiceCallbacks, urls, { transaction }).invoiceNotification(event);
 * });
 */
export function fromPrisma(tx: PrismaTransaction): QueueTransaction {
  return openTransaction({
    user: 'fromPrisma()',
    fix: 'pass the tx of prisma.$transaction(async (tx) => ...)',
    // Prisma removes this member from the client of a transaction, and rejects queries once it has ended.
    isOpen: () => Reflect.get(tx, '$connect') === undefined,
    // The statement returns rows.
    query: async (sql, values) => (await tx.$queryRawUnsafe(sql, ...values)) as Record<string, unknown>[],
  });
}
