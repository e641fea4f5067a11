import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CallbackError } from '../errors/callback.error.js';
import { CallbackQueueError } from '../errors/callback-queue.error.js';
import { PATIENCE_MS } from './until-free.js';

const EXPLANATIONS: Readonly<Record<string, (path: string) => string>> = {
  SQLITE_BUSY: (path) =>
    `${path} was locked for ${PATIENCE_MS / 1_000} s. Fix: keep transactions on it short; what an open transaction of the app enqueues is for the insert() of sqliteQueue({ database }).`,
  SQLITE_CANTOPEN: (path) =>
    existsSync(dirname(path))
      ? `${path} cannot be opened. Fix: give a path where this process may read and write a file.`
      : `${path} cannot be opened: there is no folder ${dirname(path)}. Fix: create it, or give another path.`,
  SQLITE_CORRUPT: (path) => `${path} is damaged. Fix: restore it, or give the path of a new file.`,
  SQLITE_FULL: (path) => `${path} cannot grow: the disk is full. Fix: make room on it.`,
  SQLITE_NOTADB: (path) => `${path} is no SQLite database. Fix: give the path of a new file, or of a database.`,
  SQLITE_READONLY: (path) =>
    `${path} may only be read. Fix: let this process write to the file and to the folder that it is in.`,
};

/** What became of the queue's file, as the error that users see. */
export function explainFailure(path: string, error: unknown): CallbackError {
  if (error instanceof CallbackError) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // As in SQLITE_READONLY_DIRECTORY: the first word says enough. libsql gives a code to all but a failed opening.
  const [kind = 'SQLITE_CANTOPEN'] = /^SQLITE_[A-Z]+/.exec(typeof code === 'string' ? code : '') ?? [
    String(message).startsWith('ConnectionFailed') ? 'SQLITE_CANTOPEN' : 'SQLITE_ERROR',
  ];
  const explanation = EXPLANATIONS[kind]?.(path) ?? `${path} failed: ${String(message)}. Fix: see the cause.`;
  return new CallbackQueueError(`The queue's database ${explanation}`, { cause: error });
}
