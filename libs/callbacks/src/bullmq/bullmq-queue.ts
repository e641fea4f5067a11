import { setTimeout as sleep } from 'node:timers/promises';
import { CallbackQueueError } from '../errors/callback.errors.js';
import { requirePeer } from '../errors/require-peer.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type {
  AddedDelivery,
  CallbackQueue,
  CancelledDeliveries,
  QueueWorker,
} from '../delivery/queue/callback-queue.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from '../delivery/queue/deliveries.js';
import { readSequenceCursor } from '../delivery/queue/deliveries.js';
import { REPLY_TIMEOUT_MS, readBullmqOptions } from './bullmq-queue.options.js';
import type { BullmqQueueOptions, BullmqSettings } from './bullmq-queue.options.js';
import type { BullmqWorker } from './bullmq-worker.js';
import type { JobStore } from './job-store.js';
import type { QueueConnection } from './queue-connection.js';
import type { QueueUpkeep } from './queue-upkeep.js';

/**
 * A queue on Redis with BullMQ, which many machines can share. Its deliveries are as safe as Redis stores them: set
 * `appendonly yes` and `maxmemory-policy noeviction`. It needs the packages `bullmq` and `ioredis`.
 *
 * @throws TypeError that names every wrong option.
 * @throws Error if one of the packages is missing or too old. It names the version needed.
 * @example
 * CallbacksModule.forRoot({ queue: bullmqQueue({ connection: 'redis://127.0.0.1:6379' }) });
 */
export function bullmqQueue(options: BullmqQueueOptions): CallbackQueue {
  const settings = readBullmqOptions(options);
  for (const name of ['bullmq', 'ioredis'] as const) requirePeer(name, 'bullmqQueue()');
  return new BullmqQueue(settings);
}

/** How long to wait after Redis closed the connection of a worker, in ms. */
const WORKER_DELAY_MS = 100;

/** The message of ioredis, whose error has no code. */
const CONNECTION_CLOSED = 'Connection is closed.';

class BullmqQueue implements CallbackQueue {
  readonly title: string;
  /** Private, so that it is not printed with the queue: it may contain the password of Redis. */
  readonly #settings: BullmqSettings;
  #connection: Promise<QueueConnection> | undefined;
  #worker: BullmqWorker | undefined;
  #upkeep: QueueUpkeep | undefined;

  constructor(settings: BullmqSettings) {
    this.#settings = settings;
    this.title = `The queue ${settings.name} on Redis`;
  }

  add(delivery: CallbackDelivery): Promise<AddedDelivery> {
    return this.#ask(`did not store the delivery ${delivery.id}`, (store) => store.add(delivery));
  }

  async start(worker: QueueWorker): Promise<void> {
    try {
      const connection = await this.#open();
      await connection.ready();
      const { QueueUpkeep: Upkeep } = await import('./queue-upkeep.js');
      this.#upkeep = new Upkeep(worker, connection, this.#settings);
      await this.#upkeep.begin();
      if (worker.concurrency > 0) this.#worker = await this.#work(worker, connection);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async stop(grace: number): Promise<void> {
    const [worker, upkeep] = [this.#worker, this.#upkeep];
    await worker?.stop(grace);
    await upkeep?.end();
    if (this.#worker === worker) this.#worker = undefined;
    if (this.#upkeep === upkeep) this.#upkeep = undefined;
  }

  async close(): Promise<void> {
    await this.stop(0);
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection)?.close();
  }

  delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#ask(`did not find the delivery ${id}`, (store) => store.details(id));
  }

  async deliveries(filter: DeliveryFilter, { limit, cursor }: DeliveryPageRequest): Promise<DeliveryPage> {
    const before = readSequenceCursor(cursor);
    return this.#ask('did not list the deliveries', (store) => store.list(filter, limit, before));
  }

  retry(ids: readonly string[]): Promise<readonly string[]> {
    return this.#ask('did not retry the deliveries', (store) => store.retry(ids));
  }

  cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    return this.#ask('did not cancel the deliveries', (store) => store.cancel(ids));
  }

  forget(ids: readonly string[]): Promise<readonly string[]> {
    return this.#ask('did not forget the deliveries', (store) => store.forget(ids));
  }

  stats(): Promise<CallbackStats> {
    return this.#ask('did not count the deliveries', (store) => store.stats());
  }

  async #ask<T>(what: string, question: (store: JobStore) => Promise<T>): Promise<T> {
    const connection = await this.#open();
    return connection.ask(what, question);
  }

  /**
   * Files that import bullmq and ioredis are loaded only here. `bullmqQueue()` has already checked that both are
   * installed.
   */
  #open(): Promise<QueueConnection> {
    this.#connection ??= import('./queue-connection.js').then((module) => new module.QueueConnection(this.#settings));
    return this.#connection;
  }

  /**
   * BullMQ gives up a worker whose connection is lost before it is ready. If Redis comes back soon, another worker is
   * created.
   */
  async #work(sender: QueueWorker, connection: QueueConnection): Promise<BullmqWorker> {
    const { BullmqWorker: Worker } = await import('./bullmq-worker.js');
    const end = performance.now() + REPLY_TIMEOUT_MS;
    for (;;) {
      const worker = new Worker(sender, this.#settings, (error) => connection.report(error));
      try {
        await worker.ready();
        return worker;
      } catch (error) {
        await worker.stop(0);
        if (!isConnectionLost(error) || performance.now() > end) throw error;
      }
      await sleep(WORKER_DELAY_MS);
      await connection.ready();
    }
  }
}

/** Whether an operation failed because the connection was closed, and not because Redis rejected it. */
function isConnectionLost(error: unknown): boolean {
  return error instanceof CallbackQueueError && (error.cause as Error).message === CONNECTION_CLOSED;
}
