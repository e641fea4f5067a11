/** What is bound to a statement. */
export type SqliteValue = string | number | null | Uint8Array;

/** What a statement gives for a BLOB: libsql the one, better-sqlite3 the other. */
export type SqliteBlob = ArrayBuffer | Uint8Array;

/** A prepared statement of a `SqliteDatabase`. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number };
  all(...values: SqliteValue[]): unknown[];
}

/** A connection to a database, with the part of better-sqlite3's API that the queue needs: libsql's have it too. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** The rows that a statement gives. */
export function rowsOf<Row>(statement: SqliteStatement, ...values: SqliteValue[]): readonly Row[] {
  // The caller wrote the statement, and knows its columns.
  return statement.all(...values) as Row[];
}

/** Prepares statements, each under the name of its SQL. */
export function prepareAll<Name extends string>(
  database: SqliteDatabase,
  statements: Readonly<Record<Name, string>>,
): Readonly<Record<Name, SqliteStatement>> {
  const prepared = Object.entries<string>(statements).map(([name, sql]) => [name, database.prepare(sql)] as const);
  // The names are those of the statements.
  return Object.fromEntries(prepared) as Record<Name, SqliteStatement>;
}

/**
 * Runs all of it or nothing, and takes the right to write first: a transaction that reads first can be refused it later,
 * when there is no waiting for it any more.
 */
export function transact<Result>(database: SqliteDatabase, run: () => Result): Result {
  if (FULL.has(database)) makeRoom(database);
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // If the disk is full, SQLite has rolled it back by itself.
    if (database.inTransaction) database.exec('ROLLBACK');
    if ((error as { readonly code?: unknown }).code === 'SQLITE_FULL') FULL.add(database);
    throw error;
  }
}

/** The connections for which the disk was full. */
const FULL = new WeakSet<SqliteDatabase>();

/**
 * The log beside the file is put into the file once it has 4 MB: on a disk with less, it would take all the room that
 * somebody made. From now on this connection does it sooner.
 */
function makeRoom(database: SqliteDatabase): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 100');
    FULL.delete(database);
  } catch {
    // There is no room yet.
  }
}
