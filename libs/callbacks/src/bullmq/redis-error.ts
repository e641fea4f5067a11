import { types } from 'node:util';
import type { Redis } from 'ioredis';
import { CallbackQueueError } from '../errors/callback.errors.js';

/** The fixes for errors of Redis, by the first word of the reply. */
const FIXES: Readonly<Record<string, string>> = {
  NOAUTH: 'set the password of Redis in the `connection` of bullmqQueue()',
  WRONGPASS: 'correct the password in the `connection` of bullmqQueue()',
  NOPERM: 'allow this Redis user the commands that BullMQ needs',
  READONLY: 'connect to the primary, not to a replica',
  OOM: 'give Redis more memory by raising its maxmemory, or shorten the `remember` of bullmqQueue()',
};

/** The message of ioredis, whose error has no code. */
const CONNECTION_CLOSED = 'Connection is closed.';

/** Returns the address of Redis, without a password. */
export function addressOf({ options }: Redis): string {
  if ('sentinels' in options && options.sentinels) return `${options.name} (with Sentinel)`;
  return options.path ?? `${options.host}:${options.port}`;
}

/** Creates the error for a failed operation on Redis. */
export function redisError(what: string, redis: Redis, reason: unknown): CallbackQueueError {
  const cause = withoutCommand(reason);
  const said = cause.message.replace(/\.$/, '');
  const [word = ''] = said.split(' ');
  const fix = FIXES[word] ?? 'make sure that Redis runs there, or correct the `connection` of bullmqQueue()';
  return new CallbackQueueError(`Redis at ${addressOf(redis)} ${what}: ${said}. Fix: ${fix}.`, { cause });
}

/** Whether an operation failed because the connection was closed, and not because Redis rejected it. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof CallbackQueueError && (error.cause as Error).message === CONNECTION_CLOSED;
}

/** ioredis adds the command to its errors, with the password or the body of a delivery in its arguments. */
export function withoutCommand(reason: unknown): Error {
  const error = types.isNativeError(reason) ? reason : new Error(String(reason));
  if ('command' in error) delete error.command;
  return error;
}
