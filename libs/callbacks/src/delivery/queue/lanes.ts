import type { QueueWorker } from './callback-queue.js';
import type { HeldDelivery } from './held-delivery.js';

/** The most receivers that are asked for at once, so that the event loop is blocked for a few ms at most. */
const MAX_RECEIVERS = 1_000;

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
