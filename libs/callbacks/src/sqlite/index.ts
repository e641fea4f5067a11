/**
 * A durable queue in a SQLite file. It needs no server, and several processes on one machine can share it.
 * Needs the package `libsql`, or a database of better-sqlite3.
 *
 * @packageDocumentation
 */

export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
export { sqliteQueue } from './sqlite-queue.js';
export type { SqliteQueue } from './sqlite-queue.js';
export type { SqliteQueueOptions } from './sqlite-queue.options.js';
