import Database from 'libsql';
import { configuration } from './configuration.js';

/** The SQLite file of this app: its invoices, and the callbacks that are due. */
export const database = new Database(configuration.database);
database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
