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
