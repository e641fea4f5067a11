import { Job } from 'bullmq';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { CallbackQueueError } from '../errors/callback.errors.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';

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

/** Redis adds these while the next ones are prepared. */
const MAX_BATCH_SIZE = 16;

type Run = (args: readonly unknown[]) => Promise<unknown>;

/** The added command, which the types of ioredis cannot know. It replies for each job. */
interface AddCommand {
  cbAdd(args: readonly unknown[]): Promise<readonly unknown[]>;
}

/** A job on its way to the next command. */
interface WaitingJob {
  readonly keys: readonly unknown[];
  readonly args: readonly unknown[];
  resolve(reply: number): void;
  reject(reason: unknown): void;
}

/**
 * Adds jobs with BullMQ's own script, which also stores what BullMQ does not have. The jobs of a turn of the event loop
 * share commands, since a command costs more than a job.
 */
export class JobAdder {
  /** BullMQ's command, once it is defined. */
  #command: { readonly name: string; readonly keyCount: number } | undefined;
  #waiting: WaitingJob[] = [];

  /** @param redis - a connection on which BullMQ defines its commands after the first `JobAdder` is created. */
  constructor(
    private readonly redis: Redis,
    private readonly base: string,
  ) {
    const define = redis.defineCommand.bind(redis);
    redis.defineCommand = (name, definition) => {
      define(name, definition);
      const { lua, numberOfKeys: keyCount } = definition;
      if (!name.startsWith(BULLMQ_ADD) || keyCount === undefined) return;
      this.#command = { name, keyCount };
      define('cbAdd', { numberOfKeys: keyCount, lua: addMany(lua) });
    };
  }

  /** @returns whether it is new. BullMQ does not change a job with a known id. */
  async add(queue: Queue<CallbackDelivery>, delivery: CallbackDelivery): Promise<boolean> {
    const { id, callback, receiver, key = '' } = delivery;
    const { name, keyCount } = this.#commandOfBullmq();
    const job = new Job(queue, callback, delivery, { ...JOB_OPTIONS, jobId: id }, id);
    const run: Run = (args) =>
      new Promise((resolve, reject) => {
        const own = [id, receiver, key, ...args.slice(keyCount)];
        this.#wait({ keys: args.slice(0, keyCount), args: own, resolve, reject });
      });
    // BullMQ 6 calls `runCommand()`, BullMQ 5 the command itself.
    const client = { runCommand: (_name: string, args: readonly unknown[]) => run(args), [name]: run };
    // BullMQ's types allow only its own connections. It returns what the script does.
    const added: unknown = await job.addJob(client as unknown as Parameters<typeof job.addJob>[0]);
    return added === 1;
  }

  #wait(job: WaitingJob): void {
    const count = this.#waiting.push(job);
    if (count === 1) setImmediate(() => void this.#addWaiting());
    if (count === MAX_BATCH_SIZE) void this.#addWaiting();
  }

  async #addWaiting(): Promise<void> {
    const jobs = this.#waiting;
    const [first] = jobs;
    if (!first) return;
    this.#waiting = [];
    const args = jobs.flatMap((job) => job.args);
    try {
      const command = [...first.keys, this.base, Date.now(), first.args.length, ...args];
      const replies = await (this.redis as unknown as AddCommand).cbAdd(command);
      jobs.forEach(({ resolve, reject }, index) => {
        const reply = replies[index];
        if (typeof reply === 'number') resolve(reply);
        else reject(reply);
      });
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }

  #commandOfBullmq() {
    if (this.#command) return this.#command;
    throw new CallbackQueueError(
      'bullmqQueue() does not support the installed bullmq, which has no script addStandardJob. Fix: npm install bullmq@6',
    );
  }
}

/**
 * Makes BullMQ's script add several jobs, each with the data of this library. Its arguments are the prefix of the
 * queue's keys, the time in ms, the number of arguments of a job, and for each job: its id, its receiver, its key or
 * '', and the arguments of BullMQ's script. For each job it returns 1 if it is new, 0 if it is known, BullMQ's error
 * code, or an error: one job that fails does not prevent the others. If all fail, it returns the first error.
 */
function addMany(lua: string): string {
  return `
local base, now, size = ARGV[1], ARGV[2], tonumber(ARGV[3])
local call, replies = redis.call, {}
local function addJob(KEYS, ARGV)
${lua}
end
local function add(id, receiver, own, ...)
  local added, key = addJob(KEYS, { ... }), base .. id
  if type(added) == 'number' and added < 0 then return added end
  if call('HSETNX', key, 'cb:receiver', receiver) == 0 then return 0 end
  call('ZADD', base .. 'cb:order', call('INCR', base .. 'cb:sequence'), id)
  call('ZADD', base .. 'cb:due', now, id)
  if own ~= '' then
    call('HSET', key, 'cb:key', own)
    call('SADD', base .. 'cb:key:' .. own, id)
  end
  return 1
end
local failed = 0
for index = 4, #ARGV, size do
  local isAdded, reply = pcall(add, unpack(ARGV, index, index + size - 1))
  -- Before version 7, Redis throws strings.
  replies[#replies + 1] = type(reply) == 'string' and redis.error_reply(reply) or reply
  if not isAdded then failed = failed + 1 end
end
-- ioredis opens a new connection to a server that is now a replica, but only if this is the reply.
if failed == #replies then return replies[1] end
return replies
`;
}
