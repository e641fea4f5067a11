import { contextOf, hostOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { ENDED_STATES, MAX_HISTORY } from './deliveries.js';
import type { DeliveryAttempt, DeliveryDetails, DeliveryFilter, DeliveryState, DeliverySummary } from './deliveries.js';
import type { QueueWorker } from './callback-queue.js';
import { MAX_RECEIVERS } from './lane-walker.js';

/** A delivery in memory, with its state. */
export class HeldDelivery {
  state: DeliveryState = 'queued';
  attempts = 0;
  /** Whether its attempt in flight is the last one. */
  isCancelled = false;
  updatedAt = Date.now();
  /** The time when it is due, in ms since 1970. */
  dueAt = Date.now();
  readonly #enqueuedAt = Date.now();
  #history: readonly DeliveryAttempt[] = [];
  #hasBody = true;
  #timer: NodeJS.Timeout | undefined;

  /** @param sequence - its number in the queue, which is the order of lists. */
  constructor(
    public delivery: CallbackDelivery,
    readonly sequence: number,
  ) {}

  get hasEnded(): boolean {
    return ENDED_STATES.has(this.state);
  }

  canRetry(): boolean {
    return this.#hasBody && this.state !== 'inFlight';
  }

  begin(): void {
    this.state = 'inFlight';
  }

  note(record: DeliveryAttempt): void {
    this.attempts++;
    this.#history = [...this.#history, record].slice(-MAX_HISTORY);
  }

  wait(delay: number, whenDue: () => void): void {
    this.#change('queued');
    this.dueAt = this.updatedAt + delay;
    this.#timer = setTimeout(whenDue, delay).unref();
  }

  stopWaiting(): void {
    clearTimeout(this.#timer);
  }

  /** Makes it due now: from the start if it has ended, otherwise for its next attempt. */
  restart(): void {
    this.stopWaiting();
    if (this.hasEnded) this.attempts = 0;
    this.#change('queued');
    this.dueAt = this.updatedAt;
  }

  end(state: 'delivered' | 'failed' | 'cancelled'): void {
    this.stopWaiting();
    this.#change(state);
  }

  dropBody(): void {
    const { body, ...request } = this.delivery.request;
    if (body === undefined) return;
    this.delivery = { ...this.delivery, request };
    this.#hasBody = false;
  }

  matches({ state, callback, host, key, since, until }: DeliveryFilter): boolean {
    const { delivery } = this;
    return (
      (state === undefined || state === this.state) &&
      (callback === undefined || callback === delivery.callback) &&
      (host === undefined || host === hostOf(delivery)) &&
      (key === undefined || key === delivery.key) &&
      (since === undefined || this.updatedAt >= since.getTime()) &&
      (until === undefined || this.updatedAt < until.getTime())
    );
  }

  summary(): DeliverySummary {
    const { id, callback, key, request } = this.delivery;
    const error = this.#history.at(-1)?.error;
    return {
      id,
      callback,
      ...(key !== undefined && { key }),
      ...contextOf(this.delivery),
      url: request.url,
      state: this.state,
      attempts: this.attempts,
      enqueuedAt: new Date(this.#enqueuedAt),
      updatedAt: new Date(this.updatedAt),
      ...(this.state === 'queued' && { nextAttemptAt: new Date(this.dueAt) }),
      ...(error !== undefined && { error }),
    };
  }

  details(): DeliveryDetails {
    const { body } = this.delivery.request;
    return { ...this.summary(), history: this.#history, ...(body !== undefined && { body }) };
  }

  #change(state: DeliveryState): void {
    this.state = state;
    this.isCancelled = false;
    this.updatedAt = Date.now();
  }
}

/** The due deliveries by receiver. The last served receiver is the last one. */
export class Lanes {
  readonly #lanes = new Map<string, Set<HeldDelivery>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(held: HeldDelivery): void {
    const { receiver } = held.delivery;
    const lane = this.#lanes.get(receiver) ?? new Set();
    this.#lanes.set(receiver, lane);
    if (!lane.has(held)) this.#count++;
    lane.add(held);
  }

  delete(held: HeldDelivery): void {
    const { receiver } = held.delivery;
    const lane = this.#lanes.get(receiver);
    if (!lane?.delete(held)) return;
    this.#count--;
    if (lane.size === 0) this.#lanes.delete(receiver);
  }

  clear(): void {
    this.#lanes.clear();
    this.#count = 0;
  }

  /** Takes as many deliveries as the worker has slots for, at most `free`. */
  take(worker: QueueWorker, free: number): HeldDelivery[] {
    const taken: HeldDelivery[] = [];
    for (let lanes = Math.min(this.#lanes.size, MAX_RECEIVERS); lanes > 0 && taken.length < free; lanes--) {
      const [receiver, lane] = this.#lanes.entries().next().value!;
      const end = taken.length + worker.acquire(receiver, Math.min(free - taken.length, lane.size));
      // A receiver with more deliveries is served again after all others.
      this.#lanes.delete(receiver);
      for (const held of lane) {
        if (taken.length === end) break;
        lane.delete(held);
        taken.push(held);
      }
      if (lane.size > 0) this.#lanes.set(receiver, lane);
    }
    this.#count -= taken.length;
    return taken;
  }

  oldestDueAt(): Date | undefined {
    let oldest = Infinity;
    for (const [first] of this.#lanes.values()) oldest = Math.min(oldest, first!.dueAt);
    return oldest === Infinity ? undefined : new Date(oldest);
  }
}
