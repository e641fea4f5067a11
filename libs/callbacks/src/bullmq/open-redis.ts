import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { isRedis, REPLY_TIMEOUT_MS } from './bullmq-queue.options.js';
import type { BullmqQueueOptions } from './bullmq-queue.options.js';

type OwnOptions = RedisOptions & { replyMapping: 'legacy' };

const OWN: OwnOptions = {
  lazyConnect: true,
  enableReadyCheck: true,
  connectTimeout: REPLY_TIMEOUT_MS,
  // The app's own connection may have options to give up, or to change replies.
  retryStrategy: (times) => Math.min(times * 100, 2_000),
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
  });
}

/** Opens a connection whose commands wait until Redis is back, as BullMQ's worker requires. */
export function openPatientRedis(connection: BullmqQueueOptions['connection']): Redis {
  return open(connection, {
    ...OWN,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
  });
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
