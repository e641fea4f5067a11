import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** What is needed of the client that an interactive transaction of Prisma has. */
export interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<unknown>;
}

/**
 * An interactive transaction of Prisma, for `enqueue(..., { transaction })`.
 *
 * @param tx - what `prisma.$transaction()` hands to its function.
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
    fix: 'give it the client that prisma.$transaction(async (tx) => ...) hands to its function',
    // Prisma takes this member from the client of a transaction, and refuses its queries once it has ended.
    isOpen: () => Reflect.get(tx, '$connect') === undefined,
    // The rows of a statement that gives some.
    query: async (sql, values) => (await tx.$queryRawUnsafe(sql, ...values)) as Record<string, unknown>[],
  });
}
