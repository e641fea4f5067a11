import { CallbackQueueError } from '../errors/callback.errors.js';
import type { QueueTransaction } from '../delivery/queue/callback-queue.js';

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

/** The object of a library, as one of the functions of this file describes it. */
interface TransactionSource {
  /** The name of the function, such as `fromPg()`. */
  readonly user: string;
  /** Whether it has an open transaction, as far as is known. */
  isOpen(): boolean;
  /** How to get an open transaction, as the end of a sentence. */
  readonly fix: string;
  readonly query: QueueTransaction['query'];
}

/**
 * Returns an open transaction that is checked again before each statement. A callback that is enqueued after the end of
 * a transaction would be sent even after a rollback.
 *
 * @throws TypeError if it is not open.
 */
function openTransaction({ user, isOpen, fix, query }: TransactionSource): QueueTransaction {
  if (!isOpen()) throw new TypeError(`${user} needs an open transaction. Fix: ${fix}.`);
  return {
    async query(sql, values) {
      if (isOpen()) return query(sql, values);
      throw new CallbackQueueError(`The transaction of ${user} has ended. Fix: await enqueue() before it commits.`);
    },
  };
}
