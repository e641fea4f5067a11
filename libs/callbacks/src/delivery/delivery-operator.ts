import { CallbackQueueError } from '../errors/callback.errors.js';
import { isDeliveryId } from './callback-delivery.js';
import type { CallbackQueue } from './queue/callback-queue.js';
import { MAX_PAGE_SIZE, readDeliveryFilter, readPage } from './queue/deliveries.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
  DeliveryState,
  DeliverySummary,
} from './queue/deliveries.js';

/** The result of cancelling one delivery. */
export interface CancelledDelivery {
  readonly id: string;
  /** `cancelled`; `inFlight` if the outcome of its attempt decides; `delivered` or `failed` if it had already ended. */
  readonly state: DeliveryState;
}

/** Lists deliveries for operators, and changes one of them or all that match. */
export class DeliveryOperator {
  /** @param tellCancelled - notifies the listeners of a cancelled delivery. */
  constructor(
    private readonly queue: CallbackQueue,
    private readonly tellCancelled: (delivery: DeliverySummary) => Promise<void>,
  ) {}

  async list(options: DeliveryFilter & Partial<DeliveryPageRequest> = {}): Promise<DeliveryPage> {
    const { limit, cursor, ...filter } = options;
    return this.queue.deliveries(readDeliveryFilter(filter, 'deliveries()'), readPage({ limit, cursor }));
  }

  async find(id: string): Promise<DeliveryDetails | undefined> {
    return isDeliveryId(id) ? this.queue.delivery(id) : undefined;
  }

  stats(): Promise<CallbackStats> {
    return this.queue.stats();
  }

  async retryOne(id: string): Promise<void> {
    const { state } = await this.#get(id);
    if (state === 'inFlight' || (await this.queue.retry([id])).length > 0) return;
    const { state: now } = await this.#get(id);
    if (now === 'queued' || now === 'inFlight') return;
    throw new CallbackQueueError(
      `The ${now} delivery ${id} cannot be sent again, because its body was dropped. Fix: set keepBodies: true on the queue before it is delivered.`,
    );
  }

  retryAll(filter: DeliveryFilter): Promise<number> {
    return this.#changeAll(filter, 'retry()', ['queued', 'failed'], async (deliveries) => {
      return (await this.queue.retry(deliveries.map(({ id }) => id))).length;
    });
  }

  async cancelOne(id: string): Promise<CancelledDelivery> {
    const delivery = await this.#get(id);
    await this.#cancel([delivery]);
    return { id, state: (await this.#get(id)).state };
  }

  cancelAll(filter: DeliveryFilter): Promise<number> {
    return this.#changeAll(filter, 'cancel()', ['queued', 'inFlight'], (deliveries) => this.#cancel(deliveries));
  }

  async forgetOne(id: string): Promise<void> {
    const { state } = await this.#get(id);
    if ((await this.queue.forget([id])).length > 0) return;
    throw new CallbackQueueError(`The delivery ${id} has not ended: it is ${state}. Fix: cancel() it first.`);
  }

  forgetAll(filter: DeliveryFilter): Promise<number> {
    return this.#changeAll(filter, 'forget()', ['delivered', 'failed', 'cancelled'], async (deliveries) => {
      return (await this.queue.forget(deliveries.map(({ id }) => id))).length;
    });
  }

  /** @returns how many are cancelled, including those whose attempt in flight must fail first. */
  async #cancel(deliveries: readonly DeliverySummary[]): Promise<number> {
    const { cancelled, inFlight } = await this.queue.cancel(deliveries.map(({ id }) => id));
    const now = new Set(cancelled);
    // All at once, so that a listener that hangs delays the caller by its limit, and not by that of each delivery.
    await Promise.all(deliveries.filter(({ id }) => now.has(id)).map(this.tellCancelled));
    return cancelled.length + inFlight.length;
  }

  /** Works page by page, so that no call asks a queue for more than a page, and the event loop is not blocked. */
  async #changeAll(
    given: DeliveryFilter,
    caller: string,
    usualStates: readonly DeliveryState[],
    change: (deliveries: readonly DeliverySummary[]) => Promise<number>,
  ): Promise<number> {
    const filter = readDeliveryFilter(given, caller);
    if (Object.keys(filter).length === 0) {
      throw new TypeError(
        `${caller} needs an id or a filter that is not empty. Fix: add a state, or since: new Date(0).`,
      );
    }
    let count = 0;
    for (const state of filter.state === undefined ? usualStates : [filter.state]) {
      let cursor: string | undefined;
      do {
        const page = await this.queue.deliveries(
          { ...filter, state },
          { limit: MAX_PAGE_SIZE, ...(cursor !== undefined && { cursor }) },
        );
        if (page.deliveries.length > 0) count += await change(page.deliveries);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return count;
  }

  async #get(id: string): Promise<DeliveryDetails> {
    const delivery = await this.find(id);
    if (delivery) return delivery;
    // An id from a request can contain line breaks, and errors are logged.
    const which = isDeliveryId(id) ? `the delivery ${id}` : 'a delivery with this id';
    throw new CallbackQueueError(`The queue does not know ${which}. Fix: use an id that deliveries() lists.`, {
      code: 'CALLBACK_UNKNOWN_DELIVERY',
    });
  }
}
