import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type {
  JobCleanStatus,
  JobCounts,
  JobStatus,
  QueueAdapterOptions,
  QueueJob,
  QueueMetrics,
  Status,
} from '@bull-board/api/dist/types.js';
import { MAX_PAGE_SIZE } from '../delivery/queue/deliveries.js';
import type { DeliveryFilter, DeliverySummary } from '../delivery/queue/deliveries.js';
import { DeliveryJob, attemptLogOf } from './delivery-job.js';
import type { OperatedCallbacks } from './delivery-job.js';

/** The options of the adapter, besides those of Bull Board. */
export interface CallbacksBoardOptions extends Partial<QueueAdapterOptions> {
  /**
   * The name of the queue on the page, if the app shows several.
   *
   * @default 'callbacks'
   */
  name?: string;

  /**
   * Whether URLs are shown with their query, which may contain tokens of receivers.
   *
   * @default false
   */
  showQueries?: boolean;
}

/** The used statuses of Bull Board: `delayed` for waiting deliveries, `failed` also for cancelled ones. */
const FILTERS: Readonly<Partial<Record<Status, readonly DeliveryFilter[]>>> = {
  active: [{ state: 'inFlight' }],
  delayed: [{ state: 'queued' }],
  completed: [{ state: 'delivered' }],
  failed: [{ state: 'failed' }, { state: 'cancelled' }],
};

// The keys are those of the record.
const STATUSES = Object.keys(FILTERS) as JobStatus[];

/**
 * Shows the deliveries of any queue in [Bull Board](https://github.com/felixmosh/bull-board). Its buttons call
 * `callbacks.retry()`, `cancel()` and `forget()`.
 *
 * @example
 * import { createBullBoard } from '@bull-board/api';
 * import { ExpressAdapter } from '@bull-board/express';
 *
 * const serverAdapter = new ExpressAdapter().setBasePath('/admin/board');
 * createBullBoard({ queues: [new CallbacksBoardAdapter(app.get(Callbacks))], serverAdapter });
 * app.use('/admin/board', serverAdapter.getRouter());
 */
export class CallbacksBoardAdapter extends BaseAdapter {
  /** Private, so that it is not printed with the adapter. */
  readonly #callbacks: OperatedCallbacks;
  readonly #name: string;
  readonly #showQueries: boolean;

  constructor(
    callbacks: OperatedCallbacks,
    { name = 'callbacks', showQueries = false, ...options }: CallbacksBoardOptions = {},
  ) {
    super('bullmq', options);
    this.#callbacks = callbacks;
    this.#name = name;
    this.#showQueries = showQueries;
  }

  getName(): string {
    return `${this.prefix}${this.#name}`;
  }

  getStatuses(): Status[] {
    return ['latest', ...STATUSES];
  }

  getJobStatuses(): JobStatus[] {
    return STATUSES;
  }

  async getJobCounts(): Promise<JobCounts> {
    const { inFlight, queued, delivered, failed, cancelled } = await this.#callbacks.stats();
    const none = { latest: 0, waiting: 0, 'waiting-children': 0, prioritized: 0, paused: 0 };
    return { ...none, active: inFlight, delayed: queued, completed: delivered, failed: failed + cancelled };
  }

  async getJob(id: string): Promise<QueueJob | undefined> {
    const details = await this.#callbacks.delivery(id);
    return details && new DeliveryJob(details, this.#callbacks, this.#showQueries);
  }

  /** @param start - the first index; `end` is the last. With several statuses, the range applies to each of them. */
  async getJobs(statuses: JobStatus[], start = 0, end = start + 9): Promise<QueueJob[]> {
    const found = await Promise.all(statuses.map((status) => this.#list(FILTERS[status] ?? [], start, end + 1)));
    const ids = found
      .flat()
      .toSorted((one, other) => other.enqueuedAt.getTime() - one.enqueuedAt.getTime())
      .map(({ id }) => id);
    const jobs = await Promise.all(ids.map((id) => this.getJob(id)));
    // A delivery may have been forgotten in the meantime.
    return jobs.filter((job) => job !== undefined);
  }

  async getJobLogs(id: string): Promise<string[]> {
    const details = await this.#callbacks.delivery(id);
    return details ? attemptLogOf(details) : [];
  }

  /** Cancels waiting deliveries and forgets ended ones, except those that changed within the last `grace` ms. */
  async clean(status: JobCleanStatus, grace: number): Promise<void> {
    // Includes changes in the current millisecond, since `until` is exclusive.
    const until = new Date(Date.now() - grace + 1);
    for (const filter of FILTERS[status === 'wait' ? 'delayed' : status] ?? []) {
      if (status === 'completed' || status === 'failed') await this.#callbacks.forget({ ...filter, until });
      else await this.#callbacks.cancel({ ...filter, until });
    }
  }

  async promoteAll(): Promise<void> {
    await this.#callbacks.retry({ state: 'queued' });
  }

  async empty(): Promise<void> {
    await this.#callbacks.cancel({ state: 'queued' });
  }

  async isPaused(): Promise<boolean> {
    return false;
  }

  async getMetrics(): Promise<QueueMetrics> {
    return { meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 };
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  async getGlobalConcurrency(): Promise<null> {
    return null;
  }

  async getJobSchedulers(): Promise<[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  async removeJobScheduler(): Promise<boolean> {
    return false;
  }

  async updateJobScheduler(): Promise<'not-found'> {
    return 'not-found';
  }

  async runJobSchedulerNow(): Promise<'not-found'> {
    return 'not-found';
  }

  addJob(): Promise<QueueJob> {
    return rejectUnsupported('added here', 'call callbacks.enqueue()');
  }

  pause(): Promise<void> {
    return rejectUnsupported('paused', 'start the processes with concurrency: { total: 0 }');
  }

  resume(): Promise<void> {
    return rejectUnsupported('paused or resumed', 'start the processes with another concurrency');
  }

  obliterate(): Promise<void> {
    return rejectUnsupported('obliterated', 'clean each status instead');
  }

  setGlobalConcurrency(): Promise<void> {
    return rejectUnsupported('limited here', 'set the option concurrency of CallbacksModule');
  }

  /** Returns the deliveries from `start` on, of all filters in order. */
  async #list(filters: readonly DeliveryFilter[], start: number, end: number): Promise<DeliverySummary[]> {
    const found: DeliverySummary[] = [];
    for (const filter of filters) {
      let cursor: string | undefined;
      do {
        const limit = Math.min(MAX_PAGE_SIZE, end - found.length);
        if (limit < 1) break;
        const page = await this.#callbacks.deliveries({ ...filter, limit, ...(cursor !== undefined && { cursor }) });
        found.push(...page.deliveries);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return found.slice(start, end);
  }
}

/** Bull Board shows the message. */
async function rejectUnsupported(what: string, fix: string): Promise<never> {
  throw new Error(`Callbacks cannot be ${what}. Fix: ${fix}.`);
}
