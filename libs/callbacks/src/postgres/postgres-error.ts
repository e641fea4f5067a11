import { types } from 'node:util';
import { CallbackError } from '../errors/callback.error.js';
import { CallbackQueueError } from '../errors/callback-queue.error.js';

/** What mends what Postgres complains of, by its SQLSTATE or the class of it. */
const FIXES: Readonly<Record<string, string>> = {
  '25006': 'connect to the primary, not to a standby',
  '28': 'correct the user and the password in the `connection` of postgresQueue()',
  '3D000': 'create the database, or name another one in the `connection` of postgresQueue()',
  '3F000': 'run the SQL of postgresQueueSchema() on this database, or leave out `migrate: false`',
  '42501':
    "grant the role of this connection the use of the queue's schema and of all tables in it; if it may not create them, run the SQL of postgresQueueSchema() as another role and set `migrate: false`",
  '42P01': 'run the SQL of postgresQueueSchema() on this database, or leave out `migrate: false`',
  '53100': 'make room on the disk of Postgres',
  '53300': 'give postgresQueue() a smaller `max`, or Postgres a greater max_connections, or put PgBouncer in between',
};
const ELSE = 'see that Postgres runs there, or correct the `connection` of postgresQueue()';

/** The SQLSTATE that Postgres gave; `undefined` if it did not answer. */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}

/** Whether the connection is of no more use: nobody answers, or the server is ending, starting, or has cut it. */
export function isAway(error: unknown): boolean {
  if (error instanceof CallbackError) return false;
  const code = codeOf(error);
  return code === undefined || /^(08|25P03|53300|57P0)/.test(code);
}

/** Whether Postgres gave up what another transaction stood in the way of, and did nothing. */
export function isRefusedForNow(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && ['40001', '40P01', '55P03'].includes(code);
}

/** What became of it, as the error that users see. */
export function postgresError(address: string, reason: unknown): CallbackError {
  if (reason instanceof CallbackError) return reason;
  const cause = withoutValues(reason);
  const code = codeOf(cause);
  const fix =
    (code !== undefined && (FIXES[code] ?? FIXES[code.slice(0, 2)])) || (isAway(cause) ? ELSE : 'see the cause');
  const said = (cause.message || String(('code' in cause && cause.code) || 'no answer')).replace(/\.$/, '');
  return new CallbackQueueError(`Postgres at ${address}: ${said}. Fix: ${fix}.`, { cause });
}

/** An error of Postgres may hold values of the row, and `pg` may add the connection, with its password. */
function withoutValues(reason: unknown): Error {
  const error: Error & Record<string, unknown> = Object.assign(
    types.isNativeError(reason) ? reason : new Error(String(reason)),
  );
  for (const name of ['detail', 'where', 'internalQuery', 'client']) delete error[name];
  return error;
}
