import { types } from 'node:util';
import { CallbackError, CallbackQueueError } from '../errors/callback.errors.js';

/** The fixes for errors of Postgres, by SQLSTATE or its class. */
const FIXES: Readonly<Record<string, string>> = {
  '25006': 'connect to the primary, not to a standby',
  '28': 'correct the user and the password in the `connection` of postgresQueue()',
  '3D000': 'create the database, or correct its name in the `connection` of postgresQueue()',
  '3F000': 'run the SQL of postgresQueueSchema() on this database, or leave out `migrate: false`',
  '42501':
    "grant the role of this connection the privileges to use the queue's schema and all tables in it; if it may not create them, run the SQL of postgresQueueSchema() as another role and set `migrate: false`",
  '42P01': 'run the SQL of postgresQueueSchema() on this database, or leave out `migrate: false`',
  '53100': 'free space on the disk of Postgres',
  '53300': 'lower the `max` of postgresQueue(), raise the max_connections of Postgres, or use PgBouncer',
};
const ELSE = 'make sure that Postgres runs there, or correct the `connection` of postgresQueue()';

/** Returns the SQLSTATE of an error; `undefined` if Postgres did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}

/**
 * Whether the connection is unusable: no answer, or the server is stopping, starting, or has closed it. After a failover,
 * it may belong to a server that has become read-only, and a new one may find the primary.
 */
export function isAway(error: unknown): boolean {
  if (error instanceof CallbackError) return false;
  const code = sqlStateOf(error);
  return code === undefined || /^(08|25006|25P03|53300|57P0)/.test(code);
}

/** Whether the same statement may work later: a conflict, a full disk, a statement that was cancelled. */
export function isTransient(error: unknown): boolean {
  return isAway(error) || /^(40|53|55|57|58)/.test(sqlStateOf(error) ?? '');
}

/** Whether Postgres rolled back because of a conflict with another transaction. */
export function isRefusedForNow(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && ['40001', '40P01', '55P03'].includes(code);
}

/** Whether a prepared statement is unknown to the session, belongs to somebody else, or has an outdated plan. */
export function isNotPrepared(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && ['26000', '42P05', '0A000'].includes(code);
}

/** Creates the error that users see for a failure of Postgres. */
export function postgresError(address: string, reason: unknown): CallbackError {
  if (reason instanceof CallbackError) return reason;
  const cause = withoutValues(reason);
  const code = sqlStateOf(cause);
  const fix =
    (code !== undefined && (FIXES[code] ?? FIXES[code.slice(0, 2)])) || (isAway(cause) ? ELSE : 'see the cause');
  const said = (cause.message || String(('code' in cause && cause.code) || 'no answer')).replace(/\.$/, '');
  return new CallbackQueueError(`Postgres at ${address}: ${said}. Fix: ${fix}.`, { cause });
}

/** An error of Postgres may contain values of the row, and `pg` may add the connection with its password. */
function withoutValues(reason: unknown): Error {
  const error: Error & Record<string, unknown> = Object.assign(
    types.isNativeError(reason) ? reason : new Error(String(reason)),
  );
  for (const name of ['detail', 'where', 'internalQuery', 'client']) delete error[name];
  return error;
}
