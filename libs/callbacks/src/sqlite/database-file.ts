import { CallbackQueueError } from '../errors/callback-queue.error.js';
// oxlint-disable-next-line import/default -- the default of a CommonJS module is what it exports with `export =`
import loadLibsql from './load-libsql.cjs';
import { hasTables, SCHEMA } from './schema.js';
import { rowsOf, transact } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** How to connect to a database. */
export type Connect = new (path: string) => SqliteDatabase;

/** The file that a queue works on. */
export interface DatabaseFile {
  readonly path: string;
  /** The class of its connections; libsql's where the app brings none. */
  readonly connect: Connect | undefined;
}

/**
 * How long a statement blocks the event loop if the database is busy, in ms. The transactions of other queues are
 * shorter, and what takes longer is waited for between the turns of the loop.
 */
const SHORT_MS = 5;
/** How long a synchronous `insert()` may block, in ms. */
const LONG_MS = 5_000;

/**
 * Opens a connection, with the queue's table in place.
 *
 * @param isDurable - whether a commit survives a power cut. Without that it is about five times as fast.
 */
export function openDatabase({ path, connect }: DatabaseFile, { isDurable }: { isDurable: boolean }): SqliteDatabase {
  const database = new (connect ?? libsql())(path);
  try {
    // First, for all the others may have to wait.
    database.exec(`PRAGMA busy_timeout = ${SHORT_MS}`);
    // The journal mode of the app's own database is the app's.
    // Of a new file only: it can give space back then.
    if (!connect) database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
    const [journal] = rowsOf<{ journal_mode: string }>(database.prepare('PRAGMA journal_mode'));
    // EXTRA is FULL with WAL. Without WAL, NORMAL could damage the file, and FULL could lose the last commit.
    const synchronous = !isDurable && journal?.journal_mode === 'wal' ? 'NORMAL' : 'EXTRA';
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    if (!hasTables(database, path)) transact(database, () => database.exec(SCHEMA));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Closes a connection. What is in the log beside the file goes into the file, unless others are using it. */
export function closeDatabase(database: SqliteDatabase, { connect }: DatabaseFile): void {
  try {
    // The log of the app's own database is the app's. libsql keeps a connection until its statements are collected.
    if (!connect) database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // SQLite does it later, when there is room or nobody else is reading.
  }
  database.close();
}

/** Runs what cannot wait in any other way than by blocking. */
export function blocking<Result>(database: SqliteDatabase, run: () => Result): Result {
  database.exec(`PRAGMA busy_timeout = ${LONG_MS}`);
  try {
    return run();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${SHORT_MS}`);
  }
}

/** Only when a queue needs it: an app that brings its own database need not have it. */
function libsql(): Connect {
  try {
    // What it exports is its class of connections.
    return loadLibsql() as Connect;
  } catch (error) {
    throw new CallbackQueueError(`sqliteQueue({ file }) needs libsql 0.5.1 or later, which ${whyNot(error)}`, {
      cause: error,
    });
  }
}

/** What libsql's native part lacks is told from libsql itself by the name in the first line of the error. */
function whyNot(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n', 1);
  return line.includes("'libsql'")
    ? 'is not installed. Fix: npm install libsql'
    : `is installed and does not load: ${line}. Fix: npm install libsql@latest, on the platform that runs it`;
}
