import { CallbackQueueError } from '../errors/callback.errors.js';
import type { PostgresDatabase, Queryable } from './postgres-database.js';
import type { PostgresSettings } from './postgres-queue.options.js';
import { migrationsOf, tablesOf } from './schema.js';

/** An arbitrary number, so that other programs do not use the same lock. */
const LOCK = 1_667_460_204;

/**
 * Creates or migrates the tables if necessary, and checks that this version of the package knows their layout.
 *
 * @throws CallbackQueueError that says how to fix it.
 */
export async function ensureSchema(
  database: PostgresDatabase,
  { schema, migrate }: Pick<PostgresSettings, 'schema' | 'migrate'>,
): Promise<void> {
  const [server] = await database.query<{ encoding: string }>(`SELECT current_setting('server_encoding') AS encoding`);
  if (server?.encoding !== 'UTF8') {
    throw new CallbackQueueError(
      `The database ${database.address} has the encoding ${server?.encoding}, which cannot store every callback. Fix: use a database with the encoding UTF8.`,
    );
  }
  const migrations = migrationsOf(schema);
  if ((await layoutOf(database, schema, migrations.length)) === migrations.length) return;
  if (!migrate) {
    throw new CallbackQueueError(
      `The schema ${schema} of ${database.address} has no tables of this version of nestjs-callbacks, and postgresQueue() must not create them. Fix: run the SQL of postgresQueueSchema() as a migration, or leave out \`migrate: false\`.`,
    );
  }
  await database.transact(async (connection) => {
    // Released with the transaction, so that no other process does the same at the same time.
    await connection.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, schema]);
    const layout = await layoutOf(connection, schema, migrations.length);
    if (layout === migrations.length) return;
    // Even IF NOT EXISTS requires the privilege to create schemas.
    if (!(await isThere(connection, 'pg_namespace WHERE nspname = $1', [schema]))) {
      await connection.query(`CREATE SCHEMA ${tablesOf(schema).schema}`);
    }
    for (const migration of migrations.slice(layout)) await connection.query(migration);
  });
}

/** Returns the layout of the tables; 0 without tables. */
async function layoutOf(connection: Queryable, schema: string, known: number): Promise<number> {
  const { layout } = tablesOf(schema);
  const table = `pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relname = $2`;
  if (!(await isThere(connection, table, [schema, 'layout']))) return 0;
  const [row] = await connection.query<{ version: number }>(`SELECT version FROM ${layout}`);
  const version = row?.version ?? 0;
  if (version > known) {
    throw new CallbackQueueError(
      `The schema ${schema} has layout ${version} of a newer nestjs-callbacks, but this version knows layout ${known}. Fix: update nestjs-callbacks in this process, or use another \`schema\`.`,
    );
  }
  return version;
}

/**
 * Queries the catalog. to_regclass() uses the cache of the connection, although another connection may just have
 * committed.
 */
async function isThere(connection: Queryable, catalog: string, values: readonly string[]): Promise<boolean> {
  const [row] = await connection.query<{ is_there: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_catalog.${catalog}) AS is_there`,
    values,
  );
  return row?.is_there === true;
}
