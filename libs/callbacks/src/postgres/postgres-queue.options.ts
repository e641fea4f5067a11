import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { rememberIssues, rememberSettingsOf } from '../delivery/queue/remember.options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember.options.js';

/** The default time limit for Postgres, in ms. */
export const PATIENCE_MS = 5_000;

/** Options of `pg`. All of its options are accepted; these are the most common ones. */
export interface PostgresConnection {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  readonly ssl?: boolean | object | undefined;
  /** The most connections. By default 4. */
  readonly max?: number | undefined;
  /** How long a statement may take, in ms. By default 5,000. */
  readonly query_timeout?: number | undefined;
  /** How long it may take to connect, in ms. By default 5,000. */
  readonly connectionTimeoutMillis?: number | undefined;
  readonly [option: string]: unknown;
}

/** A pool of `pg`. */
export interface PostgresPool {
  readonly options: object;
  connect(): Promise<unknown>;
}

/** The options of `postgresQueue()`. */
export interface PostgresQueueOptions extends RememberOptions {
  /**
   * The database: a URL such as `postgres://user:password@db.internal:5432/app`, options of `pg`, or the app's own
   * pool. The options of a pool are copied; the pool is neither used nor closed. PgBouncer in transaction mode is
   * supported. You can pass an environment variable directly: a missing one is an error.
   */
  connection: string | PostgresConnection | PostgresPool | undefined;

  /**
   * The schema of the queue's tables. It should contain nothing else.
   *
   * @default 'callbacks'
   */
  schema?: string;

  /**
   * Whether the tables are created, and migrated for a newer version of this package, when the queue opens. With
   * `false` they must exist: `postgresQueueSchema()` returns the SQL.
   *
   * @default true
   */
  migrate?: boolean;
}

/** The options with their defaults. */
export interface PostgresSettings {
  /** The options of the pool that the queue opens. */
  readonly connection: PostgresConnection;
  readonly schema: string;
  readonly migrate: boolean;
  readonly remember: RememberSettings;
}

const OPTIONS = ['connection', 'schema', 'migrate', 'remember', 'rememberFailed', 'keepBodies'];

/** @throws TypeError that names every wrong option. */
export function readPostgresOptions(options: PostgresQueueOptions): PostgresSettings {
  // JavaScript may pass anything.
  const given: Partial<PostgresQueueOptions> = options ?? {};
  const { connection, schema = 'callbacks', migrate = true } = given;
  const owner = 'postgresQueue()';
  throwOptionIssues(owner, [
    ...unknownOptions(owner, given, OPTIONS),
    ...postgresIssues('connection', postgresConnectionIssue(connection)),
    ...postgresIssues('schema', schemaIssue(schema)),
    ...postgresIssues('migrate', typeof migrate === 'boolean' ? undefined : 'must be true or false'),
    ...rememberIssues(given, owner),
  ]);
  return {
    // It is valid.
    connection: poolOptionsOf(connection!),
    schema,
    migrate,
    remember: rememberSettingsOf(given),
  };
}

/** Returns what is wrong with the name of a schema, which is written into SQL. */
export function schemaIssue(schema: unknown): string | undefined {
  const isName = typeof schema === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema) && !/^pg_/i.test(schema);
  return isName
    ? undefined
    : 'must be the name of a schema: at most 63 letters, digits and underscores, and not beginning with pg_';
}

function postgresIssues(option: string, issue: string | undefined): string[] {
  return issue === undefined ? [] : [`The \`${option}\` of postgresQueue() ${issue}.`];
}

function postgresConnectionIssue(connection: unknown): string | undefined {
  if (typeof connection === 'string') {
    const isUrl = /^postgres(ql)?:\/\//.test(connection);
    return isUrl ? undefined : 'must be a URL such as postgres://user:password@127.0.0.1:5432/app';
  }
  return typeof connection === 'object' && connection !== null && !Array.isArray(connection)
    ? undefined
    : 'must be a URL, options of pg, or a pool of pg';
}

function isPool(connection: PostgresConnection | PostgresPool): connection is PostgresPool {
  return typeof connection.connect === 'function' && typeof connection.options === 'object';
}

function poolOptionsOf(connection: string | PostgresConnection | PostgresPool): PostgresConnection {
  if (typeof connection === 'string') return { connectionString: connection };
  if (!isPool(connection)) return connection;
  // The options of a pool.
  const options = connection.options as PostgresConnection;
  // The password is not enumerable.
  return { ...options, password: options.password };
}
