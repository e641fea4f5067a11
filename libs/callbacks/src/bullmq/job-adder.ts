import { Job } from 'bullmq';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { CallbackQueueError } from '../errors/callback.errors.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { writeTogether } from './redis-scripts.js';

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

  /** @param redis - a connection on which BullMQ defines its commands after the first `JobAdder` is created. */
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
      throw new CallbackQueueError(
        'bullmqQueue() does not support the installed bullmq, which has no script addStandardJob. Fix: npm install bullmq@6',
      );
    }
    return this.#name;
  }
}

/**
 * Extends BullMQ's script that adds a job, so that a job is never without the data of this library. It gets five more
 * arguments, and returns 1 if the job is new, 0 if it is known, or the error code of BullMQ.
 */
function extendAdd(lua: string): string {
  return `
local function add()
${lua}
end
local base, id, receiver, own, now = unpack(ARGV, #ARGV - 4)
local call, added, key = redis.call, add(), base .. id
if type(added) == 'number' and added < 0 then return added end
if call('HSETNX', key, 'cb:receiver', receiver) == 0 then return 0 end
call('ZADD', base .. 'cb:order', call('INCR', base .. 'cb:sequence'), id)
call('ZADD', base .. 'cb:due', now, id)
if own ~= '' then
  call('HSET', key, 'cb:key', own)
  call('SADD', base .. 'cb:key:' .. own, id)
end
return 1
`;
}
