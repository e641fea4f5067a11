import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';
import { openTransaction } from './open-transaction.js';

/** The used part of a Kysely `Transaction`. */
export interface KyselyTransaction {
  readonly isTransaction: boolean;
  /** Plugins such as CamelCasePlugin rename the columns of results. */
  withoutPlugins(): {
    executeQuery(query: CompiledQuery): Promise<{ rows: unknown[] }>;
  };
  /** In controlled transactions only. */
  readonly isCommitted?: boolean;
  readonly isRolledBack?: boolean;
}

/** The result of Kysely's `CompiledQuery.raw()`. */
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
 * Converts a Kysely transaction for `enqueue(..., { transaction })`.
 *
 * @param trx - the argument of the function in `db.transaction().execute()`, or the result of
 *   `db.startTransaction().execute()`.
 * @throws TypeError for a `Kysely` instance that is not a transaction.
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
    fix: 'pass the trx of db.transaction().execute(async (trx) => ...)',
    isOpen: () => trx.isTransaction && !trx.isCommitted && !trx.isRolledBack,
    query: async (sql, parameters) => {
      const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] } as const;
      const compiled = { sql, parameters, query, queryId: { queryId: 'nestjs-callbacks' } };
      // Rows are objects.
      return (await trx.withoutPlugins().executeQuery(compiled)).rows as Record<string, unknown>[];
    },
  });
}
