import { resolve } from 'node:path';
import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { rememberIssues, rememberSettingsOf } from '../delivery/queue/remember-options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember-options.js';
import type { Connect, DatabaseFile } from './database-file.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** The options of `sqliteQueue()`: the path of a file, or the app's own database. */
export type SqliteQueueOptions = RememberOptions &
  (
    | {
        /** Where the deliveries are. The file is created where there is none; its folder must exist. */
        file: string;
        database?: never;
      }
    | {
        /**
         * The app's own connection to a database in a file, of libsql or better-sqlite3: the deliveries are in a table of
         * their own, `callback_deliveries`, in that file. It stays the app's to close. A transaction that is open across an
         * `await` must begin with `BEGIN IMMEDIATE`, as with anything else that writes to the file.
         */
        database: SqliteDatabase;
        file?: never;
      }
  );

/** The options, read. */
export interface SqliteQueueSettings {
  readonly file: DatabaseFile;
  readonly database: SqliteDatabase | undefined;
  readonly remember: RememberSettings;
}

/** @throws TypeError that names the options which are wrong. */
export function readSqliteQueueOptions(options: SqliteQueueOptions): SqliteQueueSettings {
  const { file, database } = options;
  throwOptionIssues('sqliteQueue()', [
    ...unknownOptions('sqliteQueue()', options, ['file', 'database', 'remember', 'rememberFailed', 'keepBodies']),
    ...((file === undefined) === (database === undefined)
      ? ['sqliteQueue() must be given `file` or `database`, and not both.']
      : []),
    ...rememberIssues(options, 'sqliteQueue()'),
  ]);
  return {
    file: database ? fileOf(database) : { path: pathOf(file), connect: undefined },
    database,
    remember: rememberSettingsOf(options),
  };
}

function pathOf(file: unknown): string {
  // SQLite takes some names for databases in memory, and for URLs.
  if (typeof file !== 'string' || file === '' || file.startsWith(':') || /^([a-z]+:\/\/|file:)/i.test(file)) {
    throw new TypeError('The `file` of sqliteQueue() must be the path of a file. In memory is memoryQueue().');
  }
  return resolve(file);
}

/**
 * The queue connects to the app's file by the class of the app's own connection: two copies of SQLite in one process
 * would undo each other's locks, and damage the file.
 */
function fileOf(database: SqliteDatabase): DatabaseFile {
  const expected = 'a database that is open, as new Database(file) of libsql or better-sqlite3 gives it';
  const has = (name: 'exec' | 'prepare') => typeof (database as Partial<SqliteDatabase>)[name] === 'function';
  // A wrapper made by hand has no class that could connect.
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
      'The `database` of sqliteQueue() must be in a file: nothing outlives a database in memory, and the queue could not connect to it. In memory is memoryQueue().',
    );
  }
  // The class of a connection makes connections.
  return { path, connect: database.constructor as Connect };
}
