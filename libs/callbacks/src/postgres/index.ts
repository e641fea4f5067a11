/**
 * A durable queue in Postgres, shared by any number of machines, and functions that enqueue a callback in your own
 * transaction. Needs the package `pg`.
 *
 * @packageDocumentation
 */

export { postgresQueue } from './postgres-queue.js';
export type { PostgresConnection, PostgresPool, PostgresQueueOptions } from './postgres-queue.options.js';
export { postgresQueueSchema } from './schema.js';
export { fromDrizzle } from './transactions/from-drizzle.js';
export type { DrizzleTransaction } from './transactions/from-drizzle.js';
export { fromKysely } from './transactions/from-kysely.js';
export type { KyselyTransaction } from './transactions/from-kysely.js';
export { fromPg } from './transactions/from-pg.js';
export type { PgClient } from './transactions/from-pg.js';
export { fromPrisma } from './transactions/from-prisma.js';
export type { PrismaTransaction } from './transactions/from-prisma.js';
export { fromTypeOrm } from './transactions/from-typeorm.js';
export type { TypeOrmManager } from './transactions/from-typeorm.js';
