export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
export { sqliteQueue } from './sqlite-queue.js';
export type { SqliteQueue } from './sqlite-queue.js';
export type { SqliteQueueOptions } from './sqlite-queue-options.js';
