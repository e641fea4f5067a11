import { CallbackQueueError } from '../errors/callback.errors.js';
// oxlint-disable-next-line import/default -- the default of a CommonJS module is what it exports with `export =`
import loadLibsql from './load-libsql.cjs';
import { LAYOUT, SCHEMA } from './schema.js';

/** A value that is bound to a statement. */
export type SqliteValue = string | number | null | Uint8Array;

/** A BLOB, as libsql or better-sqlite3 returns it. */
export type SqliteBlob = ArrayBuffer | Uint8Array;

/** A prepared statement of a `SqliteDatabase`. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number };
  all(...values: SqliteValue[]): unknown[];
}

/** A connection with the part of better-sqlite3's API that the queue uses, which libsql has too. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** Returns the rows of a statement. */
export function rowsOf<Row>(statement: SqliteStatement, ...values: SqliteValue[]): readonly Row[] {
  // The caller wrote the statement and knows its columns.
  return statement.all(...values) as Row[];
}

/** Prepares statements under the names of their SQL. */
export function prepareAll<Name extends string>(
  database: SqliteDatabase,
  statements: Readonly<Record<Name, string>>,
): Readonly<Record<Name, SqliteStatement>> {
  const prepared = Object.entries<string>(statements).map(([name, sql]) => [name, database.prepare(sql)] as const);
  // The keys are the names of the statements.
  return Object.fromEntries(prepared) as Record<Name, SqliteStatement>;
}

/**
 * Runs a transaction that takes the write lock first. A transaction that reads first may fail to get the lock later,
 * without any way to wait for it.
 */
export function transact<Result>(database: SqliteDatabase, run: () => Result): Result {
  if (FULL.has(database)) makeRoom(database);
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // If the disk is full, SQLite has already rolled it back.
    if (database.inTransaction) database.exec('ROLLBACK');
    if ((error as { readonly code?: unknown }).code === 'SQLITE_FULL') FULL.add(database);
    throw error;
  }
}

/** The connections that found the disk full. */
const FULL = new WeakSet<SqliteDatabase>();

/**
 * The write-ahead log is moved into the file once it has 4 MB. On a nearly full disk, it would use up all the space
 * that somebody freed. From now on, this connection does it sooner.
 */
function makeRoom(database: SqliteDatabase): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 100');
    FULL.delete(database);
  } catch {
    // There is still no space.
  }
}

/** Opens a connection to a database. */
export type Connect = new (path: string) => SqliteDatabase;

/** The file of a queue. */
export interface DatabaseFile {
  readonly path: string;
  /** The class of the connections; that of libsql if the app has none. */
  readonly connect: Connect | undefined;
}

/**
 * How long a statement may block the event loop if the database is busy, in ms. The transactions of other queues are
 * shorter. Longer locks are waited for without blocking.
 */
const BUSY_TIMEOUT_MS = 5;
/** How long a synchronous `insert()` may block, in ms. */
const INSERT_TIMEOUT_MS = 5_000;

/**
 * Opens a connection, and creates the queue's tables if necessary.
 *
 * @param isDurable - whether commits survive a power cut. Without it, they are about five times as fast.
 */
export function openDatabase({ path, connect }: DatabaseFile, { isDurable }: { isDurable: boolean }): SqliteDatabase {
  const database = new (connect ?? libsql())(path);
  try {
    // This one first, since all others may have to wait.
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // The app decides on the journal mode of its own database. auto_vacuum works for new files only. It lets the file
    // shrink.
    if (!connect) database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
    const [journal] = rowsOf<{ journal_mode: string }>(database.prepare('PRAGMA journal_mode'));
    // With WAL, EXTRA is the same as FULL. Without WAL, NORMAL could damage the file, and FULL could lose the last
    // commit.
    const synchronous = !isDurable && journal?.journal_mode === 'wal' ? 'NORMAL' : 'EXTRA';
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    if (!hasTables(database, path)) transact(database, () => database.exec(SCHEMA));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const TABLE = `
  SELECT sql LIKE '%-- layout ${LAYOUT}' || char(10) || '%' AS is_known
  FROM sqlite_master WHERE type = 'table' AND name = 'callback_deliveries'`;

/**
 * Returns whether the tables exist.
 *
 * @throws CallbackQueueError if another version of the package created them with another layout.
 */
export function hasTables(database: SqliteDatabase, path: string): boolean {
  const [table] = rowsOf<{ is_known: number }>(database.prepare(TABLE));
  if (table?.is_known === 0) {
    throw new CallbackQueueError(
      `The table callback_deliveries in ${path} was created by another version of nestjs-callbacks, with a layout that this version does not know. Fix: update nestjs-callbacks in this process, or use another file.`,
    );
  }
  return table !== undefined;
}

/** Closes a connection. The write-ahead log is moved into the file, unless other connections use it. */
export function closeDatabase(database: SqliteDatabase, { connect }: DatabaseFile): void {
  try {
    // The app decides on the log of its own database. libsql keeps a connection open until its statements are
    // collected.
    if (!connect) database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // SQLite does it later, when there is space and nobody else is reading.
  }
  database.close();
}

/** Runs something that can only wait by blocking. */
export function blocking<Result>(database: SqliteDatabase, run: () => Result): Result {
  database.exec(`PRAGMA busy_timeout = ${INSERT_TIMEOUT_MS}`);
  try {
    return run();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Loaded only when needed, since an app with its own database need not have libsql. */
function libsql(): Connect {
  try {
    // It exports its connection class.
    return loadLibsql() as Connect;
  } catch (error) {
    throw new CallbackQueueError(`sqliteQueue({ file }) needs libsql 0.5.1 or later, which ${whyNot(error)}`, {
      cause: error,
    });
  }
}

/** A missing package is distinguished from a missing native part by the name in the first line of the error. */
function whyNot(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n', 1);
  return line.includes("'libsql'")
    ? 'is not installed. Fix: npm install libsql'
    : `is installed but does not load: ${line}. Fix: run npm install libsql@latest on the platform that runs the app`;
}
