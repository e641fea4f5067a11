import { types } from 'node:util';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { CallbackQueueError } from '../errors/callback.errors.js';
import { isRedis, REPLY_TIMEOUT_MS } from './bullmq-queue.options.js';
import type { BullmqQueueOptions } from './bullmq-queue.options.js';

type OwnOptions = RedisOptions & { replyMapping: 'legacy' };

const OWN: OwnOptions = {
  lazyConnect: true,
  enableReadyCheck: true,
  connectTimeout: REPLY_TIMEOUT_MS,
  // The app's own connection may have options to give up, to change replies, or to leave commands without a reply.
  retryStrategy: (times) => Math.min(times * 100, 2_000),
  autoResendUnfulfilledCommands: true,
  stringNumbers: false,
  replyMapping: 'legacy',
};

/** Opens a connection whose commands are answered or fail soon. A failed command has not been sent. */
export function openPromptRedis(connection: BullmqQueueOptions['connection']): Redis {
  return open(connection, {
    ...OWN,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: REPLY_TIMEOUT_MS,
    reconnectOnError: isReadOnly,
  });
}

/** Opens a connection whose commands wait until Redis is back, as BullMQ's worker requires. */
export function openPatientRedis(connection: BullmqQueueOptions['connection']): Redis {
  return open(connection, {
    ...OWN,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    // `2` repeats the command, as a lost connection does.
    reconnectOnError: (error) => (isReadOnly(error) ? 2 : false),
  });
}

/** After a failover, a connection may belong to a server that is now a replica, and a new one may find the primary. */
function isReadOnly({ message }: Error): boolean {
  return /\bREADONLY\b/.test(message);
}

/**
 * A connection can go silent without closing. It is reopened if a pending reply does not arrive within `socketTimeout`.
 * The app may set its own.
 */
function open(connection: BullmqQueueOptions['connection'], own: OwnOptions): Redis {
  if (typeof connection === 'string') return new Redis(connection, { socketTimeout: REPLY_TIMEOUT_MS, ...own });
  if (!isRedis(connection))
    return new Redis({ ...connection, ...own, socketTimeout: connection.socketTimeout ?? REPLY_TIMEOUT_MS });
  return connection.duplicate({ ...own, socketTimeout: connection.options.socketTimeout ?? REPLY_TIMEOUT_MS });
}

/** The fixes for errors of Redis, by the first word of the reply. */
const FIXES: Readonly<Record<string, string>> = {
  NOAUTH: 'set the password of Redis in the `connection` of bullmqQueue()',
  WRONGPASS: 'correct the password in the `connection` of bullmqQueue()',
  NOPERM: 'allow this Redis user the commands that BullMQ needs',
  READONLY: 'connect to the primary, not to a replica',
  OOM: 'give Redis more memory by raising its maxmemory, or shorten the `remember` of bullmqQueue()',
};

/** Returns the address of Redis, without a password. */
export function addressOf({ options }: Redis): string {
  if ('sentinels' in options && options.sentinels) return `${options.name} (with Sentinel)`;
  return options.path ?? `${options.host}:${options.port}`;
}

/** Creates the error for a failed operation on Redis. */
export function redisError(what: string, redis: Redis, reason: unknown): CallbackQueueError {
  if (reason instanceof CallbackQueueError) return reason;
  const cause = withoutCommand(reason);
  const said = cause.message.replace(/\.$/, '');
  const [word = ''] = said.split(' ');
  const fix = FIXES[word] ?? 'make sure that Redis runs there, or correct the `connection` of bullmqQueue()';
  return new CallbackQueueError(`Redis at ${addressOf(redis)} ${what}: ${said}. Fix: ${fix}.`, { cause });
}

/** ioredis adds the command to its errors, with the password or the body of a delivery in its arguments. */
export function withoutCommand(reason: unknown): Error {
  const error = types.isNativeError(reason) ? reason : new Error(String(reason));
  if ('command' in error) delete error.command;
  return error;
}
