import { Job } from 'bullmq';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { extendAdd } from './redis-scripts.js';
import { writeTogether } from './run-script.js';

/** The options of every job, whoever added it. */
export const JOB_OPTIONS: JobsOptions = {
  // The retry policy of this package ends a delivery, never BullMQ's count.
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'custom' },
  // cbSweep removes it, with everything known about it.
  removeOnComplete: false,
  removeOnFail: false,
  stackTraceLimit: 0,
};

/** BullMQ appends its version. */
const BULLMQ_ADD = 'addStandardJob:';

type Run = (args: readonly unknown[]) => Promise<unknown>;

/**
 * Adds jobs with BullMQ's own script, which also stores what BullMQ does not have. One command for both takes a
 * third of the time of a transaction.
 */
export class JobAdder {
  #name: string | undefined;

  /** @param redis - a connection on which BullMQ has not defined its commands yet, or has with a former `JobAdder`. */
  constructor(
    private readonly redis: Redis,
    private readonly base: string,
  ) {
    const define = redis.defineCommand.bind(redis);
    redis.defineCommand = (name, definition) => {
      define(name, definition);
      if (name.startsWith(BULLMQ_ADD)) define('cbAdd', { ...definition, lua: extendAdd(definition.lua) });
    };
  }

  /** @returns whether it is new. BullMQ does not change a job with a known id. */
  async add(queue: Queue<CallbackDelivery>, delivery: CallbackDelivery): Promise<boolean> {
    const { id, callback, receiver, key = '' } = delivery;
    const job = new Job(queue, callback, delivery, { ...JOB_OPTIONS, jobId: id }, id);
    const run: Run = (args) => {
      writeTogether(this.redis);
      // ioredis adds the defined command, which its types cannot know.
      return (this.redis as unknown as { cbAdd: Run }).cbAdd([...args, this.base, id, receiver, key, Date.now()]);
    };
    // BullMQ 6 calls `runCommand()`, BullMQ 5 the command itself.
    const client = { runCommand: (_name: string, args: readonly unknown[]) => run(args), [this.#command()]: run };
    // BullMQ's types allow only its own connections. It returns what the script does.
    const added: unknown = await job.addJob(client as unknown as Parameters<typeof job.addJob>[0]);
    return added === 1;
  }

  #command(): string {
    this.#name ??= Object.keys(this.redis).find((name) => name.startsWith(BULLMQ_ADD));
    if (this.#name === undefined) {
      throw new Error(
        'This version of bullmq is not supported: it has no script addStandardJob. Fix: npm install bullmq@6',
      );
    }
    return this.#name;
  }
}
