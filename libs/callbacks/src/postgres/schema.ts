import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import { ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { CallbackQueueError } from '../errors/callback.errors.js';
import type { PostgresDatabase, Queryable } from './postgres-database.js';
import { schemaIssue } from './postgres-queue.options.js';
import type { PostgresSettings } from './postgres-queue.options.js';

/** The rows that a worker may take. Rows of a newer format are left to processes that know it. */
export const IS_READY = `state = 'ready' AND version = ${FORMAT_VERSION}`;
/** The rows that a process of this version must not change. */
export const IS_NEWER = `version > ${FORMAT_VERSION}`;

/**
 * The time by the clock of the database, in ms since 1970. A subquery runs once per statement, so an index can be used.
 */
export const NOW = '(SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint)';

/** The indexed prefix of columns of unlimited length, in characters: Postgres limits the size of index entries. */
export const INDEXED = 200;
export const indexed = (column: string) => `left(${column}, ${INDEXED})`;

/** Returns the tables of a queue with their schema, so that the search path does not matter. */
export interface Tables {
  readonly schema: string;
  readonly deliveries: string;
  readonly incoming: string;
  readonly untold: string;
  readonly counts: string;
  readonly layout: string;
}

export function tablesOf(schema: string): Tables {
  const of = (table: string) => `"${schema}".${table}`;
  return {
    schema: `"${schema}"`,
    deliveries: of('deliveries'),
    incoming: of('incoming'),
    untold: of('untold'),
    counts: of('counts'),
    layout: of('layout'),
  };
}

/**
 * Returns the SQL that creates the schema and the tables of `postgresQueue()`, for your own migrations. Without
 * `migrate: false`, the queue creates them by itself. Run it once, in a transaction, as a role that may create schemas.
 *
 * @param options.schema - the `schema` of `postgresQueue()`, by default `callbacks`.
 * @example
 * const sql = postgresQueueSchema({ schema: 'callbacks' });
 */
export function postgresQueueSchema({ schema = 'callbacks' }: { schema?: string } = {}): string {
  const issue = schemaIssue(schema);
  if (issue !== undefined) throw new TypeError(`The \`schema\` of postgresQueueSchema() ${issue}.`);
  return `CREATE SCHEMA IF NOT EXISTS "${schema}";\n${migrationsOf(schema).join('\n')}`;
}

/**
 * The migrations to each layout, starting from an empty schema. Released migrations must not change; append one for a
 * new layout.
 */
export function migrationsOf(schema: string): readonly string[] {
  return [firstLayout(tablesOf(schema))];
}

const valuesOf = (write: (state: RowState) => string) => ROW_STATES.map(write).join(', ');

/**
 * `state` and `due` are the same as in the queue in a SQLite file. Two things are different:
 *
 * - Deliveries of an app's transaction wait in `incoming` until it is committed. Inserts cannot conflict there, since
 *   the table has no unique columns that they set.
 * - Each statement that changes the number of rows in a state adds a row to `counts`, so that statements do not wait
 *   for each other. These rows are merged from time to time.
 */
function firstLayout({ schema, deliveries, incoming, untold, counts, layout }: Tables): string {
  const columns = `
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  enqueued_at bigint NOT NULL,
  callback text COLLATE "C" NOT NULL,
  host text COLLATE "C" NOT NULL,
  receiver text COLLATE "C" NOT NULL,
  key text COLLATE "C",
  digest text COLLATE "C" NOT NULL,
  delivery text NOT NULL,
  body bytea`;
  const trigger = (name: string, event: string, transitions: string, changes: string) => `
CREATE FUNCTION ${schema}.count_${name}() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
  INSERT INTO ${counts} (${valuesOf((state) => state)}) ${changes};
  RETURN NULL;
END $count$;
CREATE TRIGGER count_${name} AFTER ${event} ON ${deliveries} REFERENCING ${transitions}
FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.count_${name}();`;
  const counted = (sign: string, rows: string) =>
    `SELECT ${valuesOf((state) => `${sign}count(*) FILTER (WHERE state = '${state}')`)} FROM ${rows} HAVING count(*) > 0`;
  const changed = `
  SELECT ${valuesOf((state) => `coalesce(sum(change) FILTER (WHERE state = '${state}'), 0)`)}
  FROM (
    SELECT state, sum(change) AS change
    FROM (SELECT state, 1 AS change FROM added UNION ALL SELECT state, -1 FROM removed) AS changed GROUP BY state
  ) AS changes
  HAVING bool_or(change <> 0)`;
  return `
CREATE TABLE ${deliveries} (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${columns},
  state text COLLATE "C" NOT NULL DEFAULT 'ready' CHECK (state IN (${valuesOf((state) => `'${state}'`)})),
  due bigint NOT NULL,
  updated_at bigint NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  is_cancelled boolean NOT NULL DEFAULT false,
  is_body_dropped boolean NOT NULL DEFAULT false,
  worker text COLLATE "C",
  error text,
  history text,
  UNIQUE (id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX deliveries_ready ON ${deliveries} (receiver, due) WHERE ${IS_READY};
CREATE INDEX deliveries_newer ON ${deliveries} (state) WHERE ${IS_NEWER};
CREATE INDEX deliveries_due ON ${deliveries} (state, due);
CREATE INDEX deliveries_state ON ${deliveries} (state, sequence);
CREATE INDEX deliveries_host ON ${deliveries} (${indexed('host')}, sequence);
CREATE INDEX deliveries_key ON ${deliveries} (${indexed('key')}, sequence) WHERE key IS NOT NULL;

CREATE TABLE ${incoming} (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${columns}
);
CREATE INDEX incoming_id ON ${incoming} (id);

CREATE TABLE ${untold} (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery text COLLATE "C" NOT NULL,
  event text NOT NULL,
  due bigint NOT NULL,
  worker text COLLATE "C" NOT NULL
);
CREATE INDEX untold_delivery ON ${untold} (delivery);

CREATE TABLE ${counts} (
  ${valuesOf((state) => `${state} bigint NOT NULL`)}
);${trigger('inserted', 'INSERT', 'NEW TABLE AS added', counted('', 'added'))}${trigger(
    'updated',
    'UPDATE',
    'OLD TABLE AS removed NEW TABLE AS added',
    changed,
  )}${trigger('deleted', 'DELETE', 'OLD TABLE AS removed', counted('-', 'removed'))}

CREATE TABLE ${layout} (version integer NOT NULL);
INSERT INTO ${layout} (version) VALUES (1);`;
}

/** An arbitrary number, so that other programs do not use the same lock. */
const MIGRATION_LOCK = 1_667_460_204;

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
    await connection.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [MIGRATION_LOCK, schema]);
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
