import { CallbackQueueError } from '../../errors/callback.errors.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type {
  AddedDelivery,
  CallbackQueue,
  CancelledDeliveries,
  QueueTransaction,
  QueueWorker,
} from './callback-queue.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from './deliveries.js';

/** The lifecycle of a queue, shared by all apps that were created with it. */
interface Lifecycle {
  owner: ManagedQueue | undefined;
  /** Resolves once no start() or close() is in progress. */
  changed: Promise<unknown>;
  isClosed: boolean;
}

const LIFECYCLES = new WeakMap<CallbackQueue, Lifecycle>();

/**
 * The queue of one app. It guarantees the order of calls that queues rely on: one app at a time owns a queue, start(),
 * stop() and close() wait for a start() or close() in progress, even if it fails, and no call reaches a closed queue.
 */
export class ManagedQueue implements CallbackQueue {
  readonly #queue: CallbackQueue;
  readonly #lifecycle: Lifecycle;

  constructor(queue: CallbackQueue) {
    this.#queue = queue;
    this.#lifecycle = LIFECYCLES.get(queue) ?? { owner: undefined, changed: Promise.resolve(), isClosed: false };
    LIFECYCLES.set(queue, this.#lifecycle);
  }

  get title(): string {
    return this.#queue.title;
  }

  get isTransactional(): boolean {
    return this.#queue.isTransactional ?? false;
  }

  async start(worker: QueueWorker): Promise<void> {
    if (this.#lifecycle.owner) {
      throw new CallbackQueueError(`${this.title} belongs to another app. Fix: give each app its own queue.`);
    }
    this.#lifecycle.owner = this;
    try {
      await this.#change(async () => {
        this.#lifecycle.isClosed = false;
        await this.#queue.start(worker);
      });
    } catch (error) {
      this.#lifecycle.owner = undefined;
      throw error;
    }
  }

  async stop(grace: number): Promise<void> {
    if (this.#belongsToAnother) return;
    await this.#lifecycle.changed;
    if (!this.#lifecycle.isClosed) await this.#queue.stop(grace);
  }

  async close(): Promise<void> {
    if (this.#belongsToAnother) return;
    await this.#change(async () => {
      if (this.#lifecycle.isClosed) return;
      this.#lifecycle.isClosed = true;
      this.#lifecycle.owner = undefined;
      await this.#queue.close();
    });
  }

  async add(delivery: CallbackDelivery, transaction?: QueueTransaction): Promise<AddedDelivery> {
    this.checkTransaction(transaction);
    return this.#open().add(delivery, transaction);
  }

  /**
   * @throws CallbackQueueError if the queue cannot join transactions.
   * @throws TypeError if it is a pool or a manager, whose statements may run outside of any transaction.
   */
  checkTransaction(transaction: QueueTransaction | undefined): void {
    if (transaction === undefined) return;
    if (!this.isTransactional) {
      throw new CallbackQueueError(
        `${this.title} cannot join a transaction: only postgresQueue() of nestjs-callbacks/postgres can. Fix: use that queue; or call insert() of sqliteQueue({ database }) in the transaction; or save the result of prepare() in the transaction, for a CallbackOutbox.`,
      );
    }
    if (isTransaction(transaction)) return;
    throw new TypeError(
      'The `transaction` of enqueue() must be the result of fromPg(), fromTypeOrm(), fromPrisma(), fromDrizzle() or fromKysely() of nestjs-callbacks/postgres, or an object literal { query(sql, values) }. Fix: enqueue(..., { transaction: fromTypeOrm(manager) }), for example.',
    );
  }

  async delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#open().delivery(id);
  }

  async deliveries(filter: DeliveryFilter, page: DeliveryPageRequest): Promise<DeliveryPage> {
    return this.#open().deliveries(filter, page);
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    return this.#open().retry(ids);
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    return this.#open().cancel(ids);
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    return this.#open().forget(ids);
  }

  async stats(): Promise<CallbackStats> {
    return this.#open().stats();
  }

  /** Starts or closes the queue, after whatever was begun before. */
  #change(run: () => Promise<void>): Promise<void> {
    const changing = this.#lifecycle.changed.then(run);
    this.#lifecycle.changed = changing.catch(() => undefined);
    return changing;
  }

  get #belongsToAnother(): boolean {
    return (this.#lifecycle.owner ?? this) !== this;
  }

  #open(): CallbackQueue {
    if (!this.#lifecycle.isClosed) return this.#queue;
    throw new CallbackQueueError(`${this.title} is closed. Fix: use it before the app has shut down.`);
  }
}

/**
 * Pools and managers of ORMs have a query() too, which may run outside of a transaction. They are instances of classes.
 */
function isTransaction(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && typeof Reflect.get(given, 'query') === 'function';
}
