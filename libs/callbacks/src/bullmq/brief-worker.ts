import { Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { PATIENCE } from './bullmq-queue.options.js';
import { JOB_OPTIONS } from './job-group.js';

/** How long a connection waits for new jobs before it asks again, in s: shorter than it may be silent. */
const MOST_BLOCKED = 2;

type JobData = Parameters<Worker['createJob']>[0];

/** BullMQ's worker, which hears soon that its connection has gone silent, and which no damaged job stops. */
export class BriefWorker extends Worker<unknown, void> {
  protected override getBlockTimeout(blockUntil: number): number {
    // It was given an instance.
    const { socketTimeout = PATIENCE } = (this.opts.connection as Redis).options;
    return Math.min(super.getBlockTimeout(blockUntil), MOST_BLOCKED, socketTimeout / 2_000);
  }

  protected override createJob(given: JobData, id: string): Job<unknown, void> {
    // BullMQ 5 has them as JSON.
    const opts = typeof given.opts === 'string' ? (JSON.stringify(JOB_OPTIONS) as never) : JOB_OPTIONS;
    const data = { ...given, opts };
    try {
      return super.createJob(data, id);
    } catch {
      // Its JSON is broken. Without it, it is handed over, and fails as damaged.
      return super.createJob({ ...data, data: '""', progress: '0' }, id);
    }
  }
}
