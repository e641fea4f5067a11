/** Opens each library on a database, for the classes of docs/orms.md and docs/storing-urls.md. No types: `npm test` does not install the libraries. */
import 'reflect-metadata';
import { MikroORM } from '@mikro-orm/postgresql';
import { PrismaPg } from '@prisma/adapter-pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import postgres from 'postgres';
import { DataSource } from 'typeorm';
import { addTransactionalDataSource, initializeTransactionalContext } from 'typeorm-transactional';

/** By library: what it is opened with, which class of the page pays with it, and what is no transaction of it. */
export const ORMS = {
  async pg(url) {
    const pool = new pg.Pool({ connectionString: url });
    return { file: 'pg.payments', name: 'PgPayments', handle: pool, close: () => pool.end() };
  },
  async TypeORM(url, load) {
    const { InvoiceRow } = await load('typeorm.payments');
    const { StoredInvoice } = await load('typeorm.invoices');
    const dataSource = new DataSource({ type: 'postgres', url, entities: [InvoiceRow, StoredInvoice] });
    await dataSource.initialize();
    return { file: 'typeorm.payments', name: 'TypeOrmPayments', handle: dataSource, close: () => dataSource.destroy() };
  },
  async 'typeorm-transactional'(url, load) {
    initializeTransactionalContext();
    const { InvoiceRow } = await load('typeorm.payments');
    const dataSource = new DataSource({ type: 'postgres', url, entities: [InvoiceRow] });
    addTransactionalDataSource(dataSource);
    await dataSource.initialize();
    const close = () => dataSource.destroy();
    return { file: 'transactional.payments', name: 'TransactionalPayments', handle: dataSource, close };
  },
  async Prisma(url, load) {
    const { PrismaClient } = await load('generated/client');
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
    return { file: 'prisma.payments', name: 'PrismaPayments', handle: prisma, close: () => prisma.$disconnect() };
  },
  async Drizzle(url) {
    const pool = new pg.Pool({ connectionString: url });
    return { file: 'drizzle.payments', name: 'DrizzlePayments', handle: drizzle(pool), close: () => pool.end() };
  },
  async 'Drizzle on postgres-js'(url) {
    const client = postgres(url, { onnotice: () => undefined });
    const handle = drizzlePostgresJs(client);
    return { file: 'drizzle.payments', name: 'DrizzlePayments', handle, close: () => client.end() };
  },
  async Kysely(url) {
    const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) });
    const db = new Kysely({ dialect, plugins: [new CamelCasePlugin()] });
    return { file: 'kysely.payments', name: 'KyselyPayments', handle: db, close: () => db.destroy() };
  },
  async MikroORM(url, load) {
    const { InvoiceEntity } = await load('mikro-orm.payments');
    const orm = await MikroORM.init({ clientUrl: url, entities: [InvoiceEntity], allowGlobalContext: true });
    return { file: 'mikro-orm.payments', name: 'MikroOrmPayments', handle: orm.em, close: () => orm.close() };
  },
};
