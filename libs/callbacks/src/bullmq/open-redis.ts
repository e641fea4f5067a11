import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { isRedis, PATIENCE } from './bullmq-queue.options.js';
import type { BullmqQueueOptions } from './bullmq-queue.options.js';

type OwnOptions = RedisOptions & { replyMapping: 'legacy' };

const OWN: OwnOptions = {
  lazyConnect: true,
  enableReadyCheck: true,
  connectTimeout: PATIENCE,
  // An app may have told its own connection to give up, or to reply in other shapes.
  retryStrategy: (times) => Math.min(times * 100, 2_000),
  stringNumbers: false,
  replyMapping: 'legacy',
};

/** A connection whose commands are answered or fail: what it does not get rid of soon was not done. */
export function openPromptRedis(connection: BullmqQueueOptions['connection']): Redis {
  return open(connection, {
    ...OWN,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: PATIENCE,
  });
}

/** A connection whose commands wait until Redis is back, as BullMQ's worker asks for. */
export function openPatientRedis(connection: BullmqQueueOptions['connection']): Redis {
  return open(connection, {
    ...OWN,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
  });
}

/**
 * A connection can go silent without closing: one on which nothing comes for `socketTimeout`, though a reply is due, is
 * opened anew. The app may have its own.
 */
function open(connection: BullmqQueueOptions['connection'], own: OwnOptions): Redis {
  if (typeof connection === 'string') return new Redis(connection, { socketTimeout: PATIENCE, ...own });
  if (!isRedis(connection))
    return new Redis({ ...connection, ...own, socketTimeout: connection.socketTimeout ?? PATIENCE });
  return connection.duplicate({ ...own, socketTimeout: connection.options.socketTimeout ?? PATIENCE });
}
