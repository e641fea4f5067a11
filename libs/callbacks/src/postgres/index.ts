/**
 * A durable queue in Postgres, shared by any number of machines, and functions that enqueue a callback in your own
 * transaction. Needs the package `pg`.
 *
 * @packageDocumentation
 */
export { postgresQueue } from './postgres-queue.js';
export type { PostgresConnection, PostgresPool, PostgresQueueOptions } from './postgres-queue.options.js';
export { postgresQueueSchema } from './schema.js';
export { fromDrizzle, fromKysely, fromPg, fromPrisma, fromTypeOrm } from './transactions.js';
export type {
  DrizzleTransaction,
  KyselyTransaction,
  PgClient,
  PrismaTransaction,
  TypeOrmManager,
} from './transactions.js';
