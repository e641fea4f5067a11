import { types } from 'node:util';
import type { Redis } from 'ioredis';
import { CallbackQueueError } from '../errors/callback-queue.error.js';

/** What mends what Redis complains of, by the word that its reply begins with. */
const FIXES: Readonly<Record<string, string>> = {
  NOAUTH: 'give the `connection` of bullmqQueue() the password of Redis',
  WRONGPASS: 'correct the password in the `connection` of bullmqQueue()',
  NOPERM: 'allow this user of Redis the commands that BullMQ needs',
  READONLY: 'connect to the primary, not to a replica',
  OOM: 'give Redis more memory: raise its maxmemory, or let bullmqQueue() `remember` what has ended for less long',
};

/** What ioredis says of it; it has no code. */
const CONNECTION_CLOSED = 'Connection is closed.';

/** Where Redis is, without a password. */
export function addressOf({ options }: Redis): string {
  if ('sentinels' in options && options.sentinels) return `${options.name} (by its sentinels)`;
  return options.path ?? `${options.host}:${options.port}`;
}

/** The error of something that Redis did not do. */
export function redisError(what: string, redis: Redis, reason: unknown): CallbackQueueError {
  const cause = withoutCommand(reason);
  const said = cause.message.replace(/\.$/, '');
  const [word = ''] = said.split(' ');
  const fix = FIXES[word] ?? 'see that Redis runs there, or correct the `connection` of bullmqQueue()';
  return new CallbackQueueError(`Redis at ${addressOf(redis)} ${what}: ${said}. Fix: ${fix}.`, { cause });
}

/** Whether something failed because the connection was closed, and not because of what Redis answered. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof CallbackQueueError && (error.cause as Error).message === CONNECTION_CLOSED;
}

/** ioredis puts the command on its errors, and in its arguments the password or the body of a delivery. */
export function withoutCommand(reason: unknown): Error {
  const error = types.isNativeError(reason) ? reason : new Error(String(reason));
  if ('command' in error) delete error.command;
  return error;
}
