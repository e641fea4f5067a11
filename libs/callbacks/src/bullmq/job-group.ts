import { Job } from 'bullmq';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { runOn } from './run-script.js';

/** The most jobs in one transaction. Redis adds them while the next ones are prepared. */
const MAX_JOBS = 10;

interface WaitingJob {
  readonly delivery: CallbackDelivery;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

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

/** Adds everything that is enqueued in one turn of the event loop in one transaction, and so in one round trip. */
export class JobGroup {
  #waiting: WaitingJob[] = [];

  constructor(
    private readonly queue: Queue<CallbackDelivery>,
    private readonly redis: Redis,
    private readonly base: string,
  ) {}

  /** @returns whether it is new. BullMQ does not change a job with a known id. */
  add(delivery: CallbackDelivery): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const count = this.#waiting.push({ delivery, resolve, reject });
      if (count === 1) setImmediate(() => this.#flush());
      if (count === MAX_JOBS) this.#flush();
    });
  }

  #flush(): void {
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    this.#write(group).catch((error: unknown) => {
      for (const { reject } of group) reject(firstOf(error));
    });
  }

  async #write(group: readonly WaitingJob[]): Promise<void> {
    const multi = this.redis.multi();
    // BullMQ 6 needs this member to call its own command.
    const transaction = Object.assign(multi, {
      runCommand: (name: string, args: unknown[]) =>
        // BullMQ has defined it.
        (multi as unknown as Record<string, (args: unknown[]) => typeof multi>)[name]!(args),
    });
    const written: WaitingJob[] = [];
    for (const waiting of group) {
      const { delivery, reject } = waiting;
      try {
        const job = new Job(
          this.queue,
          delivery.callback,
          delivery,
          { ...JOB_OPTIONS, jobId: delivery.id },
          delivery.id,
        );
        // BullMQ's types allow only its own connections. The command is in the transaction once the call returns.
        job.addJob(transaction as unknown as Parameters<typeof job.addJob>[0]).catch(() => undefined);
        written.push(waiting);
      } catch (error) {
        reject(error);
      }
    }
    const known = written.flatMap(({ delivery: { id, receiver, key = '' } }) => [id, receiver, key]);
    runOn(multi, 'cbEnlist', this.base, ...known);
    const replies = (await multi.exec()) ?? [];
    const [enlistError, enlisted] = replies.at(-1) ?? [new Error('Redis did not reply')];
    if (enlistError) throw enlistError;
    for (const [index, { resolve, reject }] of written.entries()) {
      // cbEnlist returns a number for each.
      const added = (enlisted as readonly number[])[index];
      if (added === -1) reject(replies[index]?.[0] ?? new Error('BullMQ did not add the job'));
      else resolve(added === 1);
    }
  }
}

/** Returns why a transaction was discarded: the error of its first failed command. */
function firstOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('previousErrors' in error)) return error;
  const { previousErrors } = error;
  return Array.isArray(previousErrors) ? (previousErrors[0] ?? error) : error;
}
