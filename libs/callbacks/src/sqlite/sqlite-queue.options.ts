import { resolve } from 'node:path';
import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { rememberIssues, rememberSettingsOf } from '../delivery/queue/remember.options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember.options.js';
import { rowsOf } from './sqlite-database.js';
import type { Connect, DatabaseFile, SqliteDatabase } from './sqlite-database.js';

/** The options of `sqliteQueue()`: a file, or the app's own database. */
export type SqliteQueueOptions = RememberOptions &
  (
    | {
        /** The path of the file. The file is created if it does not exist; its folder must exist. */
        file: string;
        database?: never;
      }
    | {
        /**
         * The app's own connection to a database in a file, of libsql or better-sqlite3. The deliveries are stored in
         * tables whose names begin with `callback_deliveries`. The app must close the connection itself. A transaction
         * that is open across an `await` must begin with `BEGIN IMMEDIATE`, as with any other writer of the file.
         */
        database: SqliteDatabase;
        file?: never;
      }
  );

/** The parsed options. */
export interface SqliteQueueSettings {
  readonly file: DatabaseFile;
  readonly database: SqliteDatabase | undefined;
  readonly remember: RememberSettings;
}

/** @throws TypeError that names every wrong option. */
export function readSqliteQueueOptions(options: SqliteQueueOptions): SqliteQueueSettings {
  const { file, database } = options;
  throwOptionIssues('sqliteQueue()', [
    ...unknownOptions('sqliteQueue()', options, ['file', 'database', 'remember', 'rememberFailed', 'keepBodies']),
    ...((file === undefined) === (database === undefined)
      ? ['sqliteQueue() needs either `file` or `database`, but not both.']
      : []),
    ...rememberIssues(options, 'sqliteQueue()'),
  ]);
  return {
    file: database ? fileOf(database) : { path: checkedPath(file), connect: undefined },
    database,
    remember: rememberSettingsOf(options),
  };
}

function checkedPath(file: unknown): string {
  // SQLite treats some names as databases in memory, or as URLs.
  if (typeof file !== 'string' || file === '' || file.startsWith(':') || /^([a-z]+:\/\/|file:)/i.test(file)) {
    throw new TypeError(
      'The `file` of sqliteQueue() must be the path of a file. Fix: for an in-memory queue, use memoryQueue().',
    );
  }
  return resolve(file);
}

/**
 * The queue opens the app's file with the class of the app's connection: two copies of SQLite in one process would
 * release each other's locks and damage the file.
 */
function fileOf(database: SqliteDatabase): DatabaseFile {
  const expected = 'an open database, such as new Database(file) of libsql or better-sqlite3';
  const has = (name: 'exec' | 'prepare') => typeof (database as Partial<SqliteDatabase>)[name] === 'function';
  // A hand-made wrapper has no class that can connect.
  if (typeof database !== 'object' || !has('exec') || !has('prepare') || database.constructor === Object) {
    throw new TypeError(`The \`database\` of sqliteQueue() must be ${expected}.`);
  }
  let path: string | undefined;
  try {
    const databases = rowsOf<{ name: string; file: string }>(database.prepare('PRAGMA database_list'));
    path = databases.find(({ name }) => name === 'main')?.file;
  } catch (error) {
    throw new TypeError(`The \`database\` of sqliteQueue() must be ${expected}.`, { cause: error });
  }
  if (!path) {
    throw new TypeError(
      'The `database` of sqliteQueue() must be in a file: an in-memory database does not survive the process, and the queue cannot connect to it. Fix: for an in-memory queue, use memoryQueue().',
    );
  }
  // The class of a connection creates connections.
  return { path, connect: database.constructor as Connect };
}
