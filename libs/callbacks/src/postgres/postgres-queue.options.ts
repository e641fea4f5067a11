import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { rememberIssues, rememberSettingsOf } from '../delivery/queue/remember-options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember-options.js';

/** How long Postgres has to answer, in ms, if the app says nothing else. */
export const PATIENCE_MS = 5_000;

/** Options of `pg`, all of which are passed on to it. These are the ones that most apps need. */
export interface PostgresConnection {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  readonly ssl?: boolean | object | undefined;
  /** How many connections there are at most. By default 4. */
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
   * The database: a URL as `postgres://user:password@db.internal:5432/app`, the options of `pg`, or the app's own pool.
   * The options of a pool are copied: it is neither used nor closed. PgBouncer in transaction mode will do. A variable of
   * the environment may be given as it is: if it is not set, that is an error.
   */
  connection: string | PostgresConnection | PostgresPool | undefined;

  /**
   * The schema of the queue's tables. Nothing else should be in it.
   *
   * @default 'callbacks'
   */
  schema?: string;

  /**
   * Whether the tables are created, and changed for a newer version of this package, when the queue opens. With `false`
   * they must be there: `postgresQueueSchema()` gives the SQL.
   *
   * @default true
   */
  migrate?: boolean;
}

/** The options, complete. */
export interface PostgresSettings {
  /** The options of the pool that the queue opens. */
  readonly connection: PostgresConnection;
  readonly schema: string;
  readonly migrate: boolean;
  readonly remember: RememberSettings;
}

const OPTIONS = ['connection', 'schema', 'migrate', 'remember', 'rememberFailed', 'keepBodies'];

/** @throws TypeError that names the options which are wrong. */
export function readPostgresOptions(options: PostgresQueueOptions): PostgresSettings {
  // What JavaScript may pass.
  const given: Partial<PostgresQueueOptions> = options ?? {};
  const { connection, schema = 'callbacks', migrate = true } = given;
  const owner = 'postgresQueue()';
  throwOptionIssues(owner, [
    ...unknownOptions(owner, given, OPTIONS),
    ...issuesOf('connection', connectionIssue(connection)),
    ...issuesOf('schema', schemaIssue(schema)),
    ...issuesOf('migrate', typeof migrate === 'boolean' ? undefined : 'must be true or false'),
    ...rememberIssues(given, owner),
  ]);
  return {
    // It has no issue.
    connection: poolOptionsOf(connection!),
    schema,
    migrate,
    remember: rememberSettingsOf(given),
  };
}

/** What must be different about the name of a schema. It is written into SQL. */
export function schemaIssue(schema: unknown): string | undefined {
  const isName = typeof schema === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema) && !/^pg_/i.test(schema);
  return isName
    ? undefined
    : 'must be the name of a schema: letters, digits and underscores, at most 63, and not beginning with pg_';
}

function issuesOf(option: string, issue: string | undefined): string[] {
  return issue === undefined ? [] : [`The \`${option}\` of postgresQueue() ${issue}.`];
}

function connectionIssue(connection: unknown): string | undefined {
  if (typeof connection === 'string') {
    const isUrl = /^postgres(ql)?:\/\//.test(connection);
    return isUrl ? undefined : 'must be a URL as postgres://user:password@127.0.0.1:5432/app';
  }
  return typeof connection === 'object' && connection !== null && !Array.isArray(connection)
    ? undefined
    : 'must be a URL, the options of pg, or a pool of it';
}

function isPool(connection: PostgresConnection | PostgresPool): connection is PostgresPool {
  return typeof connection.connect === 'function' && typeof connection.options === 'object';
}

function poolOptionsOf(connection: string | PostgresConnection | PostgresPool): PostgresConnection {
  if (typeof connection === 'string') return { connectionString: connection };
  if (!isPool(connection)) return connection;
  // What a pool was made with.
  const options = connection.options as PostgresConnection;
  // It cannot be enumerated.
  return { ...options, password: options.password };
}
