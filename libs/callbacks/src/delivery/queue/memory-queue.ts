import { throwOptionIssues, unknownOptions } from '../../errors/option-issues.js';
import { AppLogger, LogLine } from '../app-logger.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { CallbackQueueError } from '../../errors/callback.errors.js';
import type {
  AddedDelivery,
  AttemptOutcome,
  CallbackQueue,
  CancelledDeliveries,
  QueueWorker,
} from './callback-queue.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from './deliveries.js';
import { readSequenceCursor } from './deliveries.js';
import { HeldDelivery, Lanes } from './held-delivery.js';
import { IdleWaiters } from './idle-waiters.js';
import { rememberIssues, rememberSettingsOf } from './remember.options.js';
import type { RememberOptions, RememberSettings } from './remember.options.js';

/** The options of `memoryQueue()`. */
export interface MemoryQueueOptions extends RememberOptions {
  /**
   * The most deliveries that are neither delivered nor cancelled. Further ones are rejected. The queue also remembers
   * at most this many delivered and cancelled ones.
   *
   * @default 10_000
   */
  capacity?: number;
}

/**
 * An in-memory queue, the default. Its deliveries are lost when the process ends, whether it is killed or stopped. Use
 * it for development, and for callbacks that may get lost.
 *
 * @throws TypeError that names every wrong option.
 * @example
 * CallbacksModule.forRoot({ queue: memoryQueue({ capacity: 100 }) });
 */
export function memoryQueue(options: MemoryQueueOptions = {}): CallbackQueue {
  const { capacity = 10_000 } = options;
  throwOptionIssues('memoryQueue()', [
    ...unknownOptions('memoryQueue()', options, ['capacity', 'remember', 'rememberFailed', 'keepBodies']),
    ...(Number.isSafeInteger(capacity) && capacity >= 1
      ? []
      : ['The `capacity` of memoryQueue() must be a whole number, at least 1.']),
    ...rememberIssues(options, 'memoryQueue()'),
  ]);
  return new MemoryQueue(capacity, rememberSettingsOf(options));
}

/** How often to check whether receivers without slots have some now, in ms. */
const LOOK_AGAIN_MS = 250;
/** The most ids in one log line. */
const IDS_PER_LINE = 100;

class MemoryQueue implements CallbackQueue {
  readonly title = 'The in-memory queue';
  readonly #logger = new AppLogger('MemoryQueue');
  /** In the order in which they were enqueued. */
  readonly #held = new Map<string, HeldDelivery>();
  /** Both in the order in which they ended. */
  readonly #failed = new Set<HeldDelivery>();
  readonly #done = new Set<HeldDelivery>();
  readonly #lanes = new Lanes();
  readonly #inFlight = new Set<HeldDelivery>();
  readonly #waiters = new IdleWaiters();
  /** The cancelled deliveries whose listeners are being called. */
  #telling = 0;
  #worker: QueueWorker | undefined;
  #enqueued = 0;
  #nextPass: NodeJS.Immediate | undefined;
  #nextLook: NodeJS.Timeout | undefined;

  constructor(
    private readonly capacity: number,
    private readonly settings: RememberSettings,
  ) {}

  async add(delivery: CallbackDelivery): Promise<AddedDelivery> {
    this.#forgetOld();
    const known = this.#held.get(delivery.id);
    if (known) return { status: 'duplicate', state: known.state, digest: known.delivery.digest };
    if (this.#held.size - this.#done.size >= this.capacity && !this.#dropOldestFailed()) {
      throw new CallbackQueueError(
        `${this.title} is full: it holds ${this.capacity} deliveries. Fix: use a durable queue, or raise its \`capacity\`.`,
      );
    }
    const held = new HeldDelivery(delivery, ++this.#enqueued);
    this.#held.set(delivery.id, held);
    this.#makeDue(held);
    return { status: 'queued' };
  }

  async start(worker: QueueWorker): Promise<void> {
    this.#worker = worker;
    this.#logger.warn(
      'Callbacks are queued in memory: those not delivered when the process ends are lost. A durable queue keeps them: sqliteQueue(), bullmqQueue() or postgresQueue().',
    );
    this.#pass();
  }

