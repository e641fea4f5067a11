import { Job } from 'bullmq';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { runOn } from './redis-scripts.js';

/** How many jobs one transaction holds. */
const MOST = 200;

interface Waiting {
  readonly delivery: CallbackDelivery;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const OPTIONS: JobsOptions = {
  // Our own policy ends it, and never BullMQ's count.
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'custom' },
  // cbSweep removes it, with all that is known of it.
  removeOnComplete: false,
  removeOnFail: false,
  stackTraceLimit: 0,
};

/** Adds what is enqueued in one turn of the event loop in one transaction, so that it shares a round trip. */
export class JobGroup {
  #waiting: Waiting[] = [];

  constructor(
    private readonly queue: Queue<CallbackDelivery>,
    private readonly redis: Redis,
    private readonly base: string,
  ) {}

  /** @returns whether it is new. BullMQ leaves a job alone whose id it has. */
  add(delivery: CallbackDelivery): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ delivery, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let first = 0; first < all.length; first += MOST) {
      const group = all.slice(first, first + MOST);
      this.#write(group).catch((error: unknown) => {
        for (const { reject } of group) reject(firstOf(error));
      });
    }
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const multi = this.redis.multi();
    // BullMQ 6 calls a command of its own by this.
    const transaction = Object.assign(multi, {
      runCommand: (name: string, args: unknown[]) =>
        // BullMQ has defined it.
        (multi as unknown as Record<string, (args: unknown[]) => typeof multi>)[name]!(args),
    });
    const written: Waiting[] = [];
    for (const waiting of group) {
      const { delivery, reject } = waiting;
      try {
        const job = new Job(this.queue, delivery.callback, delivery, { ...OPTIONS, jobId: delivery.id }, delivery.id);
        // BullMQ's types have its own connections only. The command is in the transaction once the call returns.
        job.addJob(transaction as unknown as Parameters<typeof job.addJob>[0]).catch(() => undefined);
        runOn(multi, 'cbEnlist', this.base, delivery.id, delivery.receiver, delivery.key ?? '');
        written.push(waiting);
      } catch (error) {
        reject(error);
      }
    }
    const replies = (await multi.exec()) ?? [];
    for (const [index, { resolve, reject }] of written.entries()) {
      const [added, enlisted] = [replies[2 * index], replies[2 * index + 1]];
      const error = added?.[0] ?? enlisted?.[0];
      if (error || !enlisted) reject(error ?? new Error('Redis gave no reply'));
      else resolve(enlisted[1] === 1);
    }
  }
}

/** Of a transaction that was discarded: why Redis refused its first command. */
function firstOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('previousErrors' in error)) return error;
  const { previousErrors } = error;
  return Array.isArray(previousErrors) ? (previousErrors[0] ?? error) : error;
}
