import type { JobState, QueueJob, QueueJobJson } from '@bull-board/api/dist/types.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
  DeliveryState,
} from '../delivery/queue/deliveries.js';

/** The used methods of the app's `Callbacks`. */
export interface OperatedCallbacks {
  stats(): Promise<CallbackStats>;
  deliveries(options: DeliveryFilter & Partial<DeliveryPageRequest>): Promise<DeliveryPage>;
  delivery(id: string): Promise<DeliveryDetails | undefined>;
  retry(which: string): Promise<unknown>;
  retry(which: DeliveryFilter): Promise<unknown>;
  cancel(which: string): Promise<unknown>;
  cancel(which: DeliveryFilter): Promise<unknown>;
  forget(which: string | DeliveryFilter): Promise<unknown>;
}

const JOB_STATE_OF: Readonly<Record<DeliveryState, JobState>> = {
  inFlight: 'active',
  queued: 'delayed',
  delivered: 'completed',
  failed: 'failed',
  cancelled: 'failed',
};

/** A delivery as a Bull Board job. */
export class DeliveryJob implements QueueJob {
  readonly #details: DeliveryDetails;
  readonly #callbacks: OperatedCallbacks;
  readonly #showQueries: boolean;

  constructor(details: DeliveryDetails, callbacks: OperatedCallbacks, showQueries: boolean) {
    this.#details = details;
    this.#callbacks = callbacks;
    this.#showQueries = showQueries;
  }

  get opts(): { delay?: number } {
    return this.#delay === undefined ? {} : { delay: this.#delay };
  }

  async getState(): Promise<JobState> {
    const now = await this.#callbacks.delivery(this.#details.id);
    return now ? JOB_STATE_OF[now.state] : 'unknown';
  }

  /** Makes its next attempt now. */
  async promote(): Promise<void> {
    await this.#callbacks.retry(this.#details.id);
  }

  /** Restarts its whole schedule. */
  async retry(): Promise<void> {
    await this.#callbacks.retry(this.#details.id);
  }

  /** Forgets it, after cancelling it if it waits. A delivery in flight cannot be removed. */
  async remove(): Promise<void> {
    const { id, state } = this.#details;
    if (state === 'queued') await this.#callbacks.cancel(id);
    await this.#callbacks.forget(id);
  }

  toJSON(): QueueJobJson {
    const { id, callback, key, context, state, attempts, enqueuedAt, updatedAt, history, body, error } = this.#details;
    const isFailed = JOB_STATE_OF[state] === 'failed';
    const last = history.at(-1);
    const hasEnded = isFailed || state === 'delivered';
    return {
      id,
      name: callback,
      progress: 0,
      attemptsMade: attempts,
      timestamp: enqueuedAt.getTime(),
      ...(last && { processedOn: last.at.getTime() }),
      ...(hasEnded && { finishedOn: updatedAt.getTime() }),
      ...(this.#delay !== undefined && { delay: this.#delay }),
      failedReason: isFailed ? (state === 'cancelled' ? 'It was cancelled.' : (error ?? '')) : '',
      stacktrace: isFailed ? history.flatMap((attempt) => attempt.error ?? []) : [],
      data: { url: this.#url, ...(key !== undefined && { key }), context, body: body && readBody(body) },
      returnvalue: state === 'delivered' ? { statusCode: last?.statusCode, reply: last?.reply } : null,
      opts: this.opts,
    };
  }

  /** Bull Board adds it to the time when the job was added. */
  get #delay(): number | undefined {
    const { nextAttemptAt, enqueuedAt } = this.#details;
    return nextAttemptAt && Math.max(0, nextAttemptAt.getTime() - enqueuedAt.getTime());
  }

  get #url(): string {
    const { url } = this.#details;
    return this.#showQueries ? url : url.replace(/\?.*$/s, '');
  }
}

/** One line for each attempt. */
export function attemptLogOf({ history, nextAttemptAt }: DeliveryDetails): string[] {
  const lines = history.map(({ attempt, at, duration, statusCode, error, reply }) => {
    const outcome = error ?? `delivered, ${statusCode}`;
    return `${at.toISOString()} attempt ${attempt}, ${duration} ms: ${outcome}${reply ? `\n  reply: ${reply}` : ''}`;
  });
  return nextAttemptAt ? [...lines, `${nextAttemptAt.toISOString()} the next attempt, at the earliest`] : lines;
}

/** The body may not be JSON. */
function readBody(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
