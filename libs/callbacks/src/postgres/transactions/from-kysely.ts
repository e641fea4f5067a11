import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** What is needed of a `Transaction` of Kysely. */
export interface KyselyTransaction {
  readonly isTransaction: boolean;
  /** Plugins such as CamelCasePlugin rename the columns of results. */
  withoutPlugins(): {
    executeQuery(query: CompiledQuery): Promise<{ rows: unknown[] }>;
  };
  /** Of a transaction that is controlled by hand. */
  readonly isCommitted?: boolean;
  readonly isRolledBack?: boolean;
}

/** What `CompiledQuery.raw()` of Kysely makes. */
interface CompiledQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

/**
 * A transaction of Kysely, for `enqueue(..., { transaction })`.
 *
 * @param trx - what `db.transaction().execute()` hands to its function, or `db.startTransaction().execute()` gives.
 * @throws TypeError for a Kysely that is not a transaction.
 * @example
 * await kysely.transaction().execute(async (trx) => {
 *   await trx.updateTable('invoices').set({ paid: true }).where('id', '=', '2expen51ve').execute();
 *   const transaction = fromKysely(trx);
 *   await callbacks.enqueue(InvoiceCallbacks, urls, { transaction }).invoiceNotification(event);
 * });
 */
export function fromKysely(trx: KyselyTransaction): QueueTransaction {
  return openTransaction({
    user: 'fromKysely()',
    fix: 'give it what db.transaction().execute(async (trx) => ...) hands to its function',
    isOpen: () => trx.isTransaction && !trx.isCommitted && !trx.isRolledBack,
    query: async (sql, parameters) => {
      const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] } as const;
      const compiled = { sql, parameters, query, queryId: { queryId: 'nestjs-callbacks' } };
      // A statement that gives rows gives objects.
      return (await trx.withoutPlugins().executeQuery(compiled)).rows as Record<string, unknown>[];
    },
  });
}
