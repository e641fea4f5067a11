import { Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { REPLY_TIMEOUT_MS } from './bullmq-queue.options.js';
import { JOB_OPTIONS } from './job-adder.js';

/** How long a connection waits for new jobs before it asks again, in s. It must be shorter than the socket timeout. */
const MOST_BLOCKED = 2;

type JobData = Parameters<Worker['createJob']>[0];

/** A BullMQ worker that detects a silent connection early, and that damaged jobs do not stop. */
export class BriefWorker extends Worker<unknown, void> {
  protected override getBlockTimeout(blockUntil: number): number {
    // It was created with an instance.
    const { socketTimeout = REPLY_TIMEOUT_MS } = (this.opts.connection as Redis).options;
    return Math.min(super.getBlockTimeout(blockUntil), MOST_BLOCKED, socketTimeout / 2_000);
  }

  protected override createJob(given: JobData, id: string): Job<unknown, void> {
    // BullMQ 5 stores options as JSON.
    const opts = typeof given.opts === 'string' ? (JSON.stringify(JOB_OPTIONS) as never) : JOB_OPTIONS;
    const data = { ...given, opts };
    try {
      return super.createJob(data, id);
    } catch {
      // Its JSON is invalid. Without data, the job is processed and fails as damaged.
      return super.createJob({ ...data, data: '""', progress: '0' }, id);
    }
  }
}
