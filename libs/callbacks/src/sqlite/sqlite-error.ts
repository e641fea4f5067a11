import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CallbackError, CallbackQueueError } from '../errors/callback.errors.js';

/** How long to wait for a database that is locked by others, in ms. */
export const PATIENCE_MS = 5_000;

/** Whether another connection holds a lock that this one needs. The statement had no effect. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}

/** How long to wait before the next try, in ms. It is random, so that two processes do not collide again and again. */
export function pauseOfBusy(): number {
  return 15 + Math.random() * 20;
}

/** Retries until the database is free, without blocking the event loop. */
export async function untilFree<Result>(run: () => Result | Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
    }
    await sleep(pauseOfBusy());
  }
}

const EXPLANATIONS: Readonly<Record<string, (path: string) => string>> = {
  SQLITE_BUSY: (path) =>
    `${path} was locked for ${PATIENCE_MS / 1_000} s. Fix: keep transactions on it short; inside a transaction of the app, use the insert() of sqliteQueue({ database }).`,
  SQLITE_CANTOPEN: (path) =>
    existsSync(dirname(path))
      ? `${path} cannot be opened. Fix: use a path where this process may read and write files.`
      : `${path} cannot be opened: there is no folder ${dirname(path)}. Fix: create it, or use another path.`,
  SQLITE_CORRUPT: (path) => `${path} is damaged. Fix: restore it, or use a new file.`,
  SQLITE_FULL: (path) => `${path} cannot grow: the disk is full. Fix: free space on it.`,
  SQLITE_NOTADB: (path) => `${path} is not a SQLite database. Fix: use a new file, or the file of a database.`,
  SQLITE_READONLY: (path) => `${path} is read-only. Fix: let this process write to the file and to its folder.`,
};

/** Creates the error that users see for a failure of the queue's database. */
export function explainFailure(path: string, error: unknown): CallbackError {
  if (error instanceof CallbackError) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // The first word of a code such as SQLITE_READONLY_DIRECTORY is enough. libsql has no code for a failure to open a
  // file.
  const [kind = 'SQLITE_CANTOPEN'] = /^SQLITE_[A-Z]+/.exec(typeof code === 'string' ? code : '') ?? [
    String(message).startsWith('ConnectionFailed') ? 'SQLITE_CANTOPEN' : 'SQLITE_ERROR',
  ];
  const explanation = EXPLANATIONS[kind]?.(path) ?? `${path} failed: ${String(message)}. Fix: see the cause.`;
  return new CallbackQueueError(`The queue's database ${explanation}`, { cause: error });
}
