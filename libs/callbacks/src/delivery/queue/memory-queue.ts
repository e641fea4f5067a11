import { CallbackQueueError } from '../../contract/callback-queue.error.js';
import { AppLogger } from '../app-logger.js';
import { hostOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { CallbackQueue, CallbackStats, FailedDelivery, FailedPage, QueueWorker } from './callback-queue.js';
import { describeFailed } from './describe-failed.js';
import { IdleWaiters } from './idle-waiters.js';

/** The options of `memoryQueue()`. */
export interface MemoryQueueOptions {
  /**
   * How many deliveries it holds; one more is refused. It remembers as many that were delivered.
   *
   * @default 10_000
   */
  capacity?: number;
}

/**
 * A queue in the memory of the process, which is the default. What it holds is lost when the process ends, whether it
 * is killed or stopped: it is for development, and for callbacks that nobody misses.
 *
 * @throws TypeError where the capacity is no whole number, at least 1.
 * @example
 * CallbacksModule.forRoot({ queue: memoryQueue({ capacity: 100 }) });
 */
export function memoryQueue({ capacity = 10_000 }: MemoryQueueOptions = {}): CallbackQueue {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new TypeError('The `capacity` of memoryQueue() has to be a whole number, at least 1.');
  }
  return new MemoryQueue(capacity);
}

interface Held {
  readonly delivery: CallbackDelivery;
  readonly host: string;
  attempts: number;
  timer?: NodeJS.Timeout;
  failure?: Pick<FailedDelivery, 'error' | 'failedAt'>;
}

/** How many ids a line of the log names. */
const IDS_PER_LINE = 100;

class MemoryQueue implements CallbackQueue {
  readonly #logger = new AppLogger('MemoryQueue');
  readonly #held = new Map<string, Held>();
  /** What is due, by host: the host that was served last is the last one. */
  readonly #lanes = new Map<string, Set<Held>>();
  readonly #failed = new Set<Held>();
  readonly #delivered = new Set<string>();
  readonly #inFlight = new Set<Held>();
  readonly #waiters = new IdleWaiters();
  #worker: QueueWorker | undefined;
  #isClosed = false;

  constructor(private readonly capacity: number) {}

  async add(delivery: CallbackDelivery): Promise<void> {
    if (this.#isClosed) {
      throw new CallbackQueueError('The queue in memory is closed. Fix: use it before the app has shut down.');
    }
    if (this.#held.has(delivery.id) || this.#delivered.has(delivery.id)) return;
    if (this.#held.size >= this.capacity && !this.#dropOldestFailed()) {
      throw new CallbackQueueError(
        `The queue in memory is full: it holds ${this.capacity} deliveries. Fix: use a durable queue, or raise its \`capacity\`.`,
      );
    }
    const held = { delivery, host: hostOf(delivery), attempts: 0 };
    this.#held.set(delivery.id, held);
    this.#makeDue(held);
  }

  async start(worker: QueueWorker): Promise<void> {
    if (this.#worker)
      throw new CallbackQueueError('The queue in memory belongs to another app. Fix: give each its own.');
    this.#worker = worker;
    this.#isClosed = false;
    this.#logger.warn(
      'Callbacks are queued in memory: those not delivered when the process ends are lost. A durable queue keeps them: sqliteQueue() or bullmqQueue().',
    );
    this.#pump();
  }

  async stop(grace: number): Promise<void> {
    if (this.#worker && this.#worker.concurrency > 0 && !this.#isIdle()) await this.#waiters.wait(grace);
    this.#worker = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ids = [...this.#held.keys()];
    for (let first = 0; first < ids.length; first += IDS_PER_LINE) {
      const some = ids.slice(first, first + IDS_PER_LINE);
      this.#logger.error(`Dropped ${some.length} of ${ids.length} deliveries that were in memory: ${some.join(', ')}`);
    }
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    this.#lanes.clear();
    this.#failed.clear();
  }

  async failed({ limit, offset }: FailedPage): Promise<readonly FailedDelivery[]> {
    const latestFirst = [...this.#failed].toReversed().slice(offset, offset + limit);
    return latestFirst.map(({ delivery, attempts, failure }) => describeFailed(delivery, { attempts, ...failure! }));
  }

  async retry(id: string): Promise<boolean> {
    const held = this.#held.get(id);
    if (!held || !this.#failed.delete(held)) return false;
    held.attempts = 0;
    delete held.failure;
    this.#makeDue(held);
    return true;
  }

  async stats(): Promise<CallbackStats> {
    // What is in flight when the queue is closed is held no more.
    const held = [...this.#inFlight].filter((one) => this.#held.get(one.delivery.id) === one);
    return {
      queued: this.#held.size - held.length - this.#failed.size,
      inFlight: this.#inFlight.size,
      delivered: this.#delivered.size,
      failed: this.#failed.size,
    };
  }

  #makeDue(held: Held): void {
    const lane = this.#lanes.get(held.host);
    if (lane) lane.add(held);
    else this.#lanes.set(held.host, new Set([held]));
    this.#pump();
  }

  /** Hands over what is due, host by host, as far as there is room. */
  #pump(): void {
    const worker = this.#worker;
    if (!worker) return;
    for (let lanes = this.#lanes.size; lanes > 0 && this.#inFlight.size < worker.concurrency; lanes--) {
      const [[host, lane]] = this.#lanes as unknown as [[string, Set<Held>]];
      this.#lanes.delete(host);
      for (const held of lane) {
        if (worker.room(host) <= 0 || this.#inFlight.size >= worker.concurrency) break;
        lane.delete(held);
        this.#inFlight.add(held);
        void this.#attempt(held, worker);
      }
      if (lane.size > 0) this.#lanes.set(host, lane);
    }
    if (this.#isIdle()) this.#waiters.tell();
  }

  #isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#lanes.size === 0;
  }

  async #attempt(held: Held, worker: QueueWorker): Promise<void> {
    const { delivery } = held;
    held.attempts++;
    const outcome = await worker.attempt(delivery, held.attempts);
    this.#inFlight.delete(held);
    // The queue may have been closed meanwhile, and may have been given it again.
    if (this.#held.get(delivery.id) === held) {
      if (outcome.status === 'postponed') held.attempts--;
      if (outcome.status === 'retry' || outcome.status === 'postponed') {
        held.timer = setTimeout(() => this.#makeDue(held), outcome.delay).unref();
      } else if (outcome.status === 'failed') {
        held.failure = { error: outcome.error, failedAt: new Date() };
        this.#failed.add(held);
      } else {
        this.#held.delete(delivery.id);
        this.#remember(delivery.id);
      }
    }
    this.#pump();
  }

  #remember(id: string): void {
    this.#delivered.add(id);
    if (this.#delivered.size <= this.capacity) return;
    const [oldest] = this.#delivered;
    this.#delivered.delete(oldest!);
  }

  /** What failed for good makes room for what is new. */
  #dropOldestFailed(): boolean {
    const [oldest] = this.#failed;
    if (!oldest) return false;
    this.#failed.delete(oldest);
    this.#held.delete(oldest.delivery.id);
    this.#logger.error(`Dropped the failed delivery ${oldest.delivery.id}: the queue in memory is full.`);
    return true;
  }
}