  async stop(grace: number): Promise<void> {
    if (this.#worker && this.#worker.concurrency > 0 && !this.#isIdle()) await this.#waiters.wait(grace);
    this.#worker = undefined;
  }

  async close(): Promise<void> {
    this.#worker = undefined;
    clearImmediate(this.#nextPass);
    this.#nextPass = undefined;
    clearTimeout(this.#nextLook);
    const ids = [...this.#held.values()].filter((held) => !this.#done.has(held)).map(({ delivery }) => delivery.id);
    for (let first = 0; first < ids.length; first += IDS_PER_LINE) {
      const some = ids.slice(first, first + IDS_PER_LINE);
      const counts = { count: some.length, of: ids.length };
      this.#logger.error(new LogLine('Dropped deliveries that were in memory.', { ...counts, ids: some }));
    }
    for (const held of this.#held.values()) held.stopWaiting();
    for (const all of [this.#held, this.#failed, this.#done, this.#lanes, this.#inFlight]) all.clear();
  }

  async delivery(id: string): Promise<DeliveryDetails | undefined> {
    this.#forgetOld();
    return this.#held.get(id)?.details();
  }

  async deliveries(filter: DeliveryFilter, { limit, cursor }: DeliveryPageRequest): Promise<DeliveryPage> {
    this.#forgetOld();
    const before = readSequenceCursor(cursor);
    const found: HeldDelivery[] = [];
    for (const held of [...this.#held.values()].toReversed()) {
      if (held.sequence >= before || !held.matches(filter)) continue;
      if (found.length === limit) {
        return { deliveries: found.map((one) => one.summary()), next: String(found.at(-1)!.sequence) };
      }
      found.push(held);
    }
    return { deliveries: found.map((one) => one.summary()) };
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    return ids.filter((id) => {
      const held = this.#held.get(id);
      if (!held || !held.canRetry()) return false;
      this.#failed.delete(held);
      this.#done.delete(held);
      held.restart();
      this.#makeDue(held);
      return true;
    });
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    const cancelled: string[] = [];
    const inFlight: string[] = [];
    for (const id of ids) {
      const held = this.#held.get(id);
      if (held?.state === 'queued') {
        this.#lanes.delete(held);
        this.#end(held, 'cancelled');
        cancelled.push(id);
      } else if (held?.state === 'inFlight') {
        held.isCancelled = true;
        inFlight.push(id);
      }
    }
    return { cancelled, inFlight };
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    return ids.filter((id) => {
      const held = this.#held.get(id);
      return held !== undefined && held.hasEnded && this.#forget(held);
    });
  }

  async stats(): Promise<CallbackStats> {
    this.#forgetOld();
    const delivered = [...this.#done].filter(({ state }) => state === 'delivered').length;
    const oldestDueAt = this.#lanes.oldestDueAt();
    return {
      queued: this.#held.size - this.#inFlight.size - this.#failed.size - this.#done.size,
      due: this.#lanes.count,
      ...(oldestDueAt && { oldestDueAt }),
      inFlight: this.#inFlight.size,
      delivered,
      failed: this.#failed.size,
      cancelled: this.#done.size - delivered,
    };
  }

  #makeDue(held: HeldDelivery): void {
    this.#lanes.add(held);
    // One pass for everything that is enqueued in one turn of the event loop.
    this.#nextPass ??= setImmediate(() => this.#pass());
  }

  /** Passes due deliveries to the worker, receiver by receiver, as far as there are slots. */
  #pass(): void {
    clearImmediate(this.#nextPass);
    this.#nextPass = undefined;
    clearTimeout(this.#nextLook);
    const worker = this.#worker;
    if (worker) {
      for (const held of this.#lanes.take(worker, worker.concurrency - this.#inFlight.size)) {
        void this.#attempt(held, worker);
      }
      // A receiver can get slots just by the passing of time.
      if (this.#lanes.count > 0) this.#nextLook = setTimeout(() => this.#pass(), LOOK_AGAIN_MS).unref();
    }
    if (this.#isIdle()) this.#waiters.tell();
  }

  #isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#lanes.count === 0 && this.#telling === 0;
  }

  async #attempt(held: HeldDelivery, worker: QueueWorker): Promise<void> {
    this.#inFlight.add(held);
    held.begin();
    const outcome = await worker.attempt(held.delivery, held.attempts + 1);
    this.#inFlight.delete(held);
    // In the meantime the queue may have been closed, and the delivery may have been added again.
    if (this.#held.get(held.delivery.id) === held) await this.#settle(held, outcome, worker);
    this.#pass();
  }

  async #settle(held: HeldDelivery, outcome: AttemptOutcome, worker: QueueWorker): Promise<void> {
    if (outcome.status !== 'postponed') {
      held.note(outcome.record);
      if (outcome.untold?.length) {
        const message = 'Not every listener was called with an outcome, and the in-memory queue does not keep it.';
        this.#logger.error(new LogLine(message, { outcome: outcome.status, id: held.delivery.id }));
      }
    }
    if (outcome.status === 'delivered') this.#end(held, 'delivered');
    else if (held.isCancelled) {
      this.#end(held, 'cancelled');
      this.#telling++;
      await worker.cancelled(held.summary());
      this.#telling--;
    } else if (outcome.status === 'failed') this.#end(held, 'failed');
    else held.wait(outcome.delay, () => this.#makeDue(held));
  }

  #end(held: HeldDelivery, state: 'delivered' | 'failed' | 'cancelled'): void {
    held.end(state);
    if (state === 'failed') {
      this.#failed.add(held);
      return;
    }
    if (state === 'delivered' && !this.settings.keepBodies) held.dropBody();
    this.#done.add(held);
    if (this.#done.size > this.capacity) this.#forget(this.#done.values().next().value!);
  }

  #forget(held: HeldDelivery): boolean {
    this.#failed.delete(held);
    this.#done.delete(held);
    return this.#held.delete(held.delivery.id);
  }

  #forgetOld(): void {
    const { remember, rememberFailed } = this.settings;
    for (const [ended, age] of [
      [this.#done, remember],
      [this.#failed, rememberFailed],
    ] as const) {
      for (const held of ended) {
        if (held.updatedAt > Date.now() - age) break;
        this.#forget(held);
      }
    }
  }

  /** Failed deliveries make room for new ones. */
  #dropOldestFailed(): boolean {
    const [oldest] = this.#failed;
    if (!oldest) return false;
    this.#forget(oldest);
    const message = 'Dropped a failed delivery: the in-memory queue is full.';
    this.#logger.error(new LogLine(message, { id: oldest.delivery.id }));
    return true;
  }
}
