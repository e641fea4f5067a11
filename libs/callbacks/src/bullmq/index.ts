/**
 * A durable queue on Redis, shared by any number of machines. Needs the packages `bullmq` and `ioredis`.
 *
 * @packageDocumentation
 */

export { bullmqQueue } from './bullmq-queue.js';
export type { BullmqQueueOptions } from './bullmq-queue.options.js';
